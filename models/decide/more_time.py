"""延期 and 挂账: more time for a unit that asks before its limit is over (domain.md §2, practice.md §3 "extension pending").

Asked in time, the verdict is held and no light burns until the answer; refused, the limit was what it was. Granted, 延期
adds the original limit once more, and 挂账 lets the clock stand still up to a date. Who asks never answers; what goes
beyond a first extension is for the deputy director, or for a district operator.
"""

from __future__ import annotations

from msgspec.structs import replace

from models.case import Assignment, AssignmentRole, Case, ClockState, Request, RequestKind, StageClock, State, Verdict
from models.clock import DAY_MS
from models.deadline import LONGEST_LIMIT_AMOUNT, Pause
from models.decide.asked_time import ASKS, answered_later
from models.decide.desks import given_assignments, own_assignments, to_answer
from models.decide.dispatching import own_target
from models.decide.intake import answer_request
from models.decide.situation import Merged, Situation
from models.events import ClockSet, RequestSet
from models.evidence import Moment
from models.people import Actor, Role
from models.policy import Stage
from models.rules import Rules
from models.stage_clock import at_work_until, judged_anew, owes_opinion, reckoned, with_verdict
from models.time_requests import SUSPENSION_GROUNDS

LEADERS = (Role.DEPUTY_DIRECTOR, Role.DISTRICT_OPERATOR)


def ask_extension(s: Situation) -> None:
    """申请延期, by the lead or a co-handler, of the own handling limit."""
    target = _asking(s)
    clock = _to_be_moved(s, target, RequestKind.EXTENSION)
    most = s.rules.policy_of(clock.policy).extensions_at_most
    if clock.extensions >= most:
        s.reject("extended_often_enough", most=most)
    if clock.limit.amount * (clock.extensions + 2) > LONGEST_LIMIT_AMOUNT:
        s.reject("limit_out_of_range", most=LONGEST_LIMIT_AMOUNT)
    s.ask(RequestKind.EXTENSION, s.args.reason, assignment=target.id)
    _hold(s, target)
    s.note(to=target.giver, note=s.args.reason)


def ask_suspension(s: Situation) -> None:
    """申请挂账: only the lead, who has been there and has said what is to be done; once."""
    target = _asking(s)
    if target.role is not AssignmentRole.LEAD:
        s.reject("only_the_lead")
    _must_be_sound(s, target)
    _to_be_moved(s, target, RequestKind.SUSPENSION)
    if target.arrived_at is None or owes_opinion(s.case, target):
        s.reject("opinion_before_suspension")
    if target.suspended_until is not None:
        s.reject("suspended_once")
    s.ask(RequestKind.SUSPENSION, s.args.reason, assignment=target.id, until=s.args.until)
    _hold(s, target)
    s.note(to=target.giver, note=s.args.reason, result=s.args.ground)


def _asking(s: Situation) -> Assignment:
    """The duty whose unit asks, and says why."""
    target = own_target(s)
    if target.role is AssignmentRole.TOWN:
        s.reject("not_your_assignment")
    if not s.args.reason.strip():
        s.reject("reason_missing")
    return target


def _must_be_sound(s: Situation, target: Assignment) -> None:
    """What is wrong with a 挂账 in itself is refused, whatever else is asked for."""
    if s.args.ground not in SUSPENSION_GROUNDS:
        s.reject("unknown_ground", ground=s.args.ground)
    clock = _handling(s.case, target.id)
    most = s.rules.policy_of(clock.policy if clock is not None else "").suspension_at_most_days
    if not s.at.hi < s.args.until <= s.at.hi + most * DAY_MS:
        s.reject("suspension_out_of_range", most=most)


def _to_be_moved(s: Situation, target: Assignment, kind: RequestKind) -> StageClock:
    """The handling limit that is to be moved: it runs, or stands still while the district considers, of which the unit need not have
    heard; and is not surely over."""
    clock = _handling(s.case, target.id)
    beside = _decided_with(s.case, target, kind, s.at)
    if beside is not None:
        _remember(s, target, beside)
        raise Merged("more_time_already_asked", beside.id)
    asked = answered_later(s.case, target, kind, s.at)
    if asked is not None:
        raise Merged("more_time_already_asked", asked.id)
    if clock is None or clock.due_at is None or not (clock.state is ClockState.RUNNING or _met_after(clock, s.at)):
        s.reject("no_limit_running")
    if s.at.lo > clock.due_at:
        s.reject("limit_is_over", at=clock.due_at)
    return clock


def _decided_with(case: Case, target: Assignment, kind: RequestKind, at: Moment) -> Request | None:
    """The open request whose answer says what becomes of this: one for the same, or one that may still make it in due time. Another
    kind that is asked for in due time is open beside it: heard after the answer it would be too."""
    clock = _handling(case, target.id)
    is_over = clock is not None and clock.due_at is not None and at.lo > clock.due_at
    return next((r for r in case.time_requests(target.id) if r.kind is kind or is_over), None)


