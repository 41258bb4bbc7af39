"""After a restore an act can come to the same as before and its clock not: the delivery that started the clock was lost and made
anew, or the instant of the act was bounded by when it came in (docs/decisions/0010).

Where the workstation told how the clock was judged before, that is compared. What the centre sees by itself is named whatever
is told: a clock that was started after the restore is another than the one that the lost act had stopped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from district.past import Restoration, restorations
from district.store import Connection
from district.store.documents import case_documents
from district.store.lost import clocks_told
from models.case import Case, StageClock, Verdict
from models.recovery import CLOCK_OTHERWISE, CLOCK_STARTED_ANEW, TIME_DOUBTFUL, WasClock
from models.wire import decode_case

_AT_ONCE = 200
_OPEN_YET = {Verdict.HELD.value, Verdict.UNRATIFIED.value}
"""A clock judged so had its verdict still to come: there is nothing to hold the present one against."""


class ClockDifference(msgspec.Struct, frozen=True):
    """Why an act is named (a code of models/recovery.py), the stage of the clock, how it was judged before ("" when nobody
    knows) and how it is now ("" when it is not)."""

    code: str
    stage: str
    was: str
    now: str


class Compared:
    """The clocks of acts that took effect again (rows of `decided_again`). `differing`: by act, the first that came out otherwise
    or cannot be shown to be the same; `uncompared`: how many other acts stopped a clock of which nothing was told."""

    def __init__(self, connection: Connection, back: Sequence[Any]) -> None:
        self.differing: dict[str, ClockDifference] = {}
        self.uncompared = 0
        if not back:
            return
        told = clocks_told(connection)
        past = restorations(connection)
        for row, case in _with_cases(connection, back):
            was = told.get(row.cmd_id, {})
            mine = {clock.id: clock for clock in case.clocks if row.cmd_id in (clock.stopped_by, clock.ruled_by)}
            found = _first(case, row.cmd_id, was, mine, _lost_at(past, row.epoch))
            if found is not None:
                self.differing[row.cmd_id] = found
            elif any(name not in was and clock.verdict is not Verdict.NOT_COUNTED for name, clock in mine.items()):
                self.uncompared += 1


def _with_cases(connection: Connection, back: Sequence[Any]) -> Iterator[tuple[Any, Case]]:
    ordered = sorted((row for row in back if row.case_id), key=lambda row: str(row.case_id))
    for start in range(0, len(ordered), _AT_ONCE):
        some = ordered[start : start + _AT_ONCE]
        ids = sorted({str(row.case_id) for row in some})
        cases = {case.id: case for case in map(decode_case, case_documents(connection, ids))}
        yield from ((row, cases[row.case_id]) for row in some if row.case_id in cases)


def _lost_at(past: list[Restoration], epoch: int) -> int:
    """When it was noticed that an act of that history was lost (ms UTC)."""
    return next((found.at_ms for found in past if found.epoch > epoch), 0)


def _first(
    case: Case, cmd_id: str, was: dict[str, WasClock], mine: dict[str, StageClock], lost_at: int
) -> ClockDifference | None:
    for name in sorted({*was, *mine}):
        clock, before = mine.get(name) or case.clock(name), was.get(name)
        known = before if before is not None and before.verdict not in _OPEN_YET else None
        code = _code(case, cmd_id, known, clock, lost_at)
        if code:
            stage = clock.stage.value if clock is not None else before.stage if before is not None else ""
            now = clock.verdict.value if clock is not None and clock.verdict is not None else ""
            return ClockDifference(code, stage, before.verdict if before is not None else "", now)
    return None


def _code(case: Case, cmd_id: str, was: WasClock | None, clock: StageClock | None, lost_at: int) -> str:
    """Why the clock is to be looked at; "" when it came out as before, or nothing speaks against that."""
    if clock is not None and _is_delivered_anew(case, cmd_id, clock, lost_at):
        runs_anew = clock.started_at is not None and clock.started_at >= lost_at
        if was is None or runs_anew or was.started_at != clock.started_at:
            return CLOCK_STARTED_ANEW
    if was is None:
        is_doubtful = clock is not None and clock.verdict is Verdict.DOUBTFUL
        return TIME_DOUBTFUL if is_doubtful else ""
    return "" if clock is not None and _is_as_before(was, clock) else CLOCK_OTHERWISE


def _is_delivered_anew(case: Case, cmd_id: str, clock: StageClock, lost_at: int) -> bool:
    """The delivery that the lost act had followed is not in the order, or in it after the restore or after the act itself."""
    if clock.stopped is None or cmd_id == clock.ruled_by:
        return False
    if clock.handed_on is not None:
        told = clock.handed_on.told_at
        return told >= lost_at or told > clock.stopped.hi
    given = case.assignment(clock.assignment)
    if given is None or cmd_id == given.ended_by:
        return False
    at = given.delivered_at
    return at is None or at.lo >= lost_at or at.lo > clock.stopped.hi


def _is_as_before(was: WasClock, clock: StageClock) -> bool:
    """Two persons may have ruled since on a time that was in doubt before: that is no difference."""
    verdict = clock.verdict.value if clock.verdict is not None else ""
    ruled_since = was.verdict == Verdict.DOUBTFUL.value and bool(clock.ruled_by)
    same_run = (was.started_at, was.due_at) == (clock.started_at, clock.due_at)
    return same_run and (verdict == was.verdict or ruled_since)
