"""Dispatch, 转办, 改派, co-handlers, returns, delivery and calls (plan §四(三)(四), R27, R39, R43, R44; D5–D7, D18)."""

from __future__ import annotations

from msgspec.structs import replace

from models.case import Assignment, AssignmentRole, Case, RequestKind, StageClock, State
from models.deadline import Limit
from models.decide.desks import own_assignments
from models.decide.intake import answer_request
from models.decide.returned import rule_on_returns
from models.decide.separation import must_not_have_checked
from models.decide.situation import Merged, Situation
from models.decide.spoken import check_speaker
from models.decide.starting import start_clocks, told, told_by_call
from models.delivery import answers_since, gap_before, gap_of, took_a_while
from models.duty import HandedOn
from models.events import ClockSet
from models.moves import WITH_UNITS
from models.organisation import DISTRICT_CODE, OrganisationKind
from models.policy import Stage
from models.stage_clock import first_word, judged_anew, let_go, started


def dispatch(s: Situation) -> None:
    """派发 to a unit, or 转办 from the district to a town: the town's own ten minutes then lie inside its hour."""
    to = s.args.to
    if s.rules.kind(to) is OrganisationKind.SUB_CENTRE:
        if not s.rules.may_name(s.case.level, to):
            s.reject("not_assignable", unit=to)
        _hand_down(s, to)
        return
    if not s.case.station:
        s.reject("station_missing")
    s.stop_dispatch()
    name_units(s, to, s.args.co, s.args.limit or category_limit(s), s.case.level)
    s.move(State.DISPATCHED)
    s.note(to=to, note=s.args.note)


def _hand_down(s: Situation, town: str) -> None:
    if s.args.co:
        s.reject("town_takes_no_co_handlers")
    s.stop_dispatch()
    s.assign(0, town, AssignmentRole.TOWN, s.args.limit, s.case.level)
    s.set_facts(town=town, station=s.case.station if s.rules.town_of(s.case.station) == town else "")
    s.open_dispatch_cycle(town, None, "")
    s.note(to=town, note=s.args.note)


def category_limit(s: Situation) -> Limit | None:
    """The handling limit of the case's category; None falls back to the policy's."""
    category = s.rules.categories.get(s.case.category)
    return category.limit if category else None


def must_be_nameable(s: Situation, giver: str, unit: str) -> None:
    """Reject a unit this giver may not name as lead or co-handler."""
    if not may_be_named(s, giver, unit):
        s.reject("not_assignable", unit=unit)


def may_be_named(s: Situation, giver: str, unit: str) -> bool:
    """True when this giver may name the unit as lead or co-handler (D18). In a case it rules on, the district names the
    town's own units beside departments."""
    ruling = giver == DISTRICT_CODE and s.case.is_ruled
    may = s.rules.may_rule(unit, s.case.town) if ruling else s.rules.may_name(giver, unit)
    return may and s.rules.kind(unit) is not OrganisationKind.SUB_CENTRE


def name_units(s: Situation, lead: str, co: tuple[str, ...], limit: Limit | None, giver: str) -> None:
    if lead in co or len(set(co)) != len(co):
        s.reject("named_twice")
    for unit in (lead, *co):
        must_be_nameable(s, giver, unit)
    for co_handler in s.case.active(AssignmentRole.CO):
        if co_handler.receiver == lead:
            s.end_assignment(co_handler, "reassigned")  # it leads now: nobody has a case twice
    already = {a.receiver for a in s.case.active(AssignmentRole.CO)}
    s.assign(0, lead, AssignmentRole.LEAD, limit, giver)
    for index, unit in enumerate((u for u in co if u not in already), start=1):
        s.assign(index, unit, AssignmentRole.CO, limit, giver)


def redispatch(s: Situation) -> None:
    """改派: the first lead's duty ends without a verdict; the fact stays in the history."""
    lead = s.case.lead
    if lead is None:
        s.reject("no_lead")
    if lead.giver != s.actor.unit:
        s.reject("not_the_giver")
    if lead.receiver == s.args.to:
        s.reject("already_the_lead", unit=s.args.to)
    if not s.args.reason.strip():
        s.reject("reason_missing")
    s.end_assignment(lead, "reassigned")
    name_units(s, s.args.to, s.args.co, lead.limit or category_limit(s), lead.giver)
    s.move(State.DISPATCHED)
    s.note(to=s.args.to, note=s.args.reason)


