"""How a clock is made, started, stopped and judged (plan §四(三)(四), R4–R6, R43; D5, D6, D8, D15).

A start is taken at the late end of its interval and a stop judged by both ends: whoever is charged never loses by our
not knowing exactly.
"""

from __future__ import annotations

from collections.abc import Iterable

from msgspec.structs import replace

from models.case import Assignment, AssignmentRole, Case, ClockState, StageClock, Verdict
from models.deadline import Limit, Pause, deadline, runs_round_the_clock, yellow_at
from models.duty import Word
from models.evidence import Grade, Moment
from models.policy import NightRule, Stage
from models.rules import Rules

FACTS = {Stage.ARRIVAL: "arrived_at", Stage.OPINION: "opinion_at", Stage.HANDLING: "handled_at"}
"""The fact of an assignment that each of its duties is met by."""

TAKEN_AWAY = ("reassigned", "withdrawn", "returned")
"""Ends of an assignment after which the unit has no part in the case (sync.md §3.6): what was not surely done before meets
nothing."""


def waiting_clock(
    clock_id: str, stage: Stage, owner: str, rules: Rules, limit: Limit | None, assignment: str
) -> StageClock:
    """A clock that knows its limit and waits for its start. `limit` None takes the policy's, as it will be then."""
    rule = rules.policy.stage(stage)
    return StageClock(id=clock_id, stage=stage, owner=owner, limit=limit or rule.limit, assignment=assignment)


def started(clock: StageClock, start_ms: int, start_kind: str, rules: Rules, emergency: bool = False) -> StageClock:
    """The clock, running since `start_ms` under today's calendar and today's policy; one that ran already keeps its policy
    (D13). Only handling has a limit of its own (the category's, a ruling's), and what names its policy before.

    Off duty a clock under the roster rule starts when duty next starts, unless the case is an emergency or somebody of
    the owner is rostered (practice.md §3): shown as 次日08:00起计 by its start_kind "duty_start". Handling in hours that
    run at night starts with the arrival it presupposes, never before (docs/decisions/0004).
    """
    policy = rules.policy_of(clock.policy)
    rule = policy.stage(clock.stage)
    limit = clock.limit if clock.policy or clock.stage is Stage.HANDLING else rule.limit
    owner = rules.organisations.get(clock.owner)
    coming = clock.stage is Stage.HANDLING and runs_round_the_clock(limit.unit)
    night = policy.stage(Stage.ARRIVAL).night if coming else rule.night
    is_duty_unsure = False
    if night is NightRule.ROSTER and not emergency and not (owner is not None and owner.rostered):
        duty_ms = rules.calendar.next_working_instant(start_ms)
        is_duty_unsure = rules.calendar.is_provisional(start_ms, duty_ms)
        if duty_ms > start_ms:
            start_ms, start_kind = duty_ms, "duty_start"
    due = deadline(rules.calendar, start_ms, whole_limit(limit, clock.extensions), clock.pauses)
    return replace(
        clock,
        limit=limit,
        started_at=start_ms,
        start_kind=start_kind,
        due_at=due.due_ms,
        yellow_at=yellow_at(rules.calendar, start_ms, due.due_ms, limit, rule.yellow),
        provisional=due.provisional or is_duty_unsure,
        policy=policy.version,
        calendar=rules.calendar.version,
        photo_required=rule.photo_required,
    )


def whole_limit(limit: Limit, extensions: int) -> Limit:
    """The limit with what 延期 added to it: one original limit each time (domain.md §2)."""
    return replace(limit, amount=limit.amount * (1 + extensions)) if extensions else limit


def paused(clock: StageClock, at_ms: int) -> StageClock:
    """The running clock, standing still from `at_ms` (停计时)."""
    return replace(clock, pauses=(*clock.pauses, Pause(at_ms)))


def resumed(clock: StageClock, at_ms: int, rules: Rules) -> StageClock:
    """The paused clock, running again from `at_ms`: due and yellow move by as much of its own kind of time as it stood."""
    return reckoned(replace(clock, pauses=(*clock.pauses[:-1], replace(clock.pauses[-1], to_ms=at_ms))), rules)


def stood_until_met(clock: StageClock, since_ms: int, rules: Rules) -> StageClock:
    """The stopped clock, where it proves that it stood still from `since_ms` when its duty was met."""
    assert clock.stopped is not None
    stood = Pause(since_ms, clock.stopped.hi)
    return judged_anew(reckoned(replace(clock, pauses=(*clock.pauses, stood)), rules))


def reckoned(clock: StageClock, rules: Rules) -> StageClock:
    """The started clock with due and yellow as its start, its limit, its extensions and its pauses make them. A start that
    rests on duty hours which may still move goes on resting on them."""
    assert clock.started_at is not None
    due = deadline(rules.calendar, clock.started_at, whole_limit(clock.limit, clock.extensions), clock.pauses)
    rule = rules.policy_of(clock.policy).stage(clock.stage)
    return replace(
        clock,
        due_at=due.due_ms,
        yellow_at=yellow_at(rules.calendar, clock.started_at, due.due_ms, clock.limit, rule.yellow),
        provisional=due.provisional or (clock.provisional and runs_round_the_clock(clock.limit.unit)),
        calendar=rules.calendar.version,
    )


