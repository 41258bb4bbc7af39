"""Which word on a duty is the one that counts: the earliest by evidence, once per assignment and stage (I13, sync.md §3.6).

Whichever is heard first: a word that was really earlier takes the place of another, also of the end of the assignment, as an
arrival made before the case was reassigned meets the duty it was made under (docs/decisions/0021).
"""

from __future__ import annotations

from models.case import Assignment, AssignmentRole, StageClock, Verdict
from models.decide.asked_time import ASKS, answered_later, asked_in_vain
from models.decide.desks import OFFICERS
from models.decide.separation import who_looked
from models.decide.situation import Situation
from models.decide.spoken import is_typed_word_of
from models.events import ClockSet
from models.evidence import Moment, is_earlier
from models.policy import Stage
from models.stage_clock import awaits_ratification, is_unfinished, judged, not_counted, stopped

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

TAKEN_AWAY = ("reassigned", "withdrawn", "returned")
"""Ends of an assignment after which the unit has no part in the case (sync.md §3.6): what was not surely done before meets
nothing."""


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
    if s.kind not in LATE_WORDS or target is None:
        return
    stage, roles = LATE_WORDS[s.kind]
    own = target.receiver == s.actor.unit and s.actor.has(*OFFICERS) and not s.args.on_behalf
    if target.role not in roles or not (own or is_typed_word_of(s, target)):
        return
    lasted = target.role is AssignmentRole.CO  # through every round up to its end
    looked = who_looked(s, target.round) if lasted else s.checkers_of_round(target.round)
    if looked & {s.actor.person, s.args.on_behalf} or (s.kind == "case.feedback" and target.arrived_at is None):
        return
    target = _with_hands(s, target, stage, looked)
    if s.kind == "case.feedback":
        credit(s, target, Stage.OPINION)  # which a result is too when none was given earlier
    if stage is Stage.HANDLING:
        _credit_handling(s, s.case.assignment(target.id) or target)
    else:
        credit(s, target, stage)
    s.settle_time_request(target.id)
    if s.args.on_behalf and awaits_ratification(s.case, target.id):
        s.set_assignment(s.case.assignment(target.id) or target, may_ratify=True)


def was_before_the_end(s: Situation, given: Assignment) -> bool:
    """True when this was surely done while the unit still had the duty that is over now."""
    return given.ended_at is not None and s.at.hi <= given.ended_at.lo


def _with_hands(s: Situation, target: Assignment, stage: Stage, looked: frozenset[str]) -> Assignment:
    """Who did it had a hand in the round, also where his unit has given it back since and no duty is left (D17)."""
    named = (s.actor.person, *((spoke,) if (spoke := s.args.on_behalf) else ()), *getattr(s.args, "handlers", ()))
    hands = tuple(dict.fromkeys((*target.handlers, *(n for n in named if n not in looked))))
    if hands != target.handlers:
        target = s.set_assignment(target, handlers=hands)
    done = stage is Stage.HANDLING and target.ended == "returned" and target.handled_at is None
    if done and was_before_the_end(s, target):
        target = s.set_assignment(target, handled_at=s.at)
    return target


def _credit_handling(s: Situation, target: Assignment) -> None:
    """A duty that went to another charges nobody by a result that is heard later: more time may have been asked for, which nobody
    answers any more. Of a co-handler, whose late result also counts before the lead's, that it was is known."""
    was = s.case.clock_of(target.id, Stage.HANDLING)
    credit(s, target, Stage.HANDLING)
    now = s.case.clock_of(target.id, Stage.HANDLING)
    if was is None or now is None or was.verdict is not Verdict.NOT_COUNTED or now.verdict is Verdict.ON_TIME:
        return
    if target.role is AssignmentRole.LEAD or asked_in_vain(s.case, target):
        s.emit(ClockSet(was))