def add_co_handler(s: Situation) -> None:
    """加协办, by whoever gave the lead the case: its clocks are its own (D5)."""
    lead = s.case.lead
    giver = lead.giver if lead else s.case.level
    if giver != s.actor.unit:
        s.reject("not_the_giver")
    must_be_nameable(s, giver, s.args.to)
    if own_assignments(s.case, s.args.to):
        s.reject("already_has_it", unit=s.args.to)
    s.assign(0, s.args.to, AssignmentRole.CO, lead.limit if lead else category_limit(s), giver)
    s.note(to=s.args.to, note=s.args.note)


def withdraw_co_handler(s: Situation) -> None:
    """撤协办, by whoever named it: no blame, no verdict."""
    target = s.case.assignment(s.args.assignment)
    if target is None or target.role is not AssignmentRole.CO:
        s.reject("no_such_assignment")
    if target.giver != s.actor.unit:
        s.reject("not_the_giver")
    already_withdrawn(s)
    s.end_assignment(target, "withdrawn")
    s.note(to=target.receiver, note=s.args.reason)


def already_withdrawn(s: Situation) -> None:
    """Two desks withdraw one co-handler: it is one act, and the earlier one ends the duty, also when the case has gone on since."""
    target = s.case.assignment(s.args.assignment)
    if target is None or target.role is not AssignmentRole.CO or target.giver != s.actor.unit:
        return
    if target.ended:
        if target.ended == "closed" and not _was_before_the_result(s):
            s.reject("not_in_this_state", state=s.case.state.value, kind=s.kind)
        s.end_earlier(target)
        raise Merged("already_ended", s.first_act(("case.withdraw_co_handler",), target.receiver))


def withdrawn_before_the_result(s: Situation) -> bool:
    """True when a co-handler was withdrawn before the lead handed in, as is heard only now: it is withdrawn."""
    before = _was_before_the_result(s)
    if before:
        withdraw_co_handler(s)
    return before


def _was_before_the_result(s: Situation) -> bool:
    leads = [a for a in s.case.assignments if a.role is AssignmentRole.LEAD]
    result = first_word(s.case, leads[-1], Stage.HANDLING) if leads else None
    return result is not None and s.at.hi <= result.lo


def deliver(s: Situation) -> None:
    """The unit's console received it: arrival and first opinion run from here, or from an earlier answered call; from when
    duty found the console switched off, if it was (D6)."""
    if s.args.clock:
        _received_at_its_desk(s)
        return
    target = s.case.assignment(s.args.assignment)
    if target is None:
        s.reject("no_such_assignment")
    if target.delivered_at is not None or target.ended:
        raise Merged("already_delivered")
    target = s.set_assignment(target, delivered_at=s.at, awake_at=s.args.awake_at)
    start_clocks(s, target, s.at.hi, "delivered")
    off = answers_since(gap_of(target), s.rules, s.case.emergency)
    if off is not None:
        since, line = off
        start_clocks(s, target, since, "switched_off", line)
    s.note(to=target.receiver)


def _received_at_its_desk(s: Situation) -> None:
    """What was handed on without an assignment came late to its desk: dispatch "when that level receives the report" (D6), check
    and confirm likewise. The clock has run since it was handed on and is moved as far as the line was at fault."""
    clock = s.case.clock(s.args.clock)
    if clock is None:
        s.reject("no_such_assignment")
    if not took_a_while(clock, s.at.hi):
        raise Merged("already_delivered")
    assert clock.started_at is not None
    clock = replace(clock, handed_on=HandedOn(clock.started_at, s.at.hi, s.args.awake_at))
    start_ms, kind = s.at.hi, "delivered"
    off = answers_since(gap_before(clock, s.case), s.rules, s.case.emergency)
    if off is not None:
        (start_ms, line), kind = off, "switched_off"
        clock = clock if line is None else replace(clock, pauses=(*clock.pauses, line))
    s.emit(ClockSet(judged_anew(started(clock, start_ms, kind, s.rules, s.case.emergency))))
    s.note(to=clock.owner)


def log_call(s: Situation) -> None:
    """A call. Answered, about an assignment not yet delivered: 电话已通知, and that unit's clocks start (D7). Only a desk that answers
    for the case tells a unit of it: whoever gave the assignment, the town of the place, the district; and itself. Another unit's call
    is on record."""
    if s.args.result not in ("answered", "no_answer", "passed_on"):
        s.reject("unknown_call_result", result=s.args.result)
    if s.args.unit not in s.rules.organisations:
        s.reject("unknown_unit", unit=s.args.unit)
    told_by_call(s)
    s.note(to=s.args.unit, note=s.args.note, result=s.args.result, claimed_at=s.args.claimed_at)


