"""The rule book: what an act comes to. Pure, shared by console and district centre (house.md §1, sync.md §1).

`decide` never changes anything: it answers with an outcome, a reason a person can act on, and the events that `fold`
applies. A move that is not in models/moves.py, or not at this desk, is rejected with what is allowed instead.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

import msgspec
from msgspec.structs import replace

from models.case import Assignment, AssignmentRole, Case, RequestKind, State, hands_of_round
from models.commands import Command, Report, Retract, kind_of
from models.decide import (
    approvals,
    attaching,
    breaches,
    calendar_change,
    checking,
    dispatching,
    handling,
    intake,
    more_time,
    ruling,
    time_ruling,
)
from models.decide.asked_time import ASKS
from models.decide.begun_twice import already_begun
from models.decide.credit import (
    credit_before_the_end,
    spare_who_had_asked,
    was_before_the_end,
)
from models.decide.desks import has_submitter, is_involved, own_assignments, wrong_desk
from models.decide.made_twice import already_decided
from models.decide.situation import Kept, Merged, Rejected, Situation
from models.decide.spoken import follow_words, is_typed_word_of, to_ratify
from models.decide.starting import told_before_the_end
from models.events import Event
from models.evidence import Moment
from models.moves import MOVES, OF_THE_CENTRE, TABLE, Move
from models.organisation import DISTRICT_CODE
from models.people import Actor
from models.rules import Rules
from models.stage_clock import TAKEN_AWAY
from models.wire import Reason


class Outcome(str, Enum):
    """The four ends of an act (sync.md §3.3). DEFERRED is not final."""

    ACCEPTED = "accepted"
    MERGED = "merged"
    REJECTED = "rejected"
    DEFERRED = "deferred"


class Decision(msgspec.Struct, frozen=True):
    """What an act comes to. A rejected act has no events; a merged one may move a credit to the earlier evidence.
    `after` is the case these events make of it, what `fold` would answer; None without events."""

    outcome: Outcome
    reason: Reason | None = None
    events: tuple[Event, ...] = ()
    after: Case | None = None


_DECIDERS: dict[str, Callable[[Situation], None]] = {
    "case.file": intake.file,
    "case.decline": intake.decline,
    "case.ask_supplement": intake.ask_supplement,
    "case.supplement": intake.supplement,
    "case.describe": intake.describe,
    "case.merge": intake.merge,
    "case.transfer_out": intake.transfer_out,
    "case.review_self_handled": intake.review_self_handled,
    "case.dispatch": dispatching.dispatch,
    "case.redispatch": dispatching.redispatch,
    "case.add_co_handler": dispatching.add_co_handler,
    "case.withdraw_co_handler": dispatching.withdraw_co_handler,
    "case.ask_ruling": ruling.ask_ruling,
    "case.rule": ruling.rule,
    "case.refuse_ruling": ruling.refuse_ruling,
    "case.deliver": dispatching.deliver,
    "case.recalculate": calendar_change.recalculate,
    "case.notice_breach": breaches.notice_breach,
    "case.settle_breach": breaches.settle_breach,
    "case.log_call": dispatching.log_call,
    "case.acknowledge": dispatching.acknowledge,
    "case.ask_return": dispatching.ask_return,
    "case.answer_return": dispatching.answer_return,
    "case.ask_extension": more_time.ask_extension,
    "case.answer_extension": more_time.answer_extension,
    "case.ask_suspension": more_time.ask_suspension,
    "case.answer_suspension": more_time.answer_suspension,
    "case.end_suspension": more_time.end_suspension,
    "case.propose_time_ruling": time_ruling.propose_time_ruling,
    "case.answer_time_ruling": time_ruling.answer_time_ruling,
    "case.first_response": handling.first_response,
    "case.arrive": handling.arrive,
    "case.give_opinion": handling.give_opinion,
    "case.note_progress": handling.note_progress,
    "case.handled": handling.handled,
    "case.feedback": handling.feedback,
    "case.ratify": handling.ratify,
    "case.name_checker": checking.name_checker,
    "case.check": checking.check_on_site,
    "case.submit_check": checking.submit_check,
    "case.confirm": checking.confirm,
    "case.refuse_confirm": checking.refuse_confirm,
    "case.ask_void": approvals.ask_void,
    "case.answer_void": approvals.answer_void,
    "case.note": approvals.remark,
    "case.attach": attaching.attach,
    "case.attachment_arrived": attaching.attachment_arrived,
    "case.review_quarantined": approvals.review_quarantined,
    "case.review_check": checking.review_check,
}


def decide(
    case: Case | None, command: Command, actor: Actor, rules: Rules, at: Moment, heard_ms: int | None = None
) -> Decision:
    """What the act comes to on this case, now. `at` is when it happened, by evidence (D8); `heard_ms` when the centre heard
    of it: what it hands on to another desk was not there before. Never raises for any act."""
    try:
        return _decide(case, command, actor, rules, at, heard_ms)
    except Rejected as error:
        allowed_now = " ".join(allowed(case, actor, rules, at.lo)) if case is not None else ""
        args = {**error.args_by_name, **({"allowed": allowed_now} if allowed_now else {})}
        return Decision(Outcome.REJECTED, Reason(code=error.code, args=args, by=error.by))


def _decide(
    case: Case | None, command: Command, actor: Actor, rules: Rules, at: Moment, heard_ms: int | None
) -> Decision:
    if isinstance(command.args, Report):
        if case is not None:
            raise Rejected("case_exists")
        opened = intake.report(command, command.args, actor, rules, at, heard_ms)
        return _decision(Outcome.ACCEPTED, None, opened)
    if isinstance(command.args, Retract):
        raise Rejected("already_accepted")
    kind = kind_of(command.args)
    move = MOVES.get(kind)
    if case is None or move is None:
        raise Rejected("unknown_case")
    wrong = wrong_desk(move, case, actor, rules, on_behalf=bool(getattr(command.args, "on_behalf", "")))
    situation = Situation(case, command, actor, rules, at, heard_ms)
    given = _once_ours(situation)
    if given is not None and wrong in ("", "unknown_case", "not_your_assignment", "not_the_giver"):
        return _about_what_is_over(situation, given, move)
    if wrong == "unknown_case":
        raise Rejected("unknown_case")
    try:
        already_decided(situation, wrong)
        already_begun(situation, wrong)
        if case.state not in move.states:
            return _out_of_turn(situation, kind, wrong)
        if wrong:
            raise Rejected(wrong, kind=kind)
        _DECIDERS[kind](situation)
    except Merged as same:
        reason = Reason(code=same.code, args=dict(same.args_by_name), by=same.by)
        return _merged(situation, reason)
    except Kept as kept:
        return _kept(Situation(case, command, actor, rules, at), Reason(code=kept.code, args=dict(kept.args_by_name)))
    return _decision(Outcome.ACCEPTED, None, situation)


def _decision(outcome: Outcome, reason: Reason | None, situation: Situation) -> Decision:
    if not situation.events:
        return Decision(outcome, reason)
    checking.follow_hands(situation)
    follow_words(situation)
    breaches.follow(situation)
    case = situation.case
    return Decision(outcome, reason, tuple(situation.events), replace(case, version=case.version + 1))


def _merged(situation: Situation, reason: Reason) -> Decision:
    """A merged act stands in the history as what it is: a second word on the same duty."""
    if kind_of(situation.args) in OF_THE_CENTRE:
        return Decision(Outcome.MERGED, reason)
    situation.note(result="merged", on_behalf=getattr(situation.args, "on_behalf", ""))
    return _decision(Outcome.MERGED, reason, situation)


def _out_of_turn(situation: Situation, kind: str, wrong: str) -> Decision:
    """The state does not allow it: the same act done by another, a testimony to keep, or a refusal."""
    case = situation.case
    if kind == "case.withdraw_co_handler" and not wrong:
        dispatching.already_withdrawn(situation)
        if dispatching.withdrawn_before_the_result(situation):
            return _decision(Outcome.ACCEPTED, None, situation)
    if kind == "case.submit_check" and wrong != "seconded_may_not":
        checking.already_submitted(situation)
    if kind == "case.file" and case.filed_at is not None:
        raise Merged("already_filed", situation.first_act(("case.file",)))
    if kind == "case.check" and case.check is not None and case.check.passed is not None:
        checking.check_on_site(situation)
    if MOVES[kind].testimony and not wrong:
        return _too_late(situation)
    raise Rejected("not_in_this_state", state=case.state.value, kind=kind)


def _once_ours(situation: Situation) -> Assignment | None:
    """The duty an act is about, when this unit had it and it is over (sync.md §3.6); or had given it, and types what whoever had it
    surely said before the end."""
    target = situation.case.assignment(getattr(situation.args, "assignment", ""))
    if target is None or not target.ended:
        return None
    if getattr(situation.args, "on_behalf", ""):
        return target if was_before_the_end(situation, target) and is_typed_word_of(situation, target) else None
    return target if target.receiver == situation.actor.unit else None


def _about_what_is_over(situation: Situation, given: Assignment, move: Move) -> Decision:
    """An act on a duty that was taken away. Surely made after that, by a unit that has no other on the case: refused, for
    it is not its case any more. Any other testimony is kept."""
    taken = given.ended in TAKEN_AWAY and not own_assignments(situation.case, situation.actor.unit)
    after = given.ended_at is not None and situation.at.lo > given.ended_at.hi
    if move.kind in ASKS and not after:
        if given.ended in TAKEN_AWAY:
            spare_who_had_asked(situation, given)
        else:
            more_time.ask_of_what_is_over(situation, given)
        return _kept(situation, Reason(code="late_history"), "late_history")
    if taken and (after or not move.testimony):
        at = {"at": given.ended_at.shown_at} if given.ended_at is not None else {}
        # The case has left the unit: by its number alone its clerk knows which one the tray speaks of.
        raise Rejected("not_your_case", given.ended_by, number=situation.case.number, **at)
    if not move.testimony:
        raise Rejected("assignment_ended", given.ended_by, why=given.ended)
    return _too_late(situation)


def _too_late(situation: Situation) -> Decision:
    """A testimony is always kept, as a line of the history (sync.md §1). It changes nothing else, unless it was surely
    made while the unit still had the duty: then the duty is met by it (sync.md §3.6)."""
    credit_before_the_end(situation)
    told_before_the_end(situation)
    code = "late_history" if situation.case.is_open else "appended_after_close"
    return _kept(situation, Reason(code=code), "late_history")


def _kept(situation: Situation, reason: Reason, result: str = "not_credited") -> Decision:
    note = next((t for n in ("note", "result", "seen", "finding") if (t := getattr(situation.args, n, ""))), "")
    spoke = getattr(situation.args, "on_behalf", "")
    situation.note(note=note, result=result, on_behalf=spoke, claimed_at=getattr(situation.args, "claimed_at", None))
    return _decision(Outcome.ACCEPTED, reason, situation)


def allowed(case: Case | None, actor: Actor, rules: Rules, now_ms: int) -> tuple[str, ...]:
    """The kinds of act this person may do to this case now, most likely first: the action bar, and nothing but it.
    `now_ms` is the earliest that the present may be: what a limit ends stays on offer until it is surely over."""
    if case is None or not is_involved(case, actor):
        return ()
    found = [m for m in TABLE if m.menu and case.state in m.states and not wrong_desk(m, case, actor, rules)]
    found = [m for m in found if m.kind not in _SENSE or _SENSE[m.kind](case, actor, rules, now_ms)]
    return tuple(m.kind for m in sorted(found, key=lambda m: m.menu))


def _mine(case: Case, actor: Actor, role: AssignmentRole | None = None) -> bool:
    return any(role is None or a.role is role for a in own_assignments(case, actor.unit))


def _lead_lacks(case: Case, actor: Actor, fact: str) -> bool:
    lead = case.lead
    return lead is not None and lead.receiver == actor.unit and getattr(lead, fact) is None


def _any_lacks(case: Case, actor: Actor, fact: str) -> bool:
    return any(getattr(a, fact) is None for a in own_assignments(case, actor.unit))


def _working_lacks(case: Case, actor: Actor, fact: str) -> bool:
    mine = [a for a in own_assignments(case, actor.unit) if a.role is not AssignmentRole.TOWN]
    return any(getattr(a, fact) is None for a in mine)


def _is_hotline(case: Case, rules: Rules) -> bool:
    channel = rules.channels.get(case.channel)
    return channel is not None and channel.hotline


def _hands_off(case: Case, actor: Actor) -> bool:
    check = case.check
    checked = {check.checker, check.entered_by, check.submitted_by} if check else set()
    return actor.person not in hands_of_round(case) and actor.person not in checked


_SENSE: dict[str, Callable[[Case, Actor, Rules, int], bool]] = {
    "case.ask_ruling": lambda c, a, r, n: c.level != DISTRICT_CODE and ruling.may_be_asked(c.category, r),
    "case.refuse_ruling": lambda c, a, r, n: any(not q.assignment for q in c.open_requests(RequestKind.RULING)),
    "case.transfer_out": lambda c, a, r, n: _is_hotline(c, r),
    "case.acknowledge": lambda c, a, r, n: _any_lacks(c, a, "acknowledged_at"),
    "case.ask_return": lambda c, a, r, n: any(
        c.return_request(x.id) is None
        and dispatching.may_give_back(c, x)
        and not (x.role is AssignmentRole.TOWN and c.sent_by(x))
        for x in own_assignments(c, a.unit)
    ),
    "case.ask_extension": lambda c, a, r, n: more_time.extendable(c, a, r, n),
    "case.answer_extension": lambda c, a, r, n: not more_time.may_answer(c, a, RequestKind.EXTENSION),
    "case.ask_suspension": lambda c, a, r, n: more_time.suspendable(c, a, n),
    "case.answer_suspension": lambda c, a, r, n: not more_time.may_answer(c, a, RequestKind.SUSPENSION),
    "case.end_suspension": lambda c, a, r, n: more_time.suspended_of(c, a.unit, n) is not None,
    "case.propose_time_ruling": lambda c, a, r, n: bool(time_ruling.to_rule_on(c)),
    "case.answer_time_ruling": lambda c, a, r, n: time_ruling.may_second(c, a),
    "case.arrive": lambda c, a, r, n: _working_lacks(c, a, "arrived_at"),
    "case.give_opinion": lambda c, a, r, n: _lead_lacks(c, a, "opinion_at"),
    "case.feedback": lambda c, a, r, n: _lead_lacks(c, a, "handled_at"),
    "case.handled": lambda c, a, r, n: any(
        x.role is AssignmentRole.CO and x.handled_at is None for x in own_assignments(c, a.unit)
    ),
    "case.note_progress": lambda c, a, r, n: _mine(c, a),
    "case.add_co_handler": lambda c, a, r, n: (c.lead.giver if c.lead is not None else c.level) == a.unit,
    "case.withdraw_co_handler": lambda c, a, r, n: (
        c.state is not State.AWAITING_RULING and any(x.giver == a.unit for x in c.active(AssignmentRole.CO))
    ),
    "case.redispatch": lambda c, a, r, n: c.lead is not None and c.lead.giver == a.unit,
    "case.name_checker": lambda c, a, r, n: c.state is not State.AWAITING_SUBMIT or not has_submitter(c, r),
    "case.check": lambda c, a, r, n: (
        c.check is not None and not c.check.nobody_submits and a.person not in hands_of_round(c)
    ),
    "case.confirm": lambda c, a, r, n: _hands_off(c, a),
    "case.refuse_confirm": lambda c, a, r, n: _hands_off(c, a),
    "case.review_self_handled": lambda c, a, r, n: a.person not in intake.finders(c),
    "case.ask_void": lambda c, a, r, n: c.open_request(RequestKind.VOID) is None,
    "case.answer_void": lambda c, a, r, n: c.open_request(RequestKind.VOID) is not None,
    "case.ratify": lambda c, a, r, n: bool(to_ratify(c, a.unit, r)),
}
"""What makes an allowed move sensible to offer; `decide` would refuse or merge it otherwise."""
