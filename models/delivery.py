"""How a duty reached its unit, and whose the time in between is (D6, practice.md §3): an assignment, or what is handed on to the
next desk without one (a report to dispatch, a result to check, a check to confirm).

Between sending and telling lies a gap. As far as the unit's console was running, the line was at fault: 传输延误, nobody's.
So was the giver's line until the centre heard of it. As far as the console was switched off in the unit's duty hours since then, the
unit answers for it: its clocks run as if it had been told then.
What lies outside the unit's duty hours, or of which nobody knows why, is nobody's either.
"""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from models.case import Assignment, AssignmentRole, Case, ClockState, StageClock, Verdict
from models.clock import MINUTE_MS
from models.deadline import Pause
from models.rules import Rules
from models.stage_clock import started

SHOWN_FROM_MS = MINUTE_MS
"""A shorter way through the line is no delay worth a word."""

Span = tuple[int, int]
"""From and to, ms UTC; never empty."""


class Gap(msgspec.Struct, frozen=True):
    """From sending to telling. `receivable_at`: from when a console of `receiver` could have received it: what the giver's line took
    before is no console's. `awake_at`: since when the console it came to had been running, None when that is not known."""

    receiver: str
    sent_at: int
    receivable_at: int
    told_at: int
    awake_at: int | None


class Delay(msgspec.Struct, frozen=True):
    """What the screens say of the gap before one clock. Lengths in ms. `line_ms`: 传输延误; `off_ms`: switched off in duty
    hours; `below_ms`: of a town's clock, the 传输延误 on the way from the town to the units it sent. `due_if_sent_at`: when
    the clock would have been due had the assignment arrived as it was sent."""

    sent_at: int
    line_ms: int = 0
    off_ms: int = 0
    below_ms: int = 0
    due_if_sent_at: int | None = None


def told_at(assignment: Assignment) -> int | None:
    """When the unit knew, at the latest: the earlier of delivery and an answered call; None while it knows nothing."""
    known = [moment.hi for moment in (assignment.delivered_at, assignment.notified_at) if moment is not None]
    return min(known, default=None)


def gap_of(assignment: Assignment) -> Gap | None:
    """The gap before an assignment; None while its unit knows nothing."""
    told = told_at(assignment)
    if told is None:
        return None
    sent = assignment.assigned_at.hi
    return Gap(assignment.receiver, sent, max(sent, assignment.heard_at or 0), told, assignment.awake_at)


def gap_before(clock: StageClock, case: Case) -> Gap | None:
    """The gap before a clock: of its assignment, or on the way to its desk."""
    way = clock.handed_on
    if way is not None:
        return Gap(clock.owner, way.sent_at, way.sent_at, way.told_at, way.awake_at)
    assignment = case.assignment(clock.assignment)
    return gap_of(assignment) if assignment is not None else None


def took_a_while(clock: StageClock, now_ms: int) -> bool:
    """True when a duty handed on without an assignment reaches its desk so late that it is worth a word: its clock, started when
    it was handed on, has been running for a minute."""
    is_asked = awaits_its_desk(clock) and clock.handed_on is None
    return is_asked and clock.started_at is not None and now_ms - clock.started_at >= SHOWN_FROM_MS


def awaits_its_desk(clock: StageClock) -> bool:
    """True while it matters when the desk received a duty that was handed on without an assignment: it runs, or was met too late by
    an act of the desk that was heard before the centre knew that it had come there (docs/decisions/0021)."""
    met_late = clock.verdict in (Verdict.LATE, Verdict.DOUBTFUL)
    return not clock.assignment and (clock.state is ClockState.RUNNING or met_late)


def switched_off(gap: Gap, rules: Rules, emergency: bool) -> Span | None:
    """The part of the gap in which the unit's console was off although somebody should have been there: from the first
    instant of duty after sending. Round the clock for emergencies and rostered units, in working hours for others."""
    if gap.awake_at is None or gap.awake_at <= gap.receivable_at:
        return None
    owner = rules.organisations.get(gap.receiver)
    around_the_clock = emergency or (owner is not None and owner.rostered)
    begin = gap.receivable_at if around_the_clock else rules.calendar.next_working_instant(gap.receivable_at)
    end = min(gap.awake_at, gap.told_at)
    return (begin, end) if begin < end else None


def answers_since(gap: Gap | None, rules: Rules, emergency: bool) -> tuple[int, Pause | None] | None:
    """From when its unit answers for the gap, with what the line took since, which is nobody's; None when it does not, or when
    there is none."""
    if gap is None:
        return None
    off, line = switched_off(gap, rules, emergency), on_the_line(gap)
    return None if off is None else (off[0], Pause(*line) if line is not None else None)


def on_the_line(gap: Gap) -> Span | None:
    """The part of the gap in which the unit's console was running, as far as is known: 传输延误."""
    awake = gap.awake_at or 0
    begin = awake if awake > gap.receivable_at else gap.sent_at
    return (begin, gap.told_at) if begin < gap.told_at else None


def delay_of(case: Case, clock: StageClock, rules: Rules) -> Delay | None:
    """The gap before a clock, when there was one worth a word."""
    gap = gap_before(clock, case)
    if gap is None or clock.started_at is None:
        return None
    line_ms, off_ms = _length(on_the_line(gap)), _length(switched_off(gap, rules, case.emergency))
    below_ms = _below_ms(case, clock)
    if max(line_ms, off_ms, below_ms) < SHOWN_FROM_MS:
        return None
    later = tuple(p for p in clock.pauses if p.from_ms >= gap.told_at)  # what stood still on the way is asked about
    as_sent = started(replace(clock, pauses=later), gap.sent_at, "", rules, case.emergency)
    due = as_sent.due_at if line_ms >= SHOWN_FROM_MS else None
    return Delay(gap.sent_at, _worth(line_ms), _worth(off_ms), _worth(below_ms), due)


def _below_ms(case: Case, clock: StageClock) -> int:
    """How much of a town's clock the line to the units took that it sent."""
    town = case.assignment(clock.assignment)
    if town is None or town.role is not AssignmentRole.TOWN:
        return 0
    sent = (a for a in case.assignments if a.giver == town.receiver and a.role is AssignmentRole.LEAD)
    return sum(_length(on_the_line(gap)) for a in sent if (gap := gap_of(a)) is not None)


def missed_by_the_line(clock: StageClock, delay: Delay, now_lo: int) -> bool:
    """True when the unit would be late by when the assignment was sent, and is not by when it was told."""
    if delay.due_if_sent_at is None or clock.due_at is None:
        return False
    at = clock.stopped.lo if clock.stopped is not None else now_lo
    end = clock.stopped.hi if clock.stopped is not None else now_lo
    return at > delay.due_if_sent_at and end <= clock.due_at


def _length(span: Span | None) -> int:
    return span[1] - span[0] if span is not None else 0


def _worth(length_ms: int) -> int:
    return length_ms if length_ms >= SHOWN_FROM_MS else 0
