"""One act being judged: the case as it stands, who acts, when, under which rules; and the events gathered so far.

Every decider reads `case` (which already contains its own events) and adds more with `emit`. Nothing outside changes.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NoReturn

from msgspec.structs import replace

from models.breach import BLAMELESS
from models.case import (
    NO_RESULT,
    Assignment,
    AssignmentRole,
    Case,
    ClockState,
    Request,
    RequestKind,
    StageClock,
    State,
    Step,
    Verdict,
    clock_id,
    hands_of_round,
)
from models.commands import Command, kind_of
from models.deadline import LONGEST_LIMIT_AMOUNT, Limit
from models.decide.asked_time import spared
from models.delivery import SHOWN_FROM_MS
from models.events import AssignmentSet, ClockSet, Event, FactsSet, Noted, RequestSet, StateMoved
from models.evidence import Moment, is_earlier
from models.evolve import after_event
from models.ids import name_of
from models.people import Actor, Capacity
from models.policy import Stage
from models.rules import Rules
from models.stage_clock import (
    FACTS,
    TAKEN_AWAY,
    is_late_anyhow,
    is_unfinished,
    judged,
    led_before,
    let_go,
    not_counted,
    paused,
    reckoned,
    resumed,
    started,
    stood_until_met,
    stopped,
    taken_away,
    waiting_clock,
    with_verdict,
)

UNIT_STAGES = {
    AssignmentRole.TOWN: (Stage.ARRIVAL, Stage.OPINION),
    AssignmentRole.LEAD: (Stage.ARRIVAL, Stage.OPINION, Stage.HANDLING),
    AssignmentRole.CO: (Stage.ARRIVAL, Stage.HANDLING),
}
"""Which clocks an assignment of each role carries (practice.md §1.1). A rework round owes no second first opinion."""


def _carries_none(clock: StageClock, why: str) -> bool:
    """True when the clock, though its duty is met, carries no verdict as the case ends so: void, none does; out or merged, none of a
    unit's. That a unit had lost the case before makes no difference."""
    is_over = why in BLAMELESS or why in NO_RESULT
    return clock.verdict is not Verdict.NOT_COUNTED and is_over and (why == "void" or clock.assignment != "")


