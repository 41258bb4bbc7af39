"""When the clocks of an assignment begin: when its unit was told, at the earliest that is known (D6, D7).

Whichever is heard first: what proves that a unit was told earlier moves its clocks back, and what it has met since is judged anew
(docs/decisions/0021).
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from models.breach import BLAMELESS
from models.case import Assignment, AssignmentRole, Case, ClockState, RequestKind, StageClock, State, Verdict
from models.deadline import Pause
from models.decide.asked_time import MORE_TIME, asked_in_vain
from models.decide.credit import was_before_the_end
from models.decide.separation import who_looked
from models.decide.situation import Situation
from models.decide.spoken import is_typed_word_of
from models.delivery import answers_since, gap_of, told_at
from models.events import ClockSet, RequestSet
from models.organisation import DISTRICT_CODE
from models.policy import Stage
from models.stage_clock import (
    FACTS,
    TAKEN_AWAY,
    as_unsure_as,
    is_unfinished,
    judged_anew,
    met_by_the_best,
    not_counted,
    paused,
    reckoned,
    started,
    stopped,
    taken_away,
    waiting_with_lead,
    with_verdict,
)

AS_GIVEN = ("delivered", "notified", "switched_off")
"""How a clock begins that begins with its assignment."""

_WENT = ("", "closed", "reworked")
"""Ends of a lead's duty, if any, that leave it the unit the town had sent."""

_MET_BY_THE_END = ("merged", "transferred")
"""Ends of a town's duty by an act that its ten minutes are met by."""


def who_tells(case: Case, target: Assignment) -> tuple[str, ...]:
    """The units by whose answered call the assignment's clocks start."""
    return target.giver, target.receiver, case.town, DISTRICT_CODE


def told(s: Situation, target: Assignment) -> Assignment:
    """The unit knows of it by this act, whether its console has received it or not: by an answered call, by what it said on the
    telephone (代录), by its 签收. Nothing changes where it knew before."""
    target = s.case.assignment(target.id) or target
    known_ms = told_at(target)
    if known_ms is not None and known_ms <= s.at.hi:
        return target
    line = _line_of(s, target)
    target = s.set_assignment(target, notified_at=s.at)
    if line is not None:
        _line_was_shorter(s, target, line, _line_of(s, target))
    start_clocks(s, target, s.at.hi, "notified")
    return s.case.assignment(target.id) or target


def told_before_the_end(s: Situation) -> None:
    """What is heard when the duty is over: that its unit had been told of it while it lasted."""
    if s.kind == "case.first_response":
        told_by_first_response(s)
        return
    if s.kind == "case.log_call":
        told_by_call(s)
        return
    target = s.case.assignment(getattr(s.args, "assignment", ""))
    if target is None or _is_over(s, target):
        return
    spoke = getattr(s.args, "on_behalf", "")
    if {spoke, getattr(s.args, "handler", "")} & who_looked(s, target.round):
        return  # of whoever has checked the round nothing counts (D17)
    own = s.kind == "case.acknowledge" and s.actor.unit == target.receiver
    if own or (spoke and is_typed_word_of(s, target)):
        told(s, target)


def told_by_call(s: Situation) -> None:
    """An answered call about a duty that the unit had then, by a desk that answers for the case (D7)."""
    target = s.case.assignment(s.args.assignment)
    if target is None or _is_over(s, target) or s.actor.unit not in who_tells(s.case, target):
        return
    if s.args.result == "answered" and s.args.unit == target.receiver:
        told(s, target)


def told_by_first_response(s: Situation) -> None:
    """Whoever spoke on the telephone knew of what his unit had then: not of what it was given later."""
    for given in s.case.assignments:
        if _is_over(s, given) or s.at.hi < given.assigned_at.lo or s.args.on_behalf in who_looked(s, given.round):
            continue
        if is_typed_word_of(s, given):
            told(s, given)


def _is_over(s: Situation, given: Assignment) -> bool:
    return bool(given.ended) and not was_before_the_end(s, given)