def spare_who_had_asked(s: Situation, target: Assignment) -> None:
    """More time was asked for while there was some, and that is heard of after the duty went to another: nobody answers any more, so
    a result that came later charges nobody."""
    clock = s.case.clock_of(target.id, Stage.HANDLING)
    if clock is None or clock.stopped is None or clock.due_at is None or clock.ruled_by:
        return
    in_time = s.at.lo <= min(clock.due_at, clock.stopped.hi)
    if answered_later(s.case, target, ASKS[s.kind], s.at) is not None:
        return  # it was asked for, and somebody did answer
    if in_time and clock.verdict in (Verdict.LATE, Verdict.DOUBTFUL):
        s.emit(ClockSet(not_counted(clock)))


def credit_earlier(s: Situation, clock_id: str) -> None:
    """A second dispatch or confirmation of the same thing that was really earlier."""
    clock = s.case.clock(clock_id)
    if clock is None or clock.stopped is None or clock.started_at is None or s.at.hi < clock.started_at:
        return
    if _counts_before(clock, s.at, clock.stopped):
        s.emit(ClockSet(stopped(clock, s.at, s.command.cmd_id)))


def _credit(s: Situation, owed: Assignment, stage: Stage) -> None:
    owed = s.case.assignment(owed.id) or owed  # an act may meet two duties of one assignment
    gone = owed.ended in TAKEN_AWAY and owed.ended_at is not None and not was_before_the_end(s, owed)
    if owed.ended not in STILL_CREDITED or gone:
        return
    fact = FACTS[stage]
    known = getattr(owed, fact)
    clock = s.case.clock_of(owed.id, stage)
    if clock is not None and not _takes(s, clock, met=known is not None):
        return
    if known is None or clock is not None or is_earlier(s.at, known):
        s.set_assignment(owed, **{fact: s.at})
    if clock is not None:
        s.emit(ClockSet(s.stopped_now(clock, not s.args.on_behalf)))


def _counts_before(clock: StageClock, one: Moment, other: Moment) -> bool:
    if clock.ruled_by:
        proved = clock.verdict is not Verdict.ON_TIME and judged(clock.due_at, one) is Verdict.ON_TIME
        return proved or is_earlier(one, other)
    return _order(clock, one) < _order(clock, other)


_RANK = (Verdict.ON_TIME, Verdict.DOUBTFUL, Verdict.LATE, Verdict.NOT_COUNTED)


def _is_better(clock: StageClock, one: Moment, other: Moment) -> bool:
    """True when the duty, met at `one`, would be judged more kindly than met at `other`."""
    return _order(clock, one)[0] < _order(clock, other)[0]


def _order(clock: StageClock, at: Moment) -> tuple[int, int, int]:
    """Which of two own words counts, whichever is heard first: the one judged more kindly, then the earlier one."""
    return _RANK.index(judged(clock.due_at, at)), at.hi, at.lo


def _takes(s: Situation, clock: StageClock, met: bool) -> bool:
    """True when this act is the one the clock is judged by. As long as a typed word (代录) waits for its 追认 it is no evidence: the
    unit's own word stands before it, unless what was typed would be judged more kindly; whichever was heard first."""
    if is_unfinished(clock) or clock.stopped is None:
        return True
    if clock.due_at is None:
        return not s.args.on_behalf and is_earlier(s.at, clock.stopped)  # met before it ran, and never measured
    if s.args.on_behalf and clock.verdict is Verdict.NOT_COUNTED:
        return s.at.hi <= clock.stopped.lo  # said before the duty was taken away
    if s.args.on_behalf:
        return not clock.ruled_by and clock.verdict is not Verdict.UNRATIFIED and _is_better(clock, s.at, clock.stopped)
    if clock.verdict is Verdict.UNRATIFIED:
        return not _is_better(clock, clock.stopped, s.at)
    if not met:
        return s.at.hi <= clock.stopped.lo
    return _counts_before(clock, s.at, clock.stopped)