def waiting_with_lead(clock: StageClock, case: Case) -> StageClock:
    """A co-handler's handling clock that begins now, standing still where the lead, or one before it, was suspended (挂账): it could
    do nothing then either (docs/decisions/0008). Any other clock as it is."""
    given = case.assignment(clock.assignment)
    if clock.stage is not Stage.HANDLING or given is None or given.role is not AssignmentRole.CO:
        return clock
    waits = (pause for pause in _leads_standstill(case) if pause not in clock.pauses)
    return replace(clock, pauses=(*clock.pauses, *waits))


def _leads_standstill(case: Case) -> tuple[Pause, ...]:
    found = []
    for lead in case.assignments:
        clock = case.clock_of(lead.id, Stage.HANDLING)
        if lead.role is not AssignmentRole.LEAD or clock is None or lead.suspended_until is None:
            continue
        over_ms = at_work_until(lead)
        until = lead.suspended_until if over_ms is None else min(lead.suspended_until, over_ms)
        stood = (
            p for p in clock.pauses if p.to_ms is not None and p.to_ms >= lead.suspended_until and p.from_ms < until
        )
        found += [replace(pause, to_ms=until) for pause in stood]
    return tuple(found)


def at_work_until(given: Assignment) -> int | None:
    """When a unit handed in its result, or had the case no longer (ms UTC); None while it is at work."""
    over = [moment.hi for moment in (given.handled_at, given.ended_at) if moment is not None]
    return min(over, default=None)


def as_unsure_as(clock: StageClock, sent: Iterable[StageClock]) -> StageClock:
    """The clock, 暂定 also where it stands still until the duty hours of a unit that was sent (docs/decisions/0007), and these are."""
    unsure = {going.started_at for going in sent if going.start_kind == "duty_start" and going.provisional}
    rests = any(pause.to_ms in unsure for pause in clock.pauses)
    return replace(clock, provisional=clock.provisional or rests)


def judged(due_at: int | None, stopped: Moment) -> Verdict:
    """On time when surely before the due time, late when surely after, else doubtful (sync.md §3.7)."""
    if due_at is None:
        return Verdict.NOT_COUNTED
    if stopped.grade is Grade.CLAIMED:
        return Verdict.DOUBTFUL
    if stopped.hi <= due_at:
        return Verdict.ON_TIME
    return Verdict.LATE if stopped.lo > due_at else Verdict.DOUBTFUL


_RANK = (Verdict.ON_TIME, Verdict.DOUBTFUL, Verdict.LATE, Verdict.NOT_COUNTED)
"""How kindly a word on a duty is judged, the kindest first."""


def stopped(clock: StageClock, at: Moment, by: str, ratified: bool = True) -> StageClock:
    """The clock, met at `at` by act `by`. Typed for another (not ratified) it is judged only after 追认; what is late by a
    due time that was asked to be moved is judged when that is answered."""
    verdict = judged(clock.due_at, at) if ratified else Verdict.UNRATIFIED
    return with_verdict(replace(clock, stopped=at, stopped_by=by, ruled_by=""), verdict)


def met_too(clock: StageClock, word: Word) -> StageClock:
    """The stopped clock, where somebody else says too that the duty was met: by the word that counts."""
    again = with_another(clock, word)
    return clock if again is clock else met_by_the_best(again)


def with_another(clock: StageClock, word: Word) -> StageClock:
    """The stopped clock, where somebody else says too that the duty was met, and that does not count by the due time as it is."""
    known = any(_is_ahead(own, word) for own in _words(clock))
    return clock if known else replace(clock, others=(*clock.others, word))


def met_by_the_best(clock: StageClock) -> StageClock:
    """The stopped clock by the word that counts, whichever was heard first (docs/decisions/0021): the one that is judged most
    kindly, an own one before one that was typed for the unit (代录) and waits for its 追认, then the earliest."""
    return _met_by(clock, _words(clock))


def _words(clock: StageClock) -> tuple[Word, ...]:
    assert clock.stopped is not None
    return Word(clock.stopped_by, clock.stopped, clock.verdict is Verdict.UNRATIFIED), *clock.others


def _met_by(clock: StageClock, words: tuple[Word, ...]) -> StageClock:
    best = min(words, key=lambda word: _kindness(clock.due_at, word))
    others = tuple(word for word in words if word is not best and not any(_is_ahead(own, word) for own in words))
    return replace(stopped(clock, best.at, best.cmd_id, not best.typed), others=others)


def _is_ahead(own: Word, other: Word) -> bool:
    """True when the one counts before the other by any due time: there is no need to remember that one."""
    if own.typed or Grade.CLAIMED in (own.at.grade, other.at.grade):
        return False
    before = own.at.hi <= other.at.hi and own.at.lo <= other.at.lo
    return before and (own.at != other.at or (own.cmd_id < other.cmd_id or other.typed))


