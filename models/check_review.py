"""Two checks of one round that came to different results: the first counts, the second is refused (`verified_already`), and a
district operator looks at both (sync.md §3.6). The act on record, and what an operator is told and asks."""

from __future__ import annotations

from typing import Annotated

import msgspec

from models.case import Case, Step
from models.evidence import Moment
from models.workstations import Why

STANDS, RECHECK = "stands", "recheck"
"""What may be decided: the first result stands; or somebody has to look there again. Neither moves the case: whose move it is,
sees it in the case's history."""

CHECK_DECISIONS = (STANDS, RECHECK)


class ReviewCheck(msgspec.Struct, frozen=True, tag="case.review_check"):
    """A district operator (`by`) looked at a refused check (`cmd_id`) beside the `first` one, which counts: one of
    CHECK_DECISIONS, and why. Acted by the district itself."""

    cmd_id: str
    first: str
    decision: str
    by: str
    reason: str


class CheckMade(msgspec.Struct, frozen=True):
    """One of the two: who stood there, who typed it, when, what was found."""

    cmd_id: str
    checker: str
    typed_by: str
    at: Moment
    passed: bool
    seen: str


class CheckToReview(msgspec.Struct, frozen=True):
    """A refused check that nobody has decided on yet, beside the one that counts. `state` is where the case stands now,
    `received_at` (ms UTC) when the refused one came in. `may_decide` is false for who made either."""

    case_id: str
    case_number: str
    state: str
    station: str
    received_at: int
    first: CheckMade
    second: CheckMade
    may_decide: bool


class ChecksToReview(msgspec.Struct, frozen=True):
    """All of them, oldest first."""

    checks: list[CheckToReview]
    now_ms: int


class CheckReviewBody(msgspec.Struct, frozen=True):
    """A decision on the refused check `cmd_id`: one of CHECK_DECISIONS, with a reason that stays on record."""

    cmd_id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    decision: Annotated[str, msgspec.Meta(pattern=f"^({'|'.join(CHECK_DECISIONS)})$")]
    reason: Why


def is_reviewed(case: Case, cmd_id: str) -> bool:
    """True when somebody has decided on that refused check: once is for good."""
    return any(step.kind == "case.review_check" and step.to == cmd_id for step in case.history)


def asked_again(case: Case) -> Step | None:
    """The review that says somebody has to look again, as long as nobody has."""
    for step in reversed(case.history):
        if step.kind == "case.review_check" and step.result == RECHECK:
            return step
        if step.kind == "case.check" and step.result in ("passed", "failed"):
            return None
    return None
