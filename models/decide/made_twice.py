"""A decision that two desks of one level took, one of them cut off: it is one decision, and the earlier one counts.

What a desk decides ends a duty of its level: the ten minutes of a cycle, a confirmation, a lead's part in the case. It is about the one
that lasted when it was taken, also where the case has gone on since. Had another desk ended that by the same decision, the two are
one. Had the level decided otherwise, this is about what is over, and moves nothing that began later (docs/decisions/0021).
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec.structs import replace

from models.case import Assignment, AssignmentRole, Case, StageClock, Step, hands_of_round
from models.decide.begun_twice import considered_earlier
from models.decide.credit import credit_earlier
from models.decide.desks import CLERKS, own_assignments
from models.decide.dispatching import may_be_named
from models.decide.situation import Merged, Situation
from models.events import ClockSet
from models.evidence import is_earlier
from models.ids import name_of
from models.moves import MOVES, WITH_UNITS, Desk
from models.policy import Stage
from models.stage_clock import is_unfinished

ENDS = {
    "case.dispatch": Stage.DISPATCH,
    "case.decline": Stage.DISPATCH,
    "case.ask_supplement": Stage.DISPATCH,
    "case.merge": Stage.DISPATCH,
    "case.transfer_out": Stage.DISPATCH,
    "case.ask_ruling": Stage.DISPATCH,
    "case.rule": Stage.DISPATCH,
    "case.refuse_ruling": Stage.DISPATCH,
    "case.confirm": Stage.CONFIRM,
    "case.refuse_confirm": Stage.CONFIRM,
}
"""Decisions, and which duty of the level each ends."""

SENDS = ("case.dispatch", "case.rule")
"""Of these, which give the case to a unit; who has it by them tells whether two are one."""


def already_decided(s: Situation, wrong: str) -> None:
    """Merges what another desk of the level has decided as well, and refuses what is about a cycle that is over. `wrong`: why the desk
    may not decide on the case as it is now. Nothing happens where this is the first word on what is still to be decided."""
    if wrong in ("seconded_may_not", "unknown_case"):
        return
    if s.kind in ENDS and (not wrong or MOVES[s.kind].desk is Desk.LEVEL):
        _ended_before(s, wrong)
    if s.kind == "case.redispatch" and s.actor.has(*CLERKS):
        _taken_away_before(s, wrong)
    if s.kind == "case.add_co_handler" and s.actor.has(*CLERKS):
        _added_before(s)


def _ended_before(s: Situation, wrong: str) -> None:
    clock = _lasted_then(s, ENDS[s.kind])
    if clock is None or is_unfinished(clock) or not s.actor.has(*CLERKS):
        return
    if s.kind in SENDS:
        _sent_before(s, clock)
    elif _is_same(s, clock):
        if s.kind == "case.refuse_confirm":
            next_round_known_too(s, _round_of(clock))
        if s.kind == "case.ask_ruling":
            considered_earlier(s, clock.stopped_by)
        if s.kind == "case.confirm":
            _closed_before(s, clock.stopped_by)
        credit_earlier(s, clock.id)
        code = "already_closed" if s.kind == "case.confirm" else "decided_as_well"
        raise Merged(code, s.first_act((s.kind,)))
    if clock.stage is Stage.DISPATCH and clock.id != f"dispatch-{s.case.cycle}":
        _is_about_what_is_over(s, wrong, clock.stopped_by)


def _lasted_then(s: Situation, stage: Stage) -> StageClock | None:
    """The duty of this desk's level that it decided about: the last that had begun, and may have been known, by then."""
    own = (k for k in reversed(s.case.clocks) if k.stage is stage and k.owner == s.actor.unit)
    return next((k for k in own if k.opened_at is None or s.at.hi >= k.opened_at.lo), None)


def _is_same(s: Situation, clock: StageClock) -> bool:
    """True when the duty was ended by the same decision, of somebody of the level."""
    step = next((h for h in s.case.history if h.cmd_id == clock.stopped_by), None)
    if step is None or step.kind != s.kind or step.unit != s.actor.unit:
        return False
    if step.actor == s.actor.person and s.kind != "case.confirm":
        return False  # he knew of it
    if s.kind == "case.merge":
        return bool(s.case.duplicate_of == s.args.into)
    if s.kind == "case.transfer_out":
        return bool(s.case.transferred_to == s.args.to)
    return clock.stage is not Stage.CONFIRM or _may_judge(s, clock)


