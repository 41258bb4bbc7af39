"""Which word on a duty is the one that counts: the earliest by evidence, once per assignment and stage (I13, sync.md §3.6).

A duty is met by the first testimony. A second one that was really earlier takes its place, also when the first was only
the end of the assignment: an arrival made before the case was reassigned meets the duty it was made under.
"""

from __future__ import annotations

from models.case import Assignment, AssignmentRole, StageClock, Verdict
from models.decide.desks import OFFICERS
from models.decide.separation import who_looked
from models.decide.situation import Situation
from models.events import ClockSet
from models.evidence import is_earlier
from models.policy import Stage
from models.stage_clock import is_unfinished, judged, stopped

FACTS = {Stage.ARRIVAL: "arrived_at", Stage.OPINION: "opinion_at", Stage.HANDLING: "handled_at"}
"""The fact of an assignment that each of its duties is met by."""

LATE_WORDS = {
    "case.arrive": (Stage.ARRIVAL, (AssignmentRole.LEAD, AssignmentRole.CO)),
    "case.give_opinion": (Stage.OPINION, (AssignmentRole.LEAD,)),
    "case.handled": (Stage.HANDLING, (AssignmentRole.CO,)),
    "case.feedback": (Stage.HANDLING, (AssignmentRole.LEAD,)),
}
"""Testimonies that may still meet a duty whose assignment is over, and of which roles."""

STILL_CREDITED = frozenset({"", "reassigned", "withdrawn", "reworked", "closed"})
"""Ends of an assignment that leave its duties as they were; a void, merged or returned one has none."""


def credit(s: Situation, target: Assignment, stage: Stage) -> None:
    """The unit has done it, at `s.at`: its duty is met, and that of the town that sent it (practice.md §1.4)."""
    _credit(s, target, stage)
    if stage is Stage.HANDLING:
        return
    for town in s.case.assignments:
        if town.role is not AssignmentRole.TOWN or town.receiver != target.giver or town.id == target.id:
            continue
        over = target.ended_at is not None and target.ended_at.hi <= town.assigned_at.hi
        if not over and s.at.hi >= town.assigned_at.lo:  # else it came for a duty the town had earlier
            _credit(s, town, stage)


def credit_before_the_end(s: Situation) -> None:
    """A testimony about an assignment that is over: it meets the duty if it was surely made before the end. Whoever made it is
    one of the hands; of somebody who has checked that round it meets nothing (D17)."""
    target = s.case.assignment(getattr(s.args, "assignment", ""))
    if s.kind not in LATE_WORDS or target is None or s.args.on_behalf:
        return
    stage, roles = LATE_WORDS[s.kind]
    if target.role not in roles or target.receiver != s.actor.unit or not s.actor.has(*OFFICERS):
        return
    lasted = target.role is AssignmentRole.CO  # through every round up to its end
    looked = who_looked(s, target.round) if lasted else s.checkers_of_round(target.round)
    if s.actor.person in looked or (s.kind == "case.feedback" and target.arrived_at is None):
        return
    target = _with_hands(s, target, stage, looked)
    if s.kind == "case.feedback":
        _credit_result(s, target)
    else:
        credit(s, target, stage)
    s.settle_time_request(target.id)


def _with_hands(s: Situation, target: Assignment, stage: Stage, looked: frozenset[str]) -> Assignment:
    """Who did it had a hand in the round, also where his unit has given it back since and no duty is left (D17)."""
    named = (s.actor.person, *getattr(s.args, "handlers", ()))
    hands = tuple(dict.fromkeys((*target.handlers, *(n for n in named if n not in looked))))
    if hands != target.handlers:
        target = s.set_assignment(target, handlers=hands)
    done = stage is Stage.HANDLING and target.ended == "returned" and target.handled_at is None
    if done and target.ended_at is not None and s.at.hi <= target.ended_at.lo:
        target = s.set_assignment(target, handled_at=s.at)
    return target


def _credit_result(s: Situation, lead: Assignment) -> None:
    """A result is the first opinion too when none was given earlier. A duty that went to another charges nobody by a result that is
    heard later: perhaps more time had been asked for."""
    credit(s, lead, Stage.OPINION)
    was = s.case.clock_of(lead.id, Stage.HANDLING)
    credit(s, s.case.assignment(lead.id) or lead, Stage.HANDLING)
    now = s.case.clock_of(lead.id, Stage.HANDLING)
    if (
        was is not None
        and was.verdict is Verdict.NOT_COUNTED
        and now is not None
        and now.verdict is not Verdict.ON_TIME
    ):
        s.emit(ClockSet(was))


def credit_earlier(s: Situation, clock_id: str) -> None:
    """A second dispatch or confirmation of the same thing that was really earlier."""
    clock = s.case.clock(clock_id)
    if clock is None or clock.stopped is None or clock.started_at is None or s.at.hi < clock.started_at:
        return
    if is_earlier(s.at, clock.stopped):
        s.emit(ClockSet(stopped(clock, s.at, s.command.cmd_id)))


def _credit(s: Situation, owed: Assignment, stage: Stage) -> None:
    if owed.ended not in STILL_CREDITED:
        return
    fact = FACTS[stage]
    known = getattr(owed, fact)
    clock = s.case.clock_of(owed.id, stage)
    if clock is not None and not _takes(s, clock, met=known is not None):
        return
    if known is None or is_earlier(s.at, known):
        s.set_assignment(owed, **{fact: s.at})
    if clock is not None:
        s.emit(ClockSet(s.stopped_now(clock, not s.args.on_behalf)))


def _takes(s: Situation, clock: StageClock, met: bool) -> bool:
    """True when this act is the one the clock is judged by. A typed word (代录) displaces nothing; and as long as it waits for
    its 追认 it is no evidence, so it does not stand before the unit's own word, when that was in time."""
    if is_unfinished(clock) or clock.stopped is None:
        return True
    if s.args.on_behalf:
        return False
    if clock.verdict is Verdict.UNRATIFIED and judged(clock.due_at, s.at) is Verdict.ON_TIME:
        return True
    return is_earlier(s.at, clock.stopped) if met else s.at.hi <= clock.stopped.lo
