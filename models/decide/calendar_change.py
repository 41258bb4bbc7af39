"""What a changed calendar means for an open case (D13): running clocks are reckoned anew, stopped ones stay as they are."""

from __future__ import annotations

from msgspec.structs import replace

from models.case import AssignmentRole, Case, ClockState, StageClock
from models.decide.situation import Situation
from models.delivery import answers_since, gap_of
from models.events import ClockSet
from models.policy import Stage
from models.rules import Rules
from models.stage_clock import as_unsure_as, started


def clocks_moved(case: Case, rules: Rules) -> tuple[StageClock, ...]:
    """The running clocks whose start, due time, yellow or 暂定 the calendar in force puts elsewhere, as it puts them. Each
    keeps its limit, its policy, and the calendar it started under beside the new one."""
    found = []
    for clock in case.clocks:
        if clock.state is not ClockState.RUNNING:
            continue
        again = _reckoned(clock, case, rules)
        if _position(again) != _position(clock):
            found.append(replace(again, calendar_was=clock.calendar_was or clock.calendar))
    return tuple(found)


def recalculate(s: Situation) -> None:
    """The centre reckons the case's running clocks by the calendar now in force."""
    for clock in clocks_moved(s.case, s.rules):
        s.emit(ClockSet(clock))
    s.note(to=s.args.calendar, note=s.args.calendar_was)


def _reckoned(clock: StageClock, case: Case, rules: Rules) -> StageClock:
    """The clock as if it started by this calendar. One that waited for duty hours waits again from when its unit was
    told: the duty hours may have moved."""
    start_ms, kind = clock.started_at, clock.start_kind
    assert start_ms is not None
    clock, sent = _waiting_for_duty(clock, case, rules)
    given = case.assignment(clock.assignment)
    if kind == "duty_start" and given is not None:
        told = [
            (at.hi, word) for at, word in ((given.delivered_at, "delivered"), (given.notified_at, "notified")) if at
        ]
        off = answers_since(gap_of(given), rules, case.emergency)
        if off is not None:
            told.append((off[0], "switched_off"))
        start_ms, kind = min(told, default=(start_ms, kind))
        line = off[1] if off is not None and kind == "switched_off" else None
        if line is not None and line not in clock.pauses:
            clock = replace(clock, pauses=(line, *clock.pauses))  # what the line took since is nobody's
    return as_unsure_as(started(clock, start_ms, kind, rules, case.emergency), sent)


def _waiting_for_duty(clock: StageClock, case: Case, rules: Rules) -> tuple[StageClock, list[StageClock]]:
    """A town's hour that stands still until a unit it sent is on duty stands until the duty hours are now (docs/decisions/0007),
    also when that unit has given the case back since; and the clocks of those units by this calendar."""
    town = case.assignment(clock.assignment)
    if town is None or town.role is not AssignmentRole.TOWN or clock.stage is not Stage.ARRIVAL:
        return clock, []
    moved: dict[int | None, int | None] = {}
    sent = []
    ends = {pause.to_ms for pause in clock.pauses}
    for given in case.assignments:
        going = case.clock_of(given.id, Stage.ARRIVAL) if given.giver == town.receiver else None
        if going is not None and going.start_kind == "duty_start" and going.started_at in ends:
            sent.append(_reckoned(going, case, rules))
            moved[going.started_at] = sent[-1].started_at
    pauses = tuple(replace(pause, to_ms=moved.get(pause.to_ms, pause.to_ms)) for pause in clock.pauses)
    return replace(clock, pauses=pauses), sent


def _position(clock: StageClock) -> tuple[object, ...]:
    return clock.started_at, clock.due_at, clock.yellow_at, clock.provisional