def _remember(s: Situation, target: Assignment, beside: Request) -> None:
    """A colleague asked too: it is the same as long as the answer does not prove to have been given before (`_ask_again`)."""
    until = getattr(s.args, "until", None)
    s.ask(ASKS[s.kind], s.args.reason, assignment=target.id, until=until, granted=False, beside=beside.id)


def _ask_again(s: Situation, answered: Request) -> None:
    """What was asked for beside a request that is answered now, after that answer was given by a desk that was cut off, or in due
    time by what it has granted, is open from now on, as if it had been heard of only now."""
    target = s.case.assignment(answered.assignment)
    for asked in (r for r in s.case.requests if r.beside == answered.id and r.granted is False):
        if asked.kind is answered.kind and asked.asked_at.hi <= s.at.lo:
            continue  # this was the answer to it too
        beside = _decided_with(s.case, target, asked.kind, asked.asked_at) if target is not None else None
        if beside is not None:
            s.emit(RequestSet(replace(asked, beside=beside.id)))
        elif target is not None and _may_be_asked(s, target, asked.kind, asked.asked_at):
            s.emit(RequestSet(replace(asked, granted=None, beside="")))
            _hold(s, target)


def ask_of_what_is_over(s: Situation, target: Assignment) -> None:
    """Asked in due time, and heard of when the round or the case is over: whoever gave the duty still answers (docs/decisions/0008)."""
    kind = ASKS[s.kind]
    beside = _decided_with(s.case, target, kind, s.at)
    if beside is not None:
        _remember(s, target, beside)
    elif _may_be_asked(s, target, kind, s.at):
        s.ask(kind, s.args.reason, assignment=target.id, until=getattr(s.args, "until", None))
        _hold(s, target)


def _may_be_asked(s: Situation, target: Assignment, kind: RequestKind, at: Moment) -> bool:
    """True when there is still something to decide about what was asked for at `at`, and is heard of late."""
    clock = _handling(s.case, target.id)
    if clock is None or clock.due_at is None or at.lo > clock.due_at:
        return False
    if clock.state is not ClockState.RUNNING and not _met_after(clock, at):
        return False
    if answered_later(s.case, target, kind, at) is not None:
        return False
    if kind is RequestKind.SUSPENSION:
        return target.role is AssignmentRole.LEAD and target.suspended_until is None
    return _room(s.case, target, s.rules)


def _met_after(clock: StageClock, asked: Moment) -> bool:
    """A result that was heard of before what had been asked in due time, or perhaps was (docs/decisions/0009). Where it was in time
    nobody need answer, unless a start that is heard of later makes it late."""
    met = clock.verdict not in (None, Verdict.NOT_COUNTED) and not clock.ruled_by
    return met and clock.stopped is not None and asked.lo <= clock.stopped.hi


def _hold(s: Situation, target: Assignment) -> None:
    """It is asked: nothing burns until the answer."""
    clock = _handling(s.case, target.id)
    if clock is not None:
        s.emit(ClockSet(_held(clock)))
    s.settle_time_request(target.id)  # where the result was in time, as was heard before


def _held(clock: StageClock) -> StageClock:
    if clock.held:
        return clock  # by what is asked for beside it
    held = replace(clock, held=True)
    return with_verdict(held, clock.verdict) if clock.verdict is not None else held


def may_answer(case: Case, actor: Actor, kind: RequestKind) -> str:
    """Why this person may not answer the oldest request for more time that waits for his desk; "" when he may."""
    return _barred(case, next(iter(to_answer(case, actor.unit, kind)), None), actor)


def _barred(case: Case, asked: Request | None, actor: Actor) -> str:
    if asked is None:
        return "no_such_request"
    if asked.asked_by == actor.person:
        return "not_your_own_request"
    return "approvers_only" if _is_for_leaders(case, asked) and not actor.has(*LEADERS) else ""


def _is_for_leaders(case: Case, request: Request) -> bool:
    clock = _handling(case, request.assignment)
    return request.kind is RequestKind.SUSPENSION or (clock is not None and clock.extensions > 0)


def answer_extension(s: Situation) -> None:
    """同意延期: one original limit more. A result that came in meanwhile is judged now."""
    request, clock = _answered(s, RequestKind.EXTENSION)
    more = clock.extensions + (1 if s.args.granted else 0)
    _decided(s, request, replace(clock, extensions=more))


