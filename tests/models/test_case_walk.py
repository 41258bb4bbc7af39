"""One case all the way round, by the rule book alone (plan §四, R4–R6, R43, R48–R50)."""

from __future__ import annotations

from models import commands as c
from models.case import AssignmentRole, State, Verdict
from models.deadline import Limit, LimitUnit
from models.decide import Outcome, allowed
from models.organisation import DISTRICT_CODE
from models.people import DISTRICT_ITSELF
from models.policy import Stage
from models.row import scopes_of
from tests.models.small_town import DEPARTMENT, MARKET, SQUAD, STALLS, START_MS, TOWN, VILLAGE, Walk

MINUTE = 60_000


def reported(walk: Walk, by: str = "clerk", channel: str = "grid", station: str = VILLAGE) -> None:
    walk.act(by, c.Report("LY-1", channel, STALLS, "龙山路口店外经营", "龙山路口", TOWN, station))


def dispatched(walk: Walk) -> str:
    reported(walk)
    walk.act("clerk", c.File(), minutes=1)
    case = walk.act("clerk", c.Dispatch(SQUAD, co=(MARKET,)), minutes=2)
    assert case.lead is not None
    return case.lead.id


def handled(walk: Walk) -> str:
    lead = dispatched(walk)
    walk.act(DISTRICT_ITSELF, c.Deliver(lead), minutes=1)
    walk.act("squad-officer", c.Acknowledge(lead), minutes=2)
    walk.act("squad-officer", c.Arrive(lead), minutes=20)
    walk.act("squad-officer", c.GiveOpinion(lead, "店外摆放冰柜", "劝离"), minutes=10)
    walk.act("squad-officer", c.Feedback(lead, "已搬回店内"), minutes=10)
    return lead


def checked(walk: Walk, passed: bool = True) -> str:
    lead = handled(walk)
    walk.act("vice", c.NameChecker("member-1"), minutes=5)
    walk.act("member-1", c.CheckOnSite("member-1", passed, "门前干净"), minutes=30)
    walk.act("vice", c.SubmitCheck(), minutes=5)
    return lead


def verdicts(walk: Walk) -> dict[str, Verdict | None]:
    assert walk.case is not None
    return {f"{k.stage.value}:{k.owner}": k.verdict for k in walk.case.clocks}


def test_a_case_goes_all_the_way_round() -> None:
    walk = Walk()
    checked(walk)
    assert walk.case is not None and walk.case.state is State.AWAITING_CONFIRM
    case = walk.act("confirmer", c.Confirm(), minutes=20)
    assert case.state is State.CLOSED and not case.is_open
    assert case.version == 12
    assert [h.kind for h in case.history][-3:] == ["case.check", "case.submit_check", "case.confirm"]
    found = verdicts(walk)
    assert found[f"dispatch:{TOWN}"] is Verdict.ON_TIME
    assert found[f"arrival:{SQUAD}"] is Verdict.ON_TIME
    assert found[f"check:{VILLAGE}"] is Verdict.ON_TIME
    assert found[f"arrival:{MARKET}"] is Verdict.NOT_COUNTED, "never delivered to the co-handler: nobody's lateness"


def test_ten_minutes_run_from_report_to_dispatch_not_from_filing() -> None:
    walk = Walk()
    reported(walk)
    walk.act("clerk", c.File(), minutes=9)
    walk.act("clerk", c.Dispatch(SQUAD), minutes=2)
    assert verdicts(walk)[f"dispatch:{TOWN}"] is Verdict.LATE