def acknowledge(s: Situation) -> None:
    """签收, with the person who goes (R40): he is one of the hands of the round from now on (D17)."""
    target = own_target(s)
    known = target.acknowledged_at is not None
    target = told(s, target)
    goes = s.args.handler
    person = s.rules.people.get(goes)
    if goes and (person is None or target.receiver not in (person.unit, *person.seconded_to)):
        s.reject("handler_not_of_that_unit", unit=target.receiver)
    must_not_have_checked(s, (goes,))
    handlers = tuple(dict.fromkeys((*target.handlers, *((goes,) if goes else ()))))
    if known:
        if handlers != target.handlers:
            s.set_assignment(target, handlers=handlers)
        raise Merged("already_acknowledged", s.first_act(("case.acknowledge",), target.receiver))
    s.set_assignment(target, acknowledged_at=s.at, handlers=handlers)
    s.note(to=s.args.handler, on_behalf=s.args.on_behalf)


def ask_return(s: Situation) -> None:
    """申请退单: the clock runs on until the giver rules (practice.md §3 "wrong dispatch")."""
    target = own_target(s)
    if not may_give_back(s.case, target):
        s.reject("not_in_this_state", state=s.case.state.value, kind=s.kind)
    asked = s.case.return_request(target.id)
    if asked is not None:
        raise Merged("return_already_asked", asked.id)
    if not s.args.reason.strip():
        s.reject("reason_missing")
    _nobody_at_work(s, target)
    s.ask(RequestKind.RETURN, s.args.reason, assignment=target.id)
    s.note(to=target.giver, note=s.args.reason)


def may_give_back(case: Case, given: Assignment) -> bool:
    """A co-handler while it has a part of its own; the lead and the town before the result is in."""
    return given.role is AssignmentRole.CO or case.state in (*WITH_UNITS, State.AWAITING_DISPATCH)


def answer_return(s: Situation) -> None:
    """同意退单: nothing to the unit, a new dispatch cycle at the giver. 不予退单: the clock never stopped."""
    assignment_id = answer_request(s, RequestKind.RETURN, s.args.granted)
    target = s.case.assignment(assignment_id)
    if target is None or target.ended:
        s.reject("no_such_assignment")
    if target.giver != s.actor.unit:
        s.reject("not_the_giver")
    if s.args.granted:
        _nobody_at_work(s, target)
        s.end_assignment(target, "returned")
        if target.role is not AssignmentRole.CO:
            _dispatch_again(s, target)
    s.note(to=target.receiver, note=s.args.note, result="granted" if s.args.granted else "refused")


def _dispatch_again(s: Situation, returned: Assignment) -> None:
    """A new cycle at the giver; after a second upheld return to it the district rules instead (practice.md §3)."""
    for clock in s.case.clocks:
        if clock == s.dispatch_clock() or _came_with(returned, clock):
            s.emit(ClockSet(let_go(clock, s.at, s.command.cmd_id)))
    upheld = [a for a in s.case.assignments if a.ended == "returned" and a.giver == returned.giver]
    if len([a for a in upheld if a.role is AssignmentRole.LEAD]) > 1 and returned.role is AssignmentRole.LEAD:
        rule_on_returns(s, returned)
    else:
        s.open_dispatch_cycle(returned.giver, s.at.hi, "received")
        s.move(State.AWAITING_DISPATCH)


def _came_with(returned: Assignment, clock: StageClock) -> bool:
    """True for each ten minutes that a town had while the case was its: it never was, and nothing is charged to it (practice.md §3)."""
    _, _, given_in = returned.cycle.rpartition("-")
    if returned.role is not AssignmentRole.TOWN or not given_in or clock.stage is not Stage.DISPATCH:
        return False
    return clock.owner == returned.receiver and int(clock.id.rpartition("-")[2]) > int(given_in)


def _nobody_at_work(s: Situation, target: Assignment) -> None:
    """A town gives a case back only with nobody at work in its name: else two units would lead it (D5)."""
    sent = s.case.sent_by(target) if target.role is AssignmentRole.TOWN else ()
    if sent:
        s.reject("units_at_work", unit=sent[0].receiver)


def own_target(s: Situation) -> Assignment:
    """The assignment an act is about: this unit's own and not over, or one it types for."""
    target = s.case.assignment(s.args.assignment)
    typed_for_it = bool(getattr(s.args, "on_behalf", ""))
    if target is None or (target.receiver != s.actor.unit and not typed_for_it):
        s.reject("not_your_assignment")
    if target.ended:
        s.reject("assignment_ended", why=target.ended)
    if typed_for_it:
        check_speaker(s, (target,))
    return target
