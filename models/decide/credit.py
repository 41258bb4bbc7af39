"""Which word on a duty is the one that counts: the earliest by evidence, once per assignment and stage (I13, sync.md §3.6).

Whichever is heard first: a word that was really earlier takes the place of another, also of the end of the assignment, as an
arrival made before the case was reassigned meets the duty it was made under (docs/decisions/0021).
"""

from __future__ import annotations

from msgspec.structs import replace

from models.case import Assignment, AssignmentRole, StageClock, Verdict
from models.decide.asked_time import ASKS, answered_later
from models.decide.desks import OFFICERS
from models.decide.separation import who_looked
from models.decide.situation import Situation
from models.decide.spoken import is_typed_word_of
from models.duty import Word
from models.events import ClockSet
from models.evidence import Moment, is_earlier
from models.policy import Stage
from models.stage_clock import (
    FACTS,
    TAKEN_AWAY,
    is_unfinished,
    judged,
    kindness,
    met_too,
    not_counted,
    stopped,
    with_another,
)

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
    credit(s, target, stage)
    s.settle_time_request(target.id)


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
    if clock is None or clock.stopped is None:
        return
    if clock.verdict is Verdict.NOT_COUNTED and clock.due_at is not None:
        return  # nobody is judged by it any more: the case is void, or was given back
    if clock.started_at is None or s.at.hi < clock.started_at:  # it may prove to have begun earlier
        s.emit(ClockSet(with_another(clock, Word(s.command.cmd_id, s.at))))
    elif _counts_before(clock, s.at, clock.stopped):
        s.emit(ClockSet(stopped(clock, s.at, s.command.cmd_id)))


def _credit(s: Situation, owed: Assignment, stage: Stage) -> None:
    owed = s.case.assignment(owed.id) or owed  # an act may meet two duties of one assignment
    gone = owed.ended in TAKEN_AWAY and owed.ended_at is not None and not was_before_the_end(s, owed)
    if owed.ended not in STILL_CREDITED or gone:
        return
    known = getattr(owed, FACTS[stage])
    clock = s.case.clock_of(owed.id, stage)
    if clock is None:
        if known is None or is_earlier(s.at, known):
            s.set_assignment(owed, **{FACTS[stage]: s.at})
        return
    heard = _with_word(s, clock, met=known is not None)
    if heard is clock:
        return
    if known is None:
        s.set_assignment(owed, **{FACTS[stage]: s.at})
    s.judge(heard)


def _with_word(s: Situation, clock: StageClock, met: bool) -> StageClock:
    """The clock with this act as a word on its duty; as it was where it ended before by something else than a word (`met` is False),
    or without a verdict, and this was not surely before."""
    typed = bool(s.args.on_behalf)
    if is_unfinished(clock) or clock.stopped is None:
        return s.stopped_now(clock, not typed)
    word = Word(s.command.cmd_id, s.at, typed)
    if clock.due_at is not None and (clock.verdict is Verdict.NOT_COUNTED or not met):
        return s.stopped_now(clock, not typed) if _was_before(s, clock, met) else clock
    is_known = clock.due_at is None and typed and clock.verdict is Verdict.NOT_COUNTED
    if is_known or (clock.ruled_by and (typed or not _counts_before(clock, s.at, clock.stopped))):
        return with_another(clock, word)
    if clock.ruled_by:
        ruled = Word(clock.stopped_by, clock.stopped)
        return replace(s.stopped_now(clock), others=(*clock.others, ruled))
    return met_too(clock, word)


def _was_before(s: Situation, clock: StageClock, met: bool) -> bool:
    """True when this act takes the place of what the clock ended by, which is no word that counts."""
    assert clock.stopped is not None
    before = s.at.hi <= clock.stopped.lo
    if clock.verdict is not Verdict.NOT_COUNTED:
        # It kept its lateness when the case was closed, and this may have been in time.
        kinder = not clock.ruled_by and _is_better(clock, s.at, clock.stopped)
        return kinder or (before and not s.args.on_behalf)
    if s.args.on_behalf or not met:
        return before  # said before the duty was taken away
    return _counts_before(clock, s.at, clock.stopped)


def _counts_before(clock: StageClock, one: Moment, other: Moment) -> bool:
    if clock.ruled_by:
        proved = clock.verdict is not Verdict.ON_TIME and judged(clock.due_at, one) is Verdict.ON_TIME
        return proved or is_earlier(one, other)
    return _order(clock, one) < _order(clock, other)


def _is_better(clock: StageClock, one: Moment, other: Moment) -> bool:
    """True when the duty, met at `one`, would be judged more kindly than met at `other`."""
    return kindness(clock.due_at, one) < kindness(clock.due_at, other)


def _order(clock: StageClock, at: Moment) -> tuple[int, int, int]:
    """Which of two own words counts, whichever is heard first: the one judged more kindly, then the earlier one."""
    return kindness(clock.due_at, at), at.hi, at.lo