def test_a_case_handed_down_gives_the_town_its_own_clocks() -> None:
    walk = Walk()
    reported(walk, by="intake", channel="hotline")
    walk.act("intake", c.File(), minutes=1)
    case = walk.act("operator", c.Dispatch(TOWN), minutes=3)
    assert case.state is State.AWAITING_DISPATCH and case.level == TOWN
    town = case.town_assignment
    assert town is not None
    case = walk.act(DISTRICT_ITSELF, c.Deliver(town.id), minutes=2)
    running = {k.stage: k for k in case.clocks if k.owner == TOWN and k.started_at}
    assert set(running) == {Stage.DISPATCH, Stage.ARRIVAL, Stage.OPINION}
    assert running[Stage.DISPATCH].due_at == START_MS + 16 * MINUTE
    case = walk.act("clerk", c.Dispatch(SQUAD), minutes=4)
    lead = case.lead
    assert lead is not None and lead.giver == TOWN
    walk.act(DISTRICT_ITSELF, c.Deliver(lead.id), minutes=1)
    walk.act("squad-officer", c.Arrive(lead.id), minutes=30)
    found = verdicts(walk)
    assert found[f"dispatch:{DISTRICT_CODE}"] is Verdict.ON_TIME
    assert found[f"dispatch:{TOWN}"] is Verdict.ON_TIME
    assert found[f"arrival:{TOWN}"] is Verdict.ON_TIME, "the squad is the town's own: its arrival is the town's"
    assert found[f"arrival:{SQUAD}"] is Verdict.ON_TIME


def test_a_case_given_directly_to_a_department_is_checked_and_confirmed_where_it_lies() -> None:
    walk = Walk()
    reported(walk, by="intake", channel="hotline")
    walk.act("intake", c.File())
    case = walk.act("operator", c.Dispatch(DEPARTMENT))
    lead = case.lead
    assert lead is not None and lead.giver == DISTRICT_CODE and case.level == DISTRICT_CODE
    assert walk.refused("clerk", c.Redispatch(SQUAD, "近")) == "not_the_giver"
    walk.act(DISTRICT_ITSELF, c.Deliver(lead.id))
    walk.act("water-officer", c.Arrive(lead.id), minutes=30)
    walk.act("water-officer", c.Feedback(lead.id, "已疏通"), minutes=30)
    walk.act("vice", c.CheckOnSite("vice", True, "畅通"))
    walk.act("vice", c.SubmitCheck())
    assert walk.act("confirmer", c.Confirm()).state is State.CLOSED


def test_a_failed_check_starts_a_rework_round_with_clocks_of_its_own() -> None:
    walk = Walk()
    first = checked(walk, passed=False)
    case = walk.case
    assert case is not None and case.state is State.DISPATCHED and case.round == 2
    lead = case.lead
    assert lead is not None and lead.id != first and lead.receiver == SQUAD and lead.round == 2
    stages = {k.stage for k in case.clocks if k.assignment == lead.id}
    assert stages == {Stage.ARRIVAL, Stage.HANDLING}, "no second first opinion"
    walk.act("squad-officer", c.Acknowledge(lead.id))
    walk.act("squad-officer", c.Arrive(lead.id), minutes=10)
    walk.act("squad-officer", c.Feedback(lead.id, "再次劝离"), minutes=10)
    walk.act("vice", c.CheckOnSite("member-2", True, "干净"))
    walk.act("vice", c.SubmitCheck())
    assert walk.act("confirmer", c.Confirm()).close_kind == "done"


def test_refused_confirmation_needs_a_reason_and_reworks() -> None:
    walk = Walk()
    checked(walk)
    assert walk.refused("confirmer", c.RefuseConfirm("  ")) == "reason_missing"
    assert walk.act("confirmer", c.RefuseConfirm("照片不是此处")).round == 2


def test_nobody_checks_or_confirms_what_passed_through_his_hands() -> None:
    walk = Walk()
    reported(walk)
    walk.act("clerk-2", c.File())
    case = walk.act("clerk-2", c.Dispatch(VILLAGE))
    lead = case.lead
    assert lead is not None
    walk.act("clerk-2", c.Arrive(lead.id, on_behalf="member-1"))
    walk.act("member-1", c.Feedback(lead.id, "已清"))
    assert walk.refused("vice", c.NameChecker("member-1")) == "checker_handled"
    assert walk.refused("member-1", c.CheckOnSite("member-2", True, "干净")) == "handler_may_not_check"
    walk.act("vice", c.CheckOnSite("member-2", True, "干净"))
    walk.act("vice", c.SubmitCheck())
    assert walk.refused("clerk-2", c.Confirm()) == "handler_may_not_confirm", "typed the arrival (代录)"
    assert "case.confirm" not in allowed(walk.case, walk.actor("clerk-2"), walk.rules, walk.now_ms)
    walk.act("confirmer", c.Confirm())