def _may_judge(s: Situation, clock: StageClock) -> bool:
    """Whoever confirms had no hand in that round and did not check it (D17)."""
    round_ = _round_of(clock)
    checks = (c for c in s.case.checks if c.round == round_)
    checked = {person for c in checks for person in (c.checker, c.entered_by, c.submitted_by)}
    return s.actor.person not in checked | hands_of_round(replace(s.case, round=round_))


def _round_of(clock: StageClock) -> int:
    return int(clock.id.rpartition("-")[2])


def _closed_before(s: Situation, by: str) -> None:
    """The case was closed by the earlier of two confirmations: what was not due by then is nobody's to meet."""
    if s.case.closed_at is None or not is_earlier(s.at, s.case.closed_at):
        return
    for given in s.case.assignments:
        if given.ended != "closed" or given.ended_by != by:
            continue
        s.set_assignment(given, ended="", ended_at=None, ended_by="")
        for clock in s.case.clocks:
            if clock.assignment == given.id and clock.stopped_by == by:
                s.emit(ClockSet(replace(clock, stopped=None, stopped_by="", verdict=None)))
    s.end_everything("closed", keep_verdicts=True)
    s.set_facts(closed_at=s.at)


def next_round_known_too(s: Situation, round_: int) -> None:
    """What the lead got by 返工 after that round is known by the name, too, that this act's own console gave to it."""
    again = next((a for a in s.case.assignments if a.role is AssignmentRole.LEAD and a.round == round_ + 1), None)
    if again is not None:
        known_too(s, again, 0)


def _sent_before(s: Situation, clock: StageClock) -> None:
    """派发 or 明确 by two desks: the same unit is the same act, another is refused and says who was first (sync.md §3.6)."""
    own = [a for a in s.case.assignments if a.giver == s.actor.unit and a.role is not AssignmentRole.CO]
    given = [a for a in own if a.cycle == clock.id or (not a.cycle and _is_since(a, clock))]
    same = next((a for a in given if a.receiver == s.args.to), None)
    if same is not None:
        credit_earlier(s, clock.id)
        _is_one_with(s, same, by_the_same=same is given[0])
    has = next((a for a in own if not a.ended), None)
    if has is not None and has.receiver == s.args.to:  # it was given later: this is no word on that
        raise Merged("already_dispatched", _first(s, has.receiver), unit=has.receiver)
    if has is not None:
        s.reject("already_dispatched_to", _first(s, has.receiver), unit=has.receiver, at=has.assigned_at.shown_at)


def _is_since(given: Assignment, clock: StageClock) -> bool:
    """What an older program has given does not say in which cycle: not before this one began, if that is known."""
    return clock.opened_at is None or given.assigned_at.hi >= clock.opened_at.lo


def _first(s: Situation, unit: str) -> str:
    return s.first_act(("case.dispatch", "case.redispatch", "case.rule"), unit)


def _taken_away_before(s: Situation, wrong: str) -> None:
    """改派 by two desks: to the same unit it is one act, and the earlier one ends the former lead's duty."""
    leads = [a for a in s.case.assignments if a.role is AssignmentRole.LEAD and a.giver == s.actor.unit]
    index = next((i for i in reversed(range(len(leads))) if s.at.hi >= leads[i].assigned_at.lo), None)
    if index is None:
        return
    led, after = leads[index], leads[index + 1 : index + 2]
    if after and led.ended == "reassigned" and after[0].receiver == s.args.to:
        _is_one_with(s, after[0])
    came_by_it = index > 0 and leads[index - 1].ended == "reassigned"
    if came_by_it and led.receiver == s.args.to and not _is_own(s, led):
        _is_one_with(s, led)
    if after:
        _is_about_what_is_over(s, wrong, led.ended_by)