def _line_of(s: Situation, given: Assignment) -> Pause | None:
    """What the line took after the unit's console was switched on again: nobody's (models/delivery.py)."""
    off = answers_since(gap_of(given), s.rules, s.case.emergency)
    return off[1] if off is not None else None


def _line_was_shorter(s: Situation, given: Assignment, was: Pause, now: Pause | None) -> None:
    """A call that is heard of later ended the gap: what stood still for the line runs from then."""
    for clock in s.case.clocks:
        if was in clock.pauses and clock.owner == given.receiver and clock.started_at is not None:
            pauses = tuple(pause for one in clock.pauses if (pause := now if one == was else one) is not None)
            again = reckoned(replace(clock, pauses=pauses), s.rules)
            if clock.assignment == given.id:
                _meet_anew(s, given, clock, again)
            else:
                s.judge(judged_anew(again))


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
            _meet_anew(s, assignment, clock, begun)
    if assignment.role is AssignmentRole.TOWN:
        _start_towns_dispatch(s, assignment, start_ms, start_kind, stood)
        _rest_with_the_sent(s, assignment.receiver)
    if assignment.role is AssignmentRole.LEAD:
        _rest_with_the_sent(s, assignment.giver)


def _begun(s: Situation, clock: StageClock, start_ms: int, start_kind: str, stood: Pause | None) -> StageClock:
    if stood is not None:
        clock = replace(clock, pauses=(stood, *clock.pauses))
    clock = waiting_with_lead(clock, s.case)
    if clock.assignment:
        stood_too = (p for p in _rulings(s, clock, start_ms) if not any(_covers(own, p) for own in clock.pauses))
        clock = replace(clock, pauses=(*stood_too, *clock.pauses))
    begun = started(clock, start_ms, start_kind, s.rules, s.case.emergency)
    moved = clock.calendar not in ("", begun.calendar)
    return replace(begun, calendar_was=clock.calendar_was or clock.calendar) if moved else begun


def _rulings(s: Situation, clock: StageClock, start_ms: int) -> Iterator[Pause]:
    """How long a clock stood still while the district considered, each time it has, also where it was not known to run yet. While
    it considers still, what was met stood until then; what runs: _stands_for_the_ruling."""
    met = clock.stopped.hi if clock.stopped is not None else None
    for considered in _considered(s):
        since, over = max(start_ms, considered.from_ms), considered.to_ms or met
        if over is not None and since < over:
            yield Pause(since, over)


def _considered(s: Situation) -> Iterator[Pause]:
    """Each time the district was asked for a ruling: every unit's clocks stood still, or still do."""
    for asked in s.case.requests:
        if asked.kind is RequestKind.RULING and asked.granted is None:
            yield Pause(asked.asked_at.lo)
        elif asked.kind is RequestKind.RULING:
            ends = (h.at.hi for h in s.case.history if h.kind in ("case.rule", "case.refuse_ruling"))
            # One that an older program has answered does not say until when.
            yield Pause(asked.asked_at.lo, asked.until or next((ms for ms in ends if ms >= asked.asked_at.lo), 0))


def _covers(one: Pause, other: Pause) -> bool:
    return one.from_ms <= other.from_ms and (one.to_ms is None or (other.to_ms or 0) <= one.to_ms)


def _meet_anew(s: Situation, given: Assignment, was: StageClock, begun: StageClock) -> None:
    """The clock judged by its new start. What was asked for in due time, and fell away as the result was in time by a later start,
    is asked for still."""
    s.judge(_met_anew(given, was, begun))
    clock = s.case.clock(was.id)
    if clock is None or clock.stage is not Stage.HANDLING or clock.ruled_by or given.ended in TAKEN_AWAY:
        return
    if clock.verdict not in (Verdict.LATE, Verdict.DOUBTFUL):
        return
    last = {r.kind: r for r in s.case.requests if r.assignment == given.id and r.kind in MORE_TIME}
    again = [r for kind, r in last.items() if asked_in_vain(s.case, given, kind)]
    for asked in again:
        s.emit(RequestSet(replace(asked, granted=None, beside="")))
    if again:
        s.emit(ClockSet(with_verdict(replace(clock, held=True), clock.verdict)))