def test_a_typed_arrival_counts_only_after_ratification() -> None:
    walk = Walk()
    lead = dispatched(walk)
    walk.act("clerk", c.LogCall(SQUAD, "answered", "squad-leader", lead))
    case = walk.act("clerk", c.Arrive(lead, on_behalf="squad-officer"), minutes=20)
    assert verdicts(walk)[f"arrival:{SQUAD}"] is Verdict.UNRATIFIED
    step = case.history[-1]
    assert step.on_behalf == "squad-officer" and step.ratified is False
    assert "case.ratify" in allowed(case, walk.actor("squad-leader"), walk.rules, walk.now_ms)
    walk.act("squad-leader", c.Ratify(step.cmd_id))
    assert verdicts(walk)[f"arrival:{SQUAD}"] is Verdict.ON_TIME


def test_an_answered_call_starts_the_clocks_before_delivery() -> None:
    walk = Walk()
    lead = dispatched(walk)
    case = walk.act("clerk", c.LogCall(SQUAD, "no_answer", assignment=lead), minutes=1)
    assert case.clock(f"{lead}:arrival").started_at is None  # type: ignore[union-attr]
    case = walk.act("clerk", c.LogCall(SQUAD, "answered", "squad-leader", lead), minutes=1)
    told_at = walk.now_ms
    case = walk.act(DISTRICT_ITSELF, c.Deliver(lead), minutes=30)
    clock = case.clock(f"{lead}:arrival")
    assert clock is not None and clock.started_at == told_at and clock.start_kind == "notified"


def test_an_upheld_return_opens_a_new_cycle_and_keeps_the_old() -> None:
    walk = Walk()
    lead = dispatched(walk)
    walk.act(DISTRICT_ITSELF, c.Deliver(lead))
    case = walk.act("squad-officer", c.AskReturn(lead, "不属本单位职责"), minutes=10)
    request = case.requests[-1].id
    assert walk.refused("squad-officer", c.AnswerReturn(request, True)) == "not_the_giver"
    case = walk.act("clerk", c.AnswerReturn(request, True), minutes=5)
    assert case.state is State.AWAITING_DISPATCH and case.cycle == 2
    assert verdicts(walk)[f"arrival:{SQUAD}"] is Verdict.NOT_COUNTED
    assert [k.id for k in case.clocks if k.stage is Stage.DISPATCH] == ["dispatch-1", "dispatch-2"]
    assert case.clocks[0].verdict is Verdict.ON_TIME
    assert walk.act("clerk", c.Dispatch(MARKET)).lead.receiver == MARKET  # type: ignore[union-attr]


def test_the_same_dispatch_twice_is_merged_and_another_is_refused() -> None:
    walk = Walk()
    dispatched(walk)
    first = walk.case.history[-1].cmd_id  # type: ignore[union-attr]
    again = walk.try_act("clerk-2", c.Dispatch(SQUAD))
    assert again.outcome is Outcome.MERGED and again.reason is not None and again.reason.by == first
    assert walk.refused("clerk-2", c.Dispatch(VILLAGE)) == "already_dispatched_to"


def test_a_second_arrival_that_was_really_earlier_is_credited() -> None:
    walk = Walk()
    lead = dispatched(walk)
    walk.act(DISTRICT_ITSELF, c.Deliver(lead))
    walk.act("squad-officer", c.Arrive(lead), minutes=70)
    assert verdicts(walk)[f"arrival:{SQUAD}"] is Verdict.LATE
    from models.evidence import exactly

    earlier = walk.try_act("squad-leader", c.Arrive(lead), at=exactly(walk.now_ms - 30 * MINUTE))
    assert earlier.outcome is Outcome.MERGED
    assert verdicts(walk)[f"arrival:{SQUAD}"] is Verdict.ON_TIME


def test_a_ruling_names_lead_co_handlers_and_limit() -> None:
    walk = Walk()
    reported(walk)
    walk.act("clerk", c.File())
    case = walk.act("clerk", c.AskRuling("多部门,镇无职能", (DEPARTMENT,)), minutes=3)
    assert case.state is State.AWAITING_RULING and case.level == DISTRICT_CODE
    assert TOWN in scopes_of(case), "the town goes on seeing what it asked about"
    assert "case.note" in allowed(case, walk.actor("clerk"), walk.rules, walk.now_ms)
    assert walk.refused("clerk", c.Rule(DEPARTMENT, Limit(5, LimitUnit.WORK_DAY))) == "district_only"
    case = walk.act("operator", c.Rule(DEPARTMENT, Limit(5, LimitUnit.WORK_DAY)), minutes=5)
    assert case.lead is not None and case.lead.limit == Limit(5, LimitUnit.WORK_DAY)
    assert [a.role for a in case.assignments] == [AssignmentRole.LEAD]