def _is_one_with(s: Situation, given: Assignment, by_the_same: bool = True) -> None:
    """The act is one with that by which the unit has the case: it bears both names, what both took away ended by the earlier one, and
    co-handlers whom only this one named are there as well."""
    if by_the_same:
        for taken in s.case.assignments:
            if taken.ended_by and name_of(taken.ended_by) == _maker(given):
                s.end_earlier(taken)
    known_too(s, given, 0, by_the_same)
    left = [unit for index, unit in _named_here(s, given) if not _joins(s, given, index, unit)]
    if left:
        raise Merged("already_dispatched_alone", _first(s, given.receiver), unit=left[0])
    raise Merged("already_dispatched", _first(s, given.receiver), unit=given.receiver)


def known_too(s: Situation, given: Assignment, index: int, by_the_same: bool = True) -> None:
    """What was done under the name that this act's own console gave to the assignment is about that one, which its unit has had since the
    earlier of the two acts, where they are one."""
    if by_the_same:
        _since_the_earlier(s, given)
    given = s.case.assignment(given.id) or given
    name = s.new_id(index)
    if name not in (given.id, *given.also_known_as):
        s.set_assignment(given, also_known_as=(*given.also_known_as, name))


def _since_the_earlier(s: Situation, given: Assignment) -> None:
    """Given by the earlier of two acts. A console could have received it from when the other was heard."""
    if is_earlier(s.at, given.assigned_at):
        heard_ms = max(given.heard_at or 0, given.assigned_at.hi)
        s.set_assignment(given, assigned_at=s.at, heard_at=heard_ms)


def _named_here(s: Situation, lead: Assignment) -> Iterator[tuple[int, str]]:
    """The co-handlers this act made, each with its place among what it made: those it found on the case were there before."""
    by_both = (a for a in s.case.assignments if a.role is AssignmentRole.CO and _maker(a) != _maker(lead))
    found = {a.receiver for a in by_both if a.assigned_at.hi < s.at.lo and _lasted(s, a)}
    named = getattr(s.args, "co", ())
    yield from enumerate((unit for unit in named if unit not in found), start=1)


def _joins(s: Situation, lead: Assignment, index: int, unit: str) -> bool:
    """True when the co-handler is on the case, or is now: its clocks wait until it is told, as ever."""
    helping = _helping(s, unit)
    if helping is not None:
        known_too(s, helping, index)
        return True
    is_at_work = s.case.lead is not None and s.case.lead.id == lead.id and s.case.state in WITH_UNITS
    may = is_at_work and not own_assignments(s.case, unit) and may_be_named(s, lead.giver, unit)
    if may:
        s.assign(index, unit, AssignmentRole.CO, lead.limit, lead.giver)
    return may


def _added_before(s: Situation) -> None:
    """加协办 by two desks: the unit helps once."""
    helping = _helping(s, s.args.to)
    if helping is None or _is_own(s, helping):
        return
    known_too(s, helping, 0)
    raise Merged("already_has_it", s.first_act(("case.add_co_handler",), s.args.to), unit=s.args.to)


def _helping(s: Situation, unit: str) -> Assignment | None:
    """The part this desk gave to a co-handler, that it has or had still when this was done."""
    parts = (a for a in s.case.assignments if a.role is AssignmentRole.CO and a.giver == s.actor.unit)
    return next((a for a in parts if a.receiver == unit and _lasted(s, a)), None)


def _lasted(s: Situation, given: Assignment) -> bool:
    return given.ended_at is None or s.at.hi < given.ended_at.lo


def _is_about_what_is_over(s: Situation, wrong: str, by: str) -> None:
    """Refused, where the case as it is now would take it for a decision about what began later."""
    if not wrong and s.case.state in MOVES[s.kind].states:
        s.reject("decided_since", by)


def _is_own(s: Situation, given: Assignment) -> bool:
    """True when the same person gave it: he knew of it."""
    step = giving_step(s.case, given)
    return step is not None and step.actor == s.actor.person


def giving_step(case: Case, given: Assignment) -> Step | None:
    """The act that gave the assignment: its id begins with that act's name (Situation.new_id)."""
    return next((step for step in case.history if name_of(step.cmd_id) == _maker(given)), None)


def _maker(given: Assignment) -> str:
    return given.id.rpartition(".")[0]