def _kindness(due_at: int | None, word: Word) -> tuple[int, bool, int, int]:
    typed = word.typed and due_at is not None  # nothing waits for the 追认 of what was never measured
    return kindness(due_at, word.at), typed, word.at.hi, word.at.lo


def first_word(case: Case, given: Assignment, stage: Stage) -> Moment | None:
    """The earliest that anybody said the duty was met, also where another word counts for it; None while nobody has."""
    known, clock = getattr(given, FACTS[stage]), case.clock_of(given.id, stage)
    words = clock.others if clock is not None else ()
    return None if known is None else min((known, *(word.at for word in words)), key=lambda at: at.lo)


def kindness(due_at: int | None, at: Moment) -> int:
    """How kindly a duty is judged that was met then: the lower, the kinder."""
    return _RANK.index(judged(due_at, at))


def judged_anew(clock: StageClock) -> StageClock:
    """The clock after its due time has moved. A ruling stands unless it was surely in time by the later due time."""
    if clock.stopped is None or clock.verdict is Verdict.NOT_COUNTED:
        return clock
    again = met_by_the_best(clock)
    return clock if clock.ruled_by and again.verdict is not Verdict.ON_TIME else again


def ratified(clock: StageClock, cmd_id: str) -> StageClock:
    """The clock, where the unit stands by that word which was typed for it (追认): what it met is judged now, by the word that counts.
    As it was where that word is none of its own."""
    if clock.stopped_by == cmd_id and clock.verdict is Verdict.UNRATIFIED and clock.stopped is not None:
        return _met_by(clock, (Word(cmd_id, clock.stopped), *clock.others))
    others = tuple(replace(word, typed=False) if word.cmd_id == cmd_id else word for word in clock.others)
    return clock if others == clock.others else judged_anew(replace(clock, others=others))


def with_verdict(clock: StageClock, verdict: Verdict) -> StageClock:
    """The stopped clock, judged. What a request for more time may still change for the better stays held; what was met in
    time needs no more of it."""
    if clock.held and verdict in (Verdict.LATE, Verdict.DOUBTFUL):
        return replace(clock, verdict=Verdict.HELD)
    return replace(clock, verdict=verdict, held=clock.held and verdict is Verdict.UNRATIFIED)


def let_go(clock: StageClock, at: Moment, by: str) -> StageClock:
    """The clock, ended without verdict: its duty was taken away (returned, reassigned, void …)."""
    return not_counted(replace(clock, stopped=at, stopped_by=by))


def taken_away(clock: StageClock, at: Moment, by: str) -> StageClock:
    """The clock of a duty that was taken away at `at`: it ends without verdict. So does one that was not surely met before, too
    late and heard of first (the console of whoever took it away was cut off): the duty was the unit's no more."""
    if is_unfinished(clock):
        return let_go(clock, at, by)
    if clock.stopped is None or clock.stopped.hi <= at.lo or clock.verdict is Verdict.ON_TIME:
        return clock
    before = tuple(word for word in clock.others if word.at.hi <= at.lo)
    if not before or clock.ruled_by or clock.verdict is Verdict.NOT_COUNTED:
        return not_counted(clock)
    return _met_by(clock, before)


def not_counted(clock: StageClock) -> StageClock:
    """The stopped clock without a verdict: it never was the unit's to meet, or nobody judges it any more."""
    return replace(clock, held=False, verdict=Verdict.NOT_COUNTED)


def led_before(case: Case, unit: str) -> bool:
    """True when the unit led an earlier round: of it no second first opinion is asked (practice.md §3)."""
    led = (a for a in case.assignments if a.receiver == unit and a.role is AssignmentRole.LEAD)
    return any(a.ended == "reworked" for a in led)


def owes_opinion(case: Case, lead: Assignment) -> bool:
    """True while the lead owes its first opinion (plan §四(三), R39)."""
    return lead.opinion_at is None and case.clock_of(lead.id, Stage.OPINION) is not None


def awaits_ratification(case: Case, assignment_id: str) -> bool:
    """True while a word typed for the unit (代录), which has not said 追认, is what a clock of the assignment stopped by, or the hour of
    the town that had sent the unit."""
    given = case.assignment(assignment_id)
    waiting = (k for k in case.clocks if k.verdict is Verdict.UNRATIFIED)
    return given is not None and any(k.assignment == given.id or _met_a_town(case, k, given) for k in waiting)


def _met_a_town(case: Case, clock: StageClock, sent: Assignment) -> bool:
    owed = case.assignment(clock.assignment)
    if owed is None or owed.role is not AssignmentRole.TOWN or owed.receiver != sent.giver:
        return False
    return any(step.cmd_id == clock.stopped_by and step.on_behalf in sent.handlers for step in case.history)


def is_late_anyhow(clock: StageClock) -> bool:
    """True when what the clock stopped by is a typed word that waits for its 追认, and would be late itself."""
    if clock.verdict is not Verdict.UNRATIFIED or clock.stopped is None:
        return False
    return judged(clock.due_at, clock.stopped) is Verdict.LATE


def is_unfinished(clock: StageClock) -> bool:
    """True while the clock waits or runs."""
    return clock.state is not ClockState.STOPPED
