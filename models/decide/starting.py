"""When the clocks of an assignment begin: when its unit was told, at the earliest that is known (D6, D7).

Whichever is heard first: what proves that a unit was told earlier moves its clocks back, and what it has met since is judged anew
(docs/decisions/0021).
"""

from __future__ import annotations

from msgspec.structs import replace

from models.case import Assignment, AssignmentRole, ClockState, RequestKind, StageClock, State, Verdict
from models.deadline import Pause
from models.decide.credit import was_before_the_end
from models.decide.situation import Situation
from models.decide.spoken import is_typed_word_of, keep_for_ratification
from models.delivery import answers_since, gap_of, told_at
from models.events import ClockSet
from models.policy import Stage
from models.stage_clock import (
    FACTS,
    TAKEN_AWAY,
    as_unsure_as,
    is_unfinished,
    judged_anew,
    met_by_the_best,
    paused,
    reckoned,
    started,
    taken_away,
    waiting_with_lead,
)

AS_GIVEN = ("delivered", "notified", "switched_off")
"""How a clock begins that begins with its assignment."""


def told(s: Situation, target: Assignment) -> Assignment:
    """The unit knows of it by this act, whether its console has received it or not: by an answered call, by what it said on the
    telephone (代录), by its 签收. Nothing changes where it knew before."""
    known_ms = told_at(target)
    if known_ms is not None and known_ms <= s.at.hi:
        return target
    line = _line_of(s, target)
    target = s.set_assignment(target, notified_at=s.at)
    if line is not None:
        _line_was_shorter(s, target, line, _line_of(s, target))
    start_clocks(s, target, s.at.hi, "notified")
    keep_for_ratification(s, target.id)
    return s.case.assignment(target.id) or target


def told_before_the_end(s: Situation) -> None:
    """What is heard when the duty is over: that its unit had been told of it while it lasted."""
    target = s.case.assignment(getattr(s.args, "assignment", ""))
    if target is None or not was_before_the_end(s, target):
        return
    if s.kind == "case.log_call":
        tells = s.args.result == "answered" and s.args.unit == target.receiver
    else:
        own = s.kind == "case.acknowledge" and s.actor.unit == target.receiver
        tells = own or (bool(getattr(s.args, "on_behalf", "")) and is_typed_word_of(s, target))
    if tells:
        told(s, target)


def _line_of(s: Situation, given: Assignment) -> Pause | None:
    """What the line took after the unit's console was switched on again: nobody's (models/delivery.py)."""
    gap = gap_of(given)
    off = answers_since(gap, s.rules, s.case.emergency) if gap is not None else None
    return off[1] if off is not None else None


def _line_was_shorter(s: Situation, given: Assignment, was: Pause, now: Pause | None) -> None:
    """A call that is heard of later ended the gap: what stood still for the line runs from then."""
    for clock in s.case.clocks:
        if was in clock.pauses and clock.owner == given.receiver and clock.started_at is not None:
            pauses = tuple(pause for one in clock.pauses if (pause := now if one == was else one) is not None)
            s.judge(judged_anew(reckoned(replace(clock, pauses=pauses), s.rules)))


def start_clocks(
    s: Situation, assignment: Assignment, start_ms: int, start_kind: str, stood: Pause | None = None
) -> None:
    """Start what waits on an assignment; a start that proves earlier moves a clock back (D6). `stood`: a stretch since then that is
    nobody's."""
    for clock in s.case.clocks:
        if clock.assignment != assignment.id:
            continue
        begun = _begun(s, clock, start_ms, start_kind, stood)
        assert begun.started_at is not None
        if clock.started_at is not None and begun.started_at >= clock.started_at:
            continue
        if is_unfinished(clock):
            s.emit(ClockSet(_stands_for_the_ruling(s, begun)))
        elif clock.stopped is not None and start_ms < clock.stopped.hi:  # else it was met before, and never measured
            s.judge(_met_anew(assignment, clock, begun))
    if assignment.role is AssignmentRole.TOWN:
        _start_towns_dispatch(s, assignment.receiver, start_ms, start_kind, stood)
        sent = s.case.lead  # it may have been told before the centre learns that the town was
        told_ms = told_at(sent) if sent is not None else None
        if sent is not None and told_ms is not None:
            _town_waits_for_duty(s, sent, told_ms)
    if assignment.role is AssignmentRole.LEAD:
        _town_waits_for_duty(s, assignment, start_ms)


