"""What revoked workstations handed in, and what a person decided about it: the act on record, and what an operator is told
and asks (sync.md §3.9, docs/decisions/0015)."""

from __future__ import annotations

from typing import Annotated

import msgspec

from models.workstations import Why

MOST_AT_ONCE = 200
"""Acts one decision may name, and acts a list shows: as many as one push may bring."""

Hash = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$")]


class ReviewQuarantined(msgspec.Struct, frozen=True, tag="case.review_quarantined"):
    """A district operator (`by`) decided on an act (`cmd_id`, chain hash `hash`) that a revoked `device` had handed in: it was
    `admitted`, and stands in the order just before this entry, or declined, and is judged by nobody. Acted by the district
    itself."""

    cmd_id: str
    hash: str
    device: str
    admitted: bool
    by: str
    reason: str


class ApartAct(msgspec.Struct, frozen=True):
    """One act kept apart. `made_at` (ms UTC) is what its workstation's wall clock said; `is_signed`: with that workstation's
    key; `joins`: its chain leads back to what the centre has of that workstation. `decision`: "" none yet, "admitted" or
    "declined", then by whom, when and why. `outcome` and `code`: what the centre's order says of the act's id, "" when it has
    not got it; `through` is the workstation it came through when that was another one."""

    hash: str
    cmd_id: str
    dseq: int
    actor: str
    kind: str
    case_id: str
    case_number: str
    made_at: int
    received_at: int
    is_signed: bool
    joins: bool
    decision: str = ""
    decided_by: str = ""
    decided_at: int | None = None
    reason: str = ""
    outcome: str = ""
    code: str = ""
    through: str = ""

    @property
    def may_be_admitted(self) -> bool:
        """True when nothing but a person's word stands between it and the order."""
        return not self.decision and self.is_signed and self.joins


class Apart(msgspec.Struct, frozen=True):
    """What lies apart of one workstation: how many acts `wait` for a decision and how many are decided, and of these the first
    MOST_AT_ONCE, undecided ones before the others, each in the order of the chain. `revoked_by` may not admit."""

    device: str
    unit: str
    slot: str
    revoked_at: int | None
    revoked_by: str
    why: str
    waiting: int
    decided: int
    acts: list[ApartAct]
    now_ms: int


class ReviewBody(msgspec.Struct, frozen=True):
    """A decision on acts of one workstation, named by their chain hashes, with a reason that stays on record."""

    device: str
    hashes: Annotated[list[Hash], msgspec.Meta(min_length=1, max_length=MOST_AT_ONCE)]
    admit: bool
    reason: Why


class ReviewDone(msgspec.Struct, frozen=True):
    """What was admitted came to, as [cmd_id, outcome, code, place in the order]; how many acts were decided on now (those
    decided so before count no more)."""

    decided: int
    known: list[tuple[str, str, str, int]]
    now_ms: int