class Rejected(Exception):
    """The act is not allowed: nothing changes. `code` and `args_by_name` say why (worded in ui/)."""

    def __init__(self, code: str, by: str = "", **args_by_name: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.by = by
        self.args_by_name = args_by_name


class Merged(Exception):
    """The same duty was already done, by act `by`: kept as evidence, credited once."""

    def __init__(self, code: str, by: str = "", **args_by_name: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.by = by
        self.args_by_name = args_by_name


class Kept(Exception):
    """A testimony that may have no effect, and is kept all the same (sync.md §1): it stands in the history as
    "not_credited", and nothing else changes. `code` and `args_by_name` say why."""

    def __init__(self, code: str, **args_by_name: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.args_by_name = args_by_name


class Situation:
    """See the module's text. `at` is when the act happened, by evidence; `heard_ms` when the centre heard of it (ms UTC), None
    on a workstation, which cannot know."""

    def __init__(
        self, case: Case, command: Command, actor: Actor, rules: Rules, at: Moment, heard_ms: int | None = None
    ) -> None:
        self.case = case
        self.command = command
        self.args: Any = command.args
        self.actor = actor
        self.rules = rules
        self.at = at
        self.heard_ms = heard_ms
        self.events: list[Event] = []

    @property
    def kind(self) -> str:
        """The kind of the act."""
        return kind_of(self.args)

    def emit(self, event: Event) -> None:
        """Add an event and see its effect on `case` at once."""
        self.events.append(event)
        self.case = after_event(self.case, event)

    def reject(self, code: str, by: str = "", **args_by_name: str | int) -> NoReturn:
        """Refuse the act."""
        raise Rejected(code, by, **args_by_name)

    def note(
        self, to: str = "", note: str = "", result: str = "", on_behalf: str = "", claimed_at: int | None = None
    ) -> None:
        """Write the act into the history. A word typed for another (代录) waits for its 追认."""
        self.emit(
            Noted(
                Step(
                    cmd_id=self.command.cmd_id,
                    kind=kind_of(self.args),
                    actor=self.actor.person,
                    unit=self.actor.unit,
                    at=self.at,
                    to=to,
                    note=note,
                    result=result,
                    capacity="seconded" if self.actor.capacity is Capacity.SECONDED else "",
                    on_behalf=on_behalf,
                    claimed_at=claimed_at,
                    ratified=False if on_behalf else None,
                    device=self.command.device,
                )
            )
        )

    def move(self, to: State) -> None:
        """Put the case into another state."""
        if self.case.state is not to:
            self.emit(StateMoved(to))

    def set_facts(self, **values: object) -> None:
        """Change plain fields of the case."""
        if values:
            self.emit(FactsSet(values))

    def set_assignment(self, assignment: Assignment, **changes: Any) -> Assignment:
        """Record facts of an assignment; returns it as it is now."""
        changed = replace(assignment, **changes) if changes else assignment
        self.emit(AssignmentSet(changed))
        return changed

    def new_id(self, index: int) -> str:
        """An id for the index-th assignment this act makes: the same on every machine that folds it."""
        return f"{name_of(self.command.cmd_id)}.{index}"

    # Clocks

    def reaches(self, unit: str) -> int:
        """From when a unit may have what this act hands on to it: at once at the own desk, at another not before the centre
        heard of it. What lies between is the line's and nobody's (D6); too short to be told, it is none."""
        late = self._came_late() and unit != self.actor.unit
        return self.heard_ms if self.heard_ms is not None and late else self.at.hi

    def _came_late(self) -> bool:
        return self.heard_ms is not None and self.heard_ms - self.at.hi >= SHOWN_FROM_MS

    def open_dispatch_cycle(
        self, owner: str, start_ms: int | None, start_kind: str, limit: Limit | None = None
    ) -> None:
        """A new dispatch cycle at a level; its ten minutes (or `limit`) run from `start_ms`, or wait for delivery when
        None."""
        cycle = self.case.cycle + (1 if any(c.stage is Stage.DISPATCH for c in self.case.clocks) else 0)
        self.set_facts(cycle=cycle, level=owner)
        clock = waiting_clock(f"dispatch-{cycle}", Stage.DISPATCH, owner, self.rules, limit, "")
        clock = replace(clock, opened_at=self.at)
        if limit is not None:
            clock = replace(clock, policy=self.rules.policy.version)  # as one that runs: its limit is its own
        if start_ms is not None:
            clock = started(clock, start_ms, start_kind, self.rules, self.case.emergency)
        self.emit(ClockSet(clock))

    def dispatch_clock(self) -> StageClock | None:
        """The ten minutes of the current cycle, unless they are over."""
        clock = self.case.clock(f"dispatch-{self.case.cycle}")
        return clock if clock is not None and is_unfinished(clock) else None

    def stop_dispatch(self) -> None:
        """The current ten minutes are met now (dispatch, transfer, decline or 退回补充: D6)."""
        clock = self.dispatch_clock()
        if clock is not None:
            self.emit(ClockSet(stopped(clock, self.at, self.command.cmd_id)))

    def assign(self, index: int, to: str, role: AssignmentRole, limit: Limit | None, giver: str) -> Assignment:
        """Give the case to a unit: a new assignment with its clocks waiting for delivery or an answered call (D6)."""
        if limit is not None and not 1 <= limit.amount <= LONGEST_LIMIT_AMOUNT:
            self.reject("limit_out_of_range", most=LONGEST_LIMIT_AMOUNT)
        made = Assignment(
            id=self.new_id(index),
            giver=giver,
            receiver=to,
            role=role,
            round=self.case.round,
            assigned_at=self.at,
            cycle=f"dispatch-{self.case.cycle}",
            limit=limit,
            heard_at=self.heard_ms if self._came_late() else None,
        )
        self.emit(AssignmentSet(made))
        for stage in UNIT_STAGES[role]:
            if stage is Stage.OPINION and role is AssignmentRole.LEAD and led_before(self.case, to):
                continue
            own_limit = limit if stage is Stage.HANDLING else None
            self.emit(ClockSet(waiting_clock(clock_id(made.id, stage), stage, to, self.rules, own_limit, made.id)))
        return made

    def stopped_now(self, clock: StageClock, ratified: bool = True) -> StageClock:
        """The clock, met by this act. Met while it stood still, it stood until now."""
        if clock.is_paused:
            clock = resumed(clock, self.at.hi, self.rules)
        return stopped(clock, self.at, self.command.cmd_id, ratified)

    def judge(self, clock: StageClock) -> None:
        """The clock as it is judged now; where the duty was met, with its fact as the word that counts has it."""
        given = self.case.assignment(clock.assignment)
        if given is not None and clock.stage is Stage.HANDLING:
            clock = spared(self.case, given, clock)
        if clock.stopped is not None and _carries_none(clock, self.case.close_kind):
            clock = not_counted(clock)
        if given is not None and clock.stopped_by and clock.stopped_by == given.ended_by:
            clock = not_counted(clock) if clock.verdict is Verdict.ON_TIME else clock  # that it ended is no deed
        self.emit(ClockSet(clock))
        if given is None or clock.stopped is None or clock.stopped_by == given.ended_by:
            return
        fact = FACTS[clock.stage]
        if getattr(given, fact) not in (None, clock.stopped):
            self.set_assignment(given, **{fact: clock.stopped})

    def pause_units(self) -> None:
        """The clocks of every assignment stand still from now on: the move is the district's. What was met after that, and heard of
        before, stood still until it was met."""
        for clock in self.case.clocks:
            if not clock.assignment or clock.is_paused:
                continue
            if clock.state is ClockState.RUNNING:
                self.emit(ClockSet(paused(clock, self.at.lo)))
            elif clock.due_at is not None and clock.stopped is not None and self.at.lo < clock.stopped.hi:
                self.judge(stood_until_met(clock, self.at.lo, self.rules))

    def resume_units(self) -> None:
        """What stood still runs again, its due time moved by as long as it stood."""
        for clock in self.case.clocks:
            if clock.state is ClockState.RUNNING and clock.is_paused:
                self.emit(ClockSet(resumed(clock, self.reaches(clock.owner), self.rules)))

    def end_assignment(self, assignment: Assignment, why: str) -> None:
        """An assignment is over before its duty was met: `why` as in models/case.py."""
        for clock in self.case.clocks:
            if clock.assignment != assignment.id or (why == "reworked" and not is_unfinished(clock)):
                continue  # a round that is over takes away nothing that was met in it
            taken = taken_away(clock, self.at, self.command.cmd_id)
            if taken is not clock:
                self.judge(taken)
        self.end_standstill(assignment)
        self._ended(self.case.assignment(assignment.id) or assignment, why)
        self.close_return(assignment.id, granted=True)

    def end_earlier(self, assignment: Assignment) -> None:
        """The duty was taken away, and had been before, as is heard only now: by this act."""
        if assignment.ended not in (*TAKEN_AWAY, "closed") or assignment.ended_at is None:
            return
        if not is_earlier(self.at, assignment.ended_at):
            return
        why = "withdrawn" if assignment.ended == "closed" else assignment.ended
        self.set_assignment(assignment, ended=why, ended_at=self.at)
        for clock in self.case.clocks:
            if clock.assignment == assignment.id:
                by_the_end = clock.stopped_by == assignment.ended_by
                self.judge(not_counted(clock) if by_the_end else taken_away(clock, self.at, self.command.cmd_id))
        self.settle_time_request(assignment.id)

    def end_standstill(self, suspended: Assignment) -> int:
        """What stands still up to the date of a 挂账 runs again: the unit's own clock, and those of the co-handlers that waited
        with it; each unit's when it may have heard so. Returns when the suspended one's does."""
        until = suspended.suspended_until or 0
        for clock in self.case.clocks:
            ended_ms = self.reaches(clock.owner)
            stands = clock.state is ClockState.RUNNING and any(p.to_ms == until for p in clock.pauses)
            if stands and ended_ms < until:
                pauses = tuple(replace(p, to_ms=ended_ms) if p.to_ms == until else p for p in clock.pauses)
                self.emit(ClockSet(reckoned(replace(clock, pauses=pauses), self.rules)))
        return min(until, self.reaches(suspended.receiver))

    def ask(self, kind: RequestKind, reason: str, **told: Any) -> Request:
        """Ask somebody to decide: an open request, named after this act. `told`: what else it says."""
        asked = {"asked_by": self.actor.person, "unit": self.actor.unit, "asked_at": self.at, "reason": reason, **told}
        request = Request(id=self.command.cmd_id, kind=kind, **asked)
        self.emit(RequestSet(request))
        return request

    def close_return(self, assignment_id: str, granted: bool) -> None:
        """An open 退单 of the assignment is settled by what happens to the assignment itself."""
        asked = self.case.return_request(assignment_id)
        if asked is not None:
            self.emit(RequestSet(replace(asked, granted=granted)))

    def settle_time_request(self, assignment_id: str) -> None:
        """Requests for more time fall away when their clock needs none any more: met in time, or let go."""
        clock = self.case.clock_of(assignment_id, Stage.HANDLING)
        for asked in self.case.time_requests(assignment_id) if clock is None or not clock.held else ():
            self.emit(RequestSet(replace(asked, granted=False)))

    def end_everything(self, why: str, keep_verdicts: bool) -> None:
        """The case ends: every assignment is over. A duty nobody met keeps its lateness when the case is closed, and waits for an
        answer that is still out; what was not due yet, and everything when it is void or out, is let go."""
        for clock in self.case.clocks:
            if is_unfinished(clock):
                end = self.stopped_now(clock)
                kept = keep_verdicts and end.verdict in (Verdict.LATE, Verdict.DOUBTFUL, Verdict.HELD)
                self.emit(ClockSet(end if kept else let_go(clock, self.at, self.command.cmd_id)))
            elif self._was_met_after(clock) if keep_verdicts else _carries_none(clock, why):
                self.emit(ClockSet(not_counted(clock)))
                self.settle_time_request(clock.assignment)
            elif is_late_anyhow(clock) and not self._is_taken_away(clock):
                self.emit(ClockSet(with_verdict(clock, Verdict.LATE)))  # by that word, or without it
        for assignment in self.case.assignments:
            if not assignment.ended:
                self._ended(assignment, why)
                self.close_return(assignment.id, granted=False)

    def _is_taken_away(self, clock: StageClock) -> bool:
        given = self.case.assignment(clock.assignment)
        return given is not None and given.ended in TAKEN_AWAY

    def _was_met_after(self, clock: StageClock) -> bool:
        """True when a late result came after the case had ended with the duty not due yet, as is heard only now, or perhaps did: before
        the end it was in time."""
        given = self.case.assignment(clock.assignment)
        if given is None or given.ended or clock.stopped is None or clock.due_at is None:
            return False
        late = clock.verdict in (Verdict.LATE, Verdict.DOUBTFUL, Verdict.HELD)
        if clock.verdict is Verdict.UNRATIFIED:
            late = judged(clock.due_at, clock.stopped) is not Verdict.ON_TIME
        return late and self.at.hi <= clock.due_at and self.at.lo < clock.stopped.hi

    def _ended(self, assignment: Assignment, why: str) -> None:
        if why in BLAMELESS:
            for clock in self.case.clocks:
                if clock.assignment == assignment.id and clock.verdict not in (None, Verdict.NOT_COUNTED):
                    self.emit(ClockSet(not_counted(clock)))
        if assignment.role is AssignmentRole.CO:  # its duty went on through rework
            assignment = replace(assignment, round=self.case.round)
        assignment = self.set_assignment(assignment, ended=why, ended_at=self.at, ended_by=self.command.cmd_id)
        charged = self.case.clock_of(assignment.id, Stage.HANDLING)
        if charged is not None and (now := spared(self.case, assignment, charged)) is not charged:
            self.emit(ClockSet(now))
        self.settle_time_request(assignment.id)

    # Who did what

    def hands_of_round(self) -> frozenset[str]:
        """Everybody who handled this round, or typed another's result (代录): they may neither check nor confirm (D17)."""
        return hands_of_round(self.case)

    def checkers_of_round(self, round_: int = 0) -> frozenset[str]:
        """Everybody who has looked, typed what was seen or submitted it, in a round; in the present one when none is said."""
        check = next((c for c in reversed(self.case.checks) if c.round == (round_ or self.case.round)), None)
        looked = () if check is None or check.passed is None else (check.checker, check.entered_by, check.submitted_by)
        return frozenset(looked) - {""}

    def first_act(self, kinds: Iterable[str], assignment_to: str = "") -> str:
        """The id of the latest act of these kinds in the history, "" when there is none: who was first."""
        wanted = set(kinds)
        for step in reversed(self.case.history):
            if step.kind in wanted and (not assignment_to or assignment_to in (step.to, step.unit)):
                return step.cmd_id
        return ""
