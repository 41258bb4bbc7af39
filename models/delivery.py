"""How an assignment reached its unit, and whose the time in between is (D6, practice.md §3).

Between sending and telling lies a gap. As far as the unit's console was running, the line was at fault: 传输延误, nobody's.
So was the giver's line until the centre heard of it. As far as the console was switched off in the unit's duty hours since then, the
unit answers for it: its clocks run as if it had been told then.
What lies outside the unit's duty hours, or of which nobody knows why, is nobody's either.
"""

from __future__ import annotations

import msgspec
from msgspec.structs import replace

from models.case import Assignment, AssignmentRole, Case, StageClock
from models.clock import MINUTE_MS
from models.rules import Rules
from models.stage_clock import started

SHOWN_FROM_MS = MINUTE_MS
"""A shorter way through the line is no delay worth a word."""

Span = tuple[int, int]
"""From and to, ms UTC; never empty."""


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


def switched_off(assignment: Assignment, rules: Rules, emergency: bool) -> Span | None:
    """The part of the gap in which the unit's console was off although somebody should have been there: from the first
    instant of duty after sending. Round the clock for emergencies and rostered units, in working hours for others."""
    told, awake = told_at(assignment), assignment.awake_at
    sent = _receivable_at(assignment)
    if told is None or awake is None or awake <= sent:
        return None
    owner = rules.organisations.get(assignment.receiver)
    around_the_clock = emergency or (owner is not None and owner.rostered)
    begin = sent if around_the_clock else rules.calendar.next_working_instant(sent)
    end = min(awake, told)
    return (begin, end) if begin < end else None


def _receivable_at(assignment: Assignment) -> int:
    """From when a console could have received it: what its giver's line took before is no console's."""
    return max(assignment.assigned_at.hi, assignment.heard_at or 0)


def on_the_line(assignment: Assignment) -> Span | None:
    """The part of the gap in which the unit's console was running, as far as is known: 传输延误."""
    told = told_at(assignment)
    if told is None:
        return None
    sent, awake = assignment.assigned_at.hi, assignment.awake_at or 0
    begin = awake if awake > _receivable_at(assignment) else sent
    return (begin, told) if begin < told else None


def delay_of(case: Case, clock: StageClock, rules: Rules) -> Delay | None:
    """The gap before a clock of an assignment, when there was one worth a word."""
    assignment = case.assignment(clock.assignment)
    if assignment is None or clock.started_at is None:
        return None
    line_ms, off_ms = _length(on_the_line(assignment)), _length(switched_off(assignment, rules, case.emergency))
    below_ms = 0
    if assignment.role is AssignmentRole.TOWN:
        sent = (a for a in case.assignments if a.giver == assignment.receiver and a.role is AssignmentRole.LEAD)
        below_ms = sum(_length(on_the_line(a)) for a in sent)
    if max(line_ms, off_ms, below_ms) < SHOWN_FROM_MS:
        return None
    told = told_at(assignment) or 0
    later = tuple(
        pause for pause in clock.pauses if pause.from_ms >= told
    )  # what stood still on the way is asked about
    as_sent = started(replace(clock, pauses=later), assignment.assigned_at.hi, "", rules, case.emergency)
    due = as_sent.due_at if line_ms >= SHOWN_FROM_MS else None
    return Delay(assignment.assigned_at.hi, _worth(line_ms), _worth(off_ms), _worth(below_ms), due)


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