def answer_suspension(s: Situation) -> None:
    """同意挂账: the clock has stood still since it was asked, and does up to the date; so do those of the co-handlers, who
    can do nothing either."""
    request, clock = _answered(s, RequestKind.SUSPENSION)
    given = s.case.assignment(request.assignment)
    assert given is not None and request.until is not None
    if s.args.granted:
        stood = Pause(request.asked_at.lo, request.until)
        clock = replace(clock, pauses=(*clock.pauses, stood))
        over_ms = at_work_until(given)
        if over_ms is not None:  # nobody waits with whoever is at work on it no longer
            stood = replace(stood, to_ms=max(stood.from_ms, min(request.until, over_ms)))
        s.set_assignment(given, suspended_until=stood.to_ms)
        for helping in _clocks_of_co_handlers(s.case, stood.from_ms):
            s.judge(judged_anew(reckoned(replace(helping, pauses=(stood, *helping.pauses)), s.rules)))
            s.settle_time_request(helping.assignment)
    _decided(s, request, clock)


def _answered(s: Situation, kind: RequestKind) -> tuple[Request, StageClock]:
    request = next((r for r in s.case.open_requests(kind) if r.id == s.args.request), None)
    barred = _barred(s.case, request, s.actor)
    clock = _handling(s.case, request.assignment) if request is not None else None
    if request is None or clock is None or barred:
        s.reject(barred or "no_such_request")
    given = s.case.assignment(request.assignment)
    if given is None or given.giver != s.actor.unit:
        s.reject("not_the_giver")
    answer_request(s, kind, s.args.granted)
    return request, clock


def _decided(s: Situation, request: Request, clock: StageClock) -> None:
    """The clock with what was decided; a stretch that stood still for another reason stays as it was."""
    undecided = bool(s.case.time_requests(request.assignment))
    clock = reckoned(replace(clock, held=undecided), s.rules)
    s.note(to=request.unit, note=s.args.note, result="granted" if s.args.granted else "refused")
    s.judge(judged_anew(clock))  # when the answer stands in the history: nobody asked in vain
    s.settle_time_request(request.assignment)
    _ask_again(s, request)


def end_suspension(s: Situation) -> None:
    """解除挂账, by whoever granted it."""
    target = s.case.assignment(s.args.assignment)
    if target is None or target.giver != s.actor.unit or target.ended:
        s.reject("no_such_assignment")
    if not is_suspended(target, s.at.lo):
        raise Merged("suspension_over", s.first_act(("case.end_suspension",), target.receiver))
    if not s.args.reason.strip():
        s.reject("reason_missing")
    s.set_assignment(target, suspended_until=s.end_standstill(target))
    s.note(to=target.receiver, note=s.args.reason)


def _clocks_of_co_handlers(case: Case, asked_ms: int) -> list[StageClock]:
    """Those that run, and those that were not met in time while the lead's request was out: who handed in is no worse off. What was
    over before it was asked stays as judged (D13)."""
    helped = (a for a in case.assignments if a.role is AssignmentRole.CO)
    found = [k for a in helped if (k := _handling(case, a.id)) is not None]
    unmet = (Verdict.LATE, Verdict.DOUBTFUL, Verdict.UNRATIFIED, Verdict.HELD)
    return [
        k for k in found
        if k.state is ClockState.RUNNING or (k.verdict in unmet and k.due_at is not None and k.due_at > asked_ms)
    ]  # fmt: skip


def is_suspended(assignment: Assignment, now_ms: int) -> bool:
    """True while 挂账 lasts."""
    return assignment.suspended_until is not None and now_ms < assignment.suspended_until and not assignment.ended


def extendable(case: Case, actor: Actor, rules: Rules, now_ms: int) -> bool:
    """True when a handling limit of this unit may still be asked to be longer."""
    return any(_is_open(case, a, now_ms) and _room(case, a, rules) for a in own_assignments(case, actor.unit))


def _room(case: Case, assignment: Assignment, rules: Rules) -> bool:
    clock = _handling(case, assignment.id)
    return clock is not None and clock.extensions < rules.policy_of(clock.policy).extensions_at_most


def suspendable(case: Case, actor: Actor, now_ms: int) -> bool:
    """True when the lead may ask for 挂账: it has been there, has given its opinion, and had none before."""
    lead = case.lead
    if lead is None or lead.receiver != actor.unit or lead.suspended_until is not None or lead.arrived_at is None:
        return False
    return not owes_opinion(case, lead) and _is_open(case, lead, now_ms)


def _is_open(case: Case, assignment: Assignment, now_ms: int) -> bool:
    """Its handling limit runs and is not surely over."""
    clock = _handling(case, assignment.id)
    if clock is None or clock.due_at is None or assignment.role is AssignmentRole.TOWN:
        return False
    return clock.is_counting and now_ms <= clock.due_at


def suspended_of(case: Case, unit: str, now_ms: int) -> Assignment | None:
    """The assignment this unit gave that is suspended: its 挂账 may be ended early."""
    if case.state is not State.HANDLING:
        return None
    return next((a for a in given_assignments(case, unit) if is_suspended(a, now_ms)), None)


def _handling(case: Case, assignment_id: str) -> StageClock | None:
    return case.clock_of(assignment_id, Stage.HANDLING)
