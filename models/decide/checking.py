"""The closing loop: the station checks on the spot and submits, the sub-centre confirms (plan §四(五), R49, R50; D17).

Nobody checks or confirms what passed through his own hands. If nobody qualifies the case waits, visibly.
"""

from __future__ import annotations

from msgspec.structs import replace

from models.case import AssignmentRole, Check, State, Step, hands_of_round, is_of_round
from models.check_review import CHECK_DECISIONS, is_reviewed
from models.decide.credit import credit_earlier
from models.decide.desks import CHECKING_LEADERS, free_leaders, has_submitter, signing_unit
from models.decide.made_twice import next_round_known_too
from models.decide.situation import Merged, Situation
from models.events import CheckSet, ClockSet, Noted
from models.organisation import DISTRICT_CODE
from models.policy import Stage
from models.stage_clock import first_word, is_unfinished, started, stopped, waiting_clock


def name_checker(s: Situation) -> None:
    """The station sends somebody who had no hand in it; from elsewhere only when marked so (异站核查). A check that
    nobody at the station may submit is made again by somebody from elsewhere."""
    check = _check(s)
    again = s.case.state is State.AWAITING_SUBMIT
    if again and has_submitter(s.case, s.rules):
        s.reject("already_checked")
    checker_unit = _qualified(s, s.args.checker, check, s.args.elsewhere)
    if check.checker == s.args.checker and not again:
        raise Merged("checker_already_named", s.first_act(("case.name_checker",)))
    named = Check(check.id, check.station, check.round, s.args.checker, checker_unit)
    s.emit(CheckSet(replace(named, elsewhere=checker_unit != check.station)))
    s.move(State.AWAITING_CHECK)
    s.note(to=s.args.checker, result="elsewhere" if s.args.elsewhere else "")


def check_on_site(s: Situation) -> None:
    """What was seen there. The deputy may type it for a grid member; neither may have had a hand in the handling."""
    check = _check(s)
    if _of_an_earlier_round(s, check):
        check = next((c for c in reversed(s.case.checks) if c.round < check.round), check)
    if check.passed is not None:
        first = _act_of(s, check)
        if check.passed == s.args.passed:
            raise Merged("already_checked", first)
        s.reject("verified_already", first)
    if not s.args.seen.strip():
        s.reject("seen_missing")
    checker_unit = _qualified(s, s.args.checker, check, check.elsewhere)
    if s.actor.unit != check.station and s.args.checker != s.actor.person:
        s.reject("not_the_station")
    if s.actor.person in s.hands_of_round():
        s.reject("handler_may_not_check")
    done = replace(
        check,
        checker=s.args.checker,
        checker_unit=checker_unit,
        elsewhere=checker_unit != check.station,
        passed=s.args.passed,
        seen=s.args.seen,
        checked_at=s.at,
        entered_by=s.actor.person,
    )
    s.emit(CheckSet(done))
    s.move(State.AWAITING_SUBMIT)
    on_behalf = s.args.checker if s.args.checker != s.actor.person else ""
    result = "passed" if s.args.passed else "failed"
    s.note(to=on_behalf, note=s.args.seen, result=result, claimed_at=s.args.claimed_at)


def _act_of(s: Situation, check: Check) -> str:
    """The id of the act a check came of: not of a second word on it, nor of another round's."""
    made = (step for step in s.case.history if step.kind == "case.check" and step.result in ("passed", "failed"))
    of_it = (step.cmd_id for step in made if step.at == check.checked_at and step.actor == check.entered_by)
    return next(of_it, "")


def review_check(s: Situation) -> None:
    """Of two checks with different results an operator who made neither says that the first stands, or that somebody has to look
    again. It stands in the history and moves nothing: the sub-centre confirms or refuses by what it reads there."""
    args = s.args
    if args.decision not in CHECK_DECISIONS or not args.reason.strip():
        s.reject("reason_missing")
    first = next((step for step in s.case.history if step.cmd_id == args.first and step.kind == "case.check"), None)
    if first is None:
        s.reject("no_such_check")
    if args.by in (first.actor, first.to):
        s.reject("own_check_not_reviewed")
    if is_reviewed(s.case, args.cmd_id):
        s.reject("already_reviewed")
    told = {"to": args.cmd_id, "note": args.reason, "result": args.decision}
    s.emit(Noted(Step(s.command.cmd_id, s.kind, args.by, DISTRICT_CODE, s.at, **told)))


def follow_hands(s: Situation) -> None:
    """Whose name may stand under the check, asked anew after every act: who turns out to have had a hand in the handling may
    not sign, and where nobody may, the station sends somebody else to look (D17)."""
    check = s.case.check
    if check is None or not check.checker or s.case.state not in (State.AWAITING_CHECK, State.AWAITING_SUBMIT):
        return
    signs = signing_unit(s.case, check, s.rules)
    now = replace(check, submitter_unit="" if signs == check.station else signs, nobody_submits=not signs)
    if now != check:
        s.emit(CheckSet(now))


def _check(s: Situation) -> Check:
    check = s.case.check
    if check is None:
        s.reject("no_check_due")
    return check