def test_who_may_be_named() -> None:
    walk = Walk()
    reported(walk)
    walk.act("clerk", c.File())
    assert walk.refused("clerk", c.Dispatch(DEPARTMENT)) == "not_assignable"
    assert walk.refused("clerk", c.Dispatch(SQUAD, co=(SQUAD,))) == "named_twice"
    assert walk.refused("market-deputy", c.Dispatch(SQUAD), unit=TOWN) == "seconded_may_not"
    assert walk.refused("other-clerk", c.Dispatch(SQUAD)) == "unknown_case"


def test_only_hotline_cases_are_transferred_out() -> None:
    walk = Walk()
    reported(walk)
    assert walk.refused("clerk", c.TransferOut(DEPARTMENT, "非城管")) == "not_a_hotline_case"
    other = Walk()
    reported(other, by="intake", channel="hotline")
    case = other.act("intake", c.TransferOut(DEPARTMENT, "非城管"), minutes=4)
    assert case.state is State.TRANSFERRED_OUT
    assert verdicts(other)[f"dispatch:{DISTRICT_CODE}"] is Verdict.ON_TIME


def test_supplement_is_a_counted_stop_and_a_new_ten_minutes() -> None:
    walk = Walk()
    reported(walk, by="member-1")
    walk.act("clerk", c.AskSupplement("缺照片"), minutes=5)
    case = walk.act("member-1", c.Supplement(words="补:图书馆门口"), minutes=60)
    assert case.state is State.REPORTED and case.cycle == 2
    walk.act("clerk", c.File(), minutes=2)
    walk.act("clerk", c.Dispatch(SQUAD), minutes=2)
    assert verdicts(walk)[f"dispatch:{TOWN}"] is Verdict.ON_TIME


def test_void_needs_another_person() -> None:
    walk = Walk()
    reported(walk)
    case = walk.act("clerk", c.AskVoid("重复录入"))
    request = case.requests[0].id
    assert walk.refused("clerk", c.AnswerVoid(request, True)) == "not_your_own_request"
    assert walk.refused("confirmer", c.AnswerVoid(request, True)) == "approvers_only"
    assert walk.act("deputy", c.AnswerVoid(request, True)).state is State.VOID


def test_found_and_fixed_waits_for_other_eyes() -> None:
    walk = Walk()
    args = c.Report("LY-2", "grid", STALLS, "清理小广告", "老街口", TOWN, VILLAGE, self_handled=True)
    case = walk.act("member-1", args)
    assert case.state is State.AWAITING_REVIEW and case.clocks == ()
    assert walk.act("confirmer", c.ReviewSelfHandled(True)).close_kind == "self_handled"


def test_what_the_district_found_fixed_waits_where_it_is_reviewed() -> None:
    walk = Walk()
    case = walk.act("intake", c.Report("Q-1", "grid", STALLS, "已清", "路口", TOWN, VILLAGE, self_handled=True))
    assert TOWN in scopes_of(case)
    assert walk.act("confirmer", c.ReviewSelfHandled(True)).state is State.CLOSED


def test_a_testimony_out_of_time_is_kept_in_the_history_only() -> None:
    walk = Walk()
    lead = checked(walk)
    before = walk.act("confirmer", c.Confirm())
    decision = walk.try_act("squad-officer", c.NoteProgress("又去看过", lead))
    assert decision.outcome is Outcome.ACCEPTED and decision.reason is not None
    assert decision.reason.code == "appended_after_close"
    assert walk.case is not None and walk.case.state is State.CLOSED
    assert walk.case.history[-1].result == "late_history" and walk.case.clocks == before.clocks


def test_a_refusal_says_what_is_allowed_instead() -> None:
    walk = Walk()
    reported(walk)
    decision = walk.try_act("clerk", c.Confirm())
    assert decision.reason is not None and "case.file" in str(decision.reason.args["allowed"])