def _met_anew(given: Assignment, was: StageClock, begun: StageClock) -> StageClock:
    """What was met before the centre heard that it had begun, or how early. A duty that ended without a word stays without verdict."""
    if given.ended in BLAMELESS:
        return begun if begun.stopped is None else not_counted(begun)
    if given.ended == "closed" and was.stopped_by == given.ended_by and was.stopped is not None:
        end = stopped(begun, was.stopped, was.stopped_by)  # what nobody met keeps its lateness
        return end if end.verdict in (Verdict.LATE, Verdict.DOUBTFUL, Verdict.HELD) else not_counted(end)
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


def _start_towns_dispatch(s: Situation, town: Assignment, start_ms: int, start_kind: str, stood: Pause | None) -> None:
    """The ten minutes of a town that was handed the case start with its hour, and are moved back with it. Those of a later
    cycle, which it received otherwise, stay."""
    clock = _first_dispatch(s.case, town)
    if clock is None or (clock.started_at is not None and clock.start_kind not in AS_GIVEN):
        return
    if clock.handed_on is not None or (clock.started_at is not None and clock.started_at <= start_ms):
        return
    begun = _begun(s, clock, start_ms, start_kind, stood)
    if clock.stopped is None:
        s.emit(ClockSet(begun))
    elif (clock.stopped_by != town.ended_by or town.ended in _MET_BY_THE_END) and start_ms < clock.stopped.hi:
        s.judge(judged_anew(begun) if clock.due_at is not None else met_by_the_best(begun))


def _first_dispatch(case: Case, town: Assignment) -> StageClock | None:
    """The ten minutes of the cycle that began when the town was handed the case."""
    _, _, given_in = town.cycle.rpartition("-")
    clock = case.clock(f"dispatch-{int(given_in) + 1}") if given_in else None
    return clock if clock is not None and clock.owner == town.receiver else None


def _rest_with_the_sent(s: Situation, town: str) -> None:
    """The hour of the town that sent units: it stood still until the duty hours of each, as they were told one after the other."""
    leads = (a for a in s.case.assignments if a.role is AssignmentRole.LEAD and a.giver == town)
    known = [(told_ms, a) for a in leads if (told_ms := told_at(a)) is not None]
    for told_ms, sent in sorted(known, key=lambda one: one[0]):
        _town_waits_for_duty(s, sent, told_ms)


def _town_waits_for_duty(s: Situation, lead: Assignment, told_ms: int) -> None:
    """The hour of a town that sent a unit which comes with the next duty hours stands still until then: what runs off
    duty goes by the roster of the unit that has to go (practice.md §3, docs/decisions/0007)."""
    towns = (a for a in reversed(s.case.assignments) if a.role is AssignmentRole.TOWN and a.ended in _WENT)
    town = next((a for a in towns if a.assigned_at.lo <= lead.assigned_at.hi), None)
    clock = s.case.clock_of(town.id, Stage.ARRIVAL) if town is not None else None
    going = s.case.clock_of(lead.id, Stage.ARRIVAL)
    if town is None or clock is None or going is None or clock.state is ClockState.WAITING:
        return
    if clock.stopped is not None and told_ms >= clock.stopped.lo:
        return
    if lead.giver != town.receiver or clock.started_at is None or going.started_at is None:
        return
    considered = tuple(p for p in clock.pauses if any(_covers(time, p) for time in _considered(s)))
    # Whoever was sent before goes no longer: his rest ends where this one is told.
    before = (p for p in clock.pauses if p.from_ms < told_ms and p not in considered)
    pauses = *(replace(p, to_ms=told_ms) if (p.to_ms or 0) > told_ms else p for p in before), *considered
    if going.start_kind == "duty_start":
        pauses = (Pause(told_ms, going.started_at), *pauses)
    standing = replace(clock, pauses=pauses)
    again = started(standing, clock.started_at, clock.start_kind, s.rules, s.case.emergency)
    again = as_unsure_as(again, (going,))
    if (again.pauses, again.provisional) != (clock.pauses, clock.provisional):
        s.judge(judged_anew(again))
