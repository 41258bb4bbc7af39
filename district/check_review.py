"""The review of two checks of one round that came to different results (sync.md §3.6): a district operator sees both side by side
and decides, on record in the one order. The refused check stays refused and the case where it stands."""

from __future__ import annotations

import msgspec

from district.journal import Journal
from district.store import Connection
from district.store.checks import RefusedCheck, refused_checks
from models.case import Case, Step
from models.check_review import CheckMade, CheckReviewBody, CheckToReview, ReviewCheck, is_reviewed
from models.commands import CheckOnSite
from models.errors import Refused
from models.evidence import Grade, Moment
from models.store.case_table import get_case
from models.wire import decode_command

_RESULTS = {"passed": True, "failed": False}


class _Pair(msgspec.Struct, frozen=True):
    case: Case
    told: CheckToReview


def waiting(connection: Connection, person: str) -> list[CheckToReview]:
    """What nobody has decided on yet, oldest first, as that operator sees it."""
    pairs = (_pair(connection, refused, person) for refused in refused_checks(connection))
    return [pair.told for pair in pairs if pair is not None and not is_reviewed(pair.case, pair.told.second.cmd_id)]


def decide(journal: Journal, wanted: CheckReviewBody, person: str) -> None:
    """One decision for each, under the order's lock. Refused: ("no_such_check"), ("already_reviewed"),
    ("own_check_not_reviewed"), ("reason_missing")."""
    if not wanted.reason.strip():
        raise Refused("reason_missing")
    connection = journal.source.connection
    refused = next((one for one in refused_checks(connection) if one.row.cmd_id == wanted.cmd_id), None)
    pair = _pair(connection, refused, person) if refused is not None else None
    if pair is None:
        raise Refused("no_such_check")
    if is_reviewed(pair.case, wanted.cmd_id):
        raise Refused("already_reviewed")
    if not pair.told.may_decide:
        raise Refused("own_check_not_reviewed")
    first = pair.told.first.cmd_id
    journal.observe(pair.case.id, ReviewCheck(wanted.cmd_id, first, wanted.decision, person, wanted.reason.strip()))


def _pair(connection: Connection, refused: RefusedCheck, person: str) -> _Pair | None:
    """The refused one beside the one that counts; None when the case has no such check (any more)."""
    row = refused.row
    case = get_case(connection, row.case_id)
    args = decode_command(row.body).args
    if case is None or not isinstance(args, CheckOnSite):
        return None
    first = _counted(case, refused.first, args.passed)
    if first is None:
        return None
    one = CheckMade(
        cmd_id=first.cmd_id,
        checker=first.to or first.actor,
        typed_by=first.actor,
        at=first.at,
        passed=_RESULTS[first.result],
        seen=first.note,
    )
    at = Moment(row.lo, row.hi, Grade(row.grade))
    two = CheckMade(row.cmd_id, args.checker, row.actor, at, args.passed, args.seen)
    hands = {one.checker, one.typed_by, two.checker, two.typed_by}
    received = int(row.received_at)
    told = CheckToReview(case.id, case.number, case.state.value, case.station, received, one, two, person not in hands)
    return _Pair(case, told)


def _counted(case: Case, by: str, passed: bool) -> Step | None:
    """The check that counts, for whose other result one that `passed` or not was refused: the act `by`, or, where an earlier version
    named a second word on it, the last one before that."""
    at = next((n for n, step in enumerate(case.history) if step.cmd_id == by), len(case.history) - 1)
    earlier = (step for step in reversed(case.history[: at + 1]) if step.kind == "case.check")
    return next((step for step in earlier if _RESULTS.get(step.result) is (not passed)), None)