def _qualified(s: Situation, checker: str, check: Check, elsewhere: bool) -> str:
    """The unit of a person who may check: of the station, or when marked so of a neighbouring station or patrol that had
    no part in this round (D17: separation by person and by assignment)."""
    person = s.rules.people.get(checker)
    if person is None or not person.active:
        s.reject("unknown_person", person=checker)
    if checker in s.hands_of_round():
        s.reject("checker_handled", person=checker)
    if person.unit == check.station:
        if not free_leaders(s.case, check.station, s.rules):
            s.reject("check_from_elsewhere_needed")
        return person.unit
    if not elsewhere or person.unit not in {o.code for o in s.rules.neighbours(check.station)}:
        s.reject("checker_from_elsewhere", person=checker)
    if any(a.receiver == person.unit and is_of_round(a, s.case.round) for a in s.case.assignments):
        s.reject("checker_unit_handled", unit=person.unit)
    if not any(free_leaders(s.case, unit, s.rules) for unit in (check.station, person.unit)):
        s.reject("nobody_there_submits", unit=person.unit)
    return person.unit


def submit_check(s: Situation) -> None:
    """提交分中心: the station puts its name to it. Passed goes to confirmation, failed to rework. Where every leader of
    the station had a hand in the handling, a leader of the unit that checked submits."""
    check = _check(s)
    if _of_an_earlier_round(s, check):
        already_submitted(s)
        s.reject("not_in_this_state", state=s.case.state.value, kind=s.kind)
    if s.actor.person in s.hands_of_round():
        s.reject("handler_may_not_check")
    _signs_what_was_seen(s, check)
    s.emit(CheckSet(replace(check, submitted_at=s.at, submitted_by=s.actor.person)))
    clock = s.case.clock(f"check-{s.case.round}")
    if clock is not None and is_unfinished(clock):
        s.emit(ClockSet(stopped(clock, s.at, s.command.cmd_id)))
    if check.passed:
        clock = waiting_clock(f"confirm-{s.case.round}", Stage.CONFIRM, s.case.town, s.rules, None, "")
        clock = replace(clock, opened_at=s.at)
        s.emit(ClockSet(started(clock, s.reaches(clock.owner), "received", s.rules, s.case.emergency)))
        s.move(State.AWAITING_CONFIRM)
    s.note(to=s.case.town, note=s.args.note, result="passed" if check.passed else "failed")
    if not check.passed:
        _rework(s)


def already_submitted(s: Situation) -> None:
    """提交 by another of the station, who had not heard that it was done: one act, and the earlier one counts. Sent back for rework, the
    case may be in its next round by now."""
    check = next((c for c in reversed(s.case.checks) if not _was_before(s, c)), None)
    if check is None or check.submitted_at is None or not s.actor.has(*CHECKING_LEADERS):
        return
    if s.actor.unit not in (check.station, check.checker_unit):
        return
    if s.actor.person not in hands_of_round(replace(s.case, round=check.round)):
        _signs_what_was_seen(s, check)
        credit_earlier(s, f"check-{check.round}")
        if check.passed is False:
            next_round_known_too(s, check.round)
        raise Merged("already_submitted", s.first_act(("case.submit_check",)))


def _signs_what_was_seen(s: Situation, check: Check) -> None:
    """Whose own look at it was refused, as another had seen it otherwise, put his name to his own (sync.md §3.6)."""
    if s.args.passed is not None and s.args.passed != check.passed:
        s.reject("verified_already", _act_of(s, check))


def _was_before(s: Situation, check: Check) -> bool:
    """True when this act was surely done before the result which that check is about was in: it is about an earlier round."""
    leads = [a for a in s.case.assignments if a.role is AssignmentRole.LEAD and a.round == check.round]
    result = first_word(s.case, leads[-1], Stage.HANDLING) if leads else None
    return result is not None and s.at.hi < result.lo


def _of_an_earlier_round(s: Situation, check: Check) -> bool:
    return check.round > 1 and _was_before(s, check)


def _rework(s: Situation) -> None:
    """返工: the same lead, a new round with clocks of its own that start at delivery (practice.md §3)."""
    lead = s.case.lead
    if lead is None:
        s.reject("no_lead")
    s.end_assignment(lead, "reworked")
    s.set_facts(round=s.case.round + 1)
    s.assign(0, lead.receiver, AssignmentRole.LEAD, lead.limit, lead.giver)
    s.move(State.DISPATCHED)


def confirm(s: Situation) -> None:
    """确认结案 by somebody who neither handled, typed nor checked this round."""
    _may_confirm(s)
    _stop_confirm(s)
    s.end_everything("closed", keep_verdicts=True)
    s.set_facts(closed_at=s.at, close_kind=s.args.close_kind)
    s.move(State.CLOSED)
    s.note(note=s.args.note)


def refuse_confirm(s: Situation) -> None:
    """不予确认, with the reason: rework."""
    if not s.args.reason.strip():
        s.reject("reason_missing")
    _may_confirm(s)
    _stop_confirm(s)
    lead = s.case.lead
    s.note(to=lead.receiver if lead else "", note=s.args.reason)
    _rework(s)


def _may_confirm(s: Situation) -> None:
    check = s.case.check
    hands = s.hands_of_round()
    submitted = check.submitted_at if check is not None and check.round > 1 else None
    if submitted is not None and s.at.hi < submitted.lo:  # about an earlier round, which another has judged
        s.reject("not_in_this_state", state=s.case.state.value, kind=s.kind)
    if s.actor.person in hands:
        s.reject("handler_may_not_confirm")
    if check is not None and s.actor.person in (check.checker, check.entered_by, check.submitted_by):
        s.reject("checker_may_not_confirm")


def _stop_confirm(s: Situation) -> None:
    clock = s.case.clock(f"confirm-{s.case.round}")
    if clock is not None and is_unfinished(clock):
        s.emit(ClockSet(stopped(clock, s.at, s.command.cmd_id)))