def _begun(s: Situation, clock: StageClock, start_ms: int, start_kind: str, stood: Pause | None) -> StageClock:
    if stood is not None:
        clock = replace(clock, pauses=(stood, *clock.pauses))
    clock = waiting_with_lead(clock, s.case)
    begun = started(clock, start_ms, start_kind, s.rules, s.case.emergency)
    moved = clock.calendar not in ("", begun.calendar)
    return replace(begun, calendar_was=clock.calendar_was or clock.calendar) if moved else begun


def _met_anew(given: Assignment, was: StageClock, begun: StageClock) -> StageClock:
    """What was met before the centre heard that it had begun, or how early. A duty that ended without a word stays without verdict."""
    if was.verdict is Verdict.NOT_COUNTED and was.due_at is None and getattr(given, FACTS[was.stage]) == was.stopped:
        begun = met_by_the_best(begun)
    else:
        begun = judged_anew(begun)
    if given.ended in TAKEN_AWAY and given.ended_at is not None:
        begun = taken_away(begun, given.ended_at, given.ended_by)
    return begun


def _stands_for_the_ruling(s: Situation, clock: StageClock) -> StageClock:
    """A clock that has just begun, or begins earlier than was known: while the district considers it stands still."""
    asked = s.case.open_request(RequestKind.RULING) if s.case.state is State.AWAITING_RULING else None
    if asked is None or clock.started_at is None:
        return clock
    ended = tuple(p for p in clock.pauses if p.to_ms is not None)
    return paused(replace(clock, pauses=ended), max(clock.started_at, asked.asked_at.lo))


def _start_towns_dispatch(s: Situation, town: str, start_ms: int, start_kind: str, stood: Pause | None) -> None:
    """The ten minutes of a town that was handed the case start with its hour, and are moved back with it. Those of a later
    cycle, which it received otherwise, stay."""
    clock = s.dispatch_clock()
    if clock is None or clock.owner != town or (clock.started_at is not None and clock.start_kind not in AS_GIVEN):
        return
    if clock.handed_on is not None or (clock.started_at is not None and clock.started_at <= start_ms):
        return
    s.emit(ClockSet(_begun(s, clock, start_ms, start_kind, stood)))


def _town_waits_for_duty(s: Situation, lead: Assignment, told_ms: int) -> None:
    """The hour of a town that sent a unit which comes with the next duty hours stands still until then: what runs off
    duty goes by the roster of the unit that has to go (practice.md §3, docs/decisions/0007)."""
    town = s.case.town_assignment
    clock = s.case.clock_of(town.id, Stage.ARRIVAL) if town is not None else None
    going = s.case.clock_of(lead.id, Stage.ARRIVAL)
    if town is None or clock is None or going is None or clock.state is not ClockState.RUNNING:
        return
    if lead.giver != town.receiver or clock.started_at is None or going.started_at is None:
        return
    # Whoever was sent before goes no longer: his rest ends where this one is told.
    before = (p for p in clock.pauses if p.from_ms < told_ms)
    pauses = tuple(replace(p, to_ms=told_ms) if (p.to_ms or 0) > told_ms else p for p in before)
    if going.start_kind == "duty_start":
        pauses = (Pause(told_ms, going.started_at), *pauses)
    standing = replace(clock, pauses=pauses)
    again = started(standing, clock.started_at, clock.start_kind, s.rules, s.case.emergency)
    again = as_unsure_as(again, (going,))
    if (again.pauses, again.provisional) != (clock.pauses, clock.provisional):
        s.emit(ClockSet(again))
