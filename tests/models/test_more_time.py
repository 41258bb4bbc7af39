"""延期 and 挂账 (domain.md §2, practice.md §3 "extension pending"): asked in time the verdict is held; refused it was what it was."""

from __future__ import annotations

import pytest

from models import commands as c
from models.case import RequestKind, StageClock, State, Verdict
from models.deadline import Limit, LimitUnit
from models.decide import Outcome, allowed
from models.decide.more_time import is_suspended
from models.evidence import Grade, Moment
from models.light import Light, light_of
from models.organisation import DISTRICT_CODE
from models.people import DISTRICT_ITSELF
from models.row import NextStep, next_step, row_of
from tests.models.small_town import DEPARTMENT, MARKET, SQUAD, START_MS, TOWN, VILLAGE, Walk
from tests.models.test_case_walk import reported
from tests.models.test_requests import request_of

HOUR, DAY = 3_600_000, 86_400_000
TWO_HOURS = Limit(2, LimitUnit.URGENT_HOUR)


def at_work(walk: Walk, co: tuple[str, ...] = ()) -> str:
    """A case the squad works on: there after ten minutes, its opinion given; two hours are its limit."""
    reported(walk)
    walk.act("clerk", c.File())
    case = walk.act("clerk", c.Dispatch(SQUAD, co=co))
    for given in case.assignments:
        walk.act(DISTRICT_ITSELF, c.Deliver(given.id))
    lead = case.lead
    assert lead is not None
    walk.act("squad-officer", c.Arrive(lead.id), minutes=10)
    walk.act("squad-officer", c.GiveOpinion(lead.id, "冰柜搬不动", "联系吊车"))
    return lead.id


def handling(walk: Walk, assignment: str = "") -> StageClock:
    assert walk.case is not None
    lead = assignment or next(a.id for a in walk.case.assignments if a.receiver == SQUAD)
    clock = walk.case.clock(f"{lead}:handling")
    assert clock is not None
    return clock


def shown(walk: Walk) -> Light:
    return light_of(handling(walk), walk.now_ms, walk.now_ms)


def offered(walk: Walk, person: str) -> set[str]:
    return set(allowed(walk.case, walk.actor(person), walk.rules, walk.now_ms))


def test_granted_in_time_is_the_limit_once_more_and_twice_is_all() -> None:
    walk = Walk()
    lead = at_work(walk)
    due = handling(walk).due_at
    assert due is not None and handling(walk).limit == TWO_HOURS
    for times in (1, 2):
        walk.act("squad-officer", c.AskExtension(lead, "等吊车"), minutes=30)
        assert handling(walk).held and next_step(walk.case) == NextStep("case.answer_extension", TOWN)  # type: ignore[arg-type]
        walk.act("deputy", c.AnswerExtension(request_of(walk), True), minutes=1)
        assert handling(walk).due_at == due + times * 2 * HOUR and handling(walk).extensions == times
        assert not handling(walk).held and handling(walk).limit == TWO_HOURS
    assert "case.ask_extension" not in allowed(walk.case, walk.actor("squad-officer"), walk.rules, walk.now_ms)
    assert walk.refused("squad-officer", c.AskExtension(lead, "还等")) == "extended_often_enough"
    walk.act("squad-officer", c.Feedback(lead, "吊走了"), minutes=4 * 60)
    assert handling(walk).verdict is Verdict.ON_TIME, "after the first due time, within the last"


def test_refused_leaves_the_limit_and_does_not_count_as_one() -> None:
    walk = Walk()
    lead = at_work(walk)
    before = handling(walk)
    for _ in range(3):
        walk.act("squad-officer", c.AskExtension(lead, "等吊车"))
        walk.act("clerk", c.AnswerExtension(request_of(walk), False))
        assert (handling(walk).due_at, handling(walk).extensions) == (before.due_at, 0)


def test_no_light_burns_while_it_waits_and_a_late_result_is_judged_by_the_answer() -> None:
    for granted, verdict in ((True, Verdict.ON_TIME), (False, Verdict.LATE)):
        walk = Walk()
        lead = at_work(walk)
        walk.act("squad-officer", c.AskExtension(lead, "等吊车"), minutes=60)
        walk.now_ms += 2 * HOUR
        assert walk.case is not None and shown(walk) is Light.PAUSED
        assert row_of(walk.case).due_at is None and row_of(walk.case).paused
        case = walk.act("squad-officer", c.Feedback(lead, "吊走了"))
        assert handling(walk).verdict is Verdict.HELD and case.state is State.AWAITING_CHECK
        assert not row_of(case).any_late, "neither late nor in time yet"
        assert "case.answer_extension" in allowed(case, walk.actor("clerk"), walk.rules, walk.now_ms), (
            "also after the result"
        )
        walk.act("clerk", c.AnswerExtension(request_of(walk), granted))
        assert handling(walk).verdict is verdict
        assert "case.answer_extension" not in allowed(walk.case, walk.actor("clerk"), walk.rules, walk.now_ms)


def test_refused_after_the_limit_is_red_at_once() -> None:
    walk = Walk()
    lead = at_work(walk)
    walk.act("squad-officer", c.AskExtension(lead, "等吊车"))
    walk.act("clerk", c.AnswerExtension(request_of(walk), False), minutes=3 * 60)
    assert shown(walk) is Light.RED


def test_a_result_in_time_needs_no_answer() -> None:
    walk = Walk()
    lead = at_work(walk)
    walk.act("squad-officer", c.AskExtension(lead, "等吊车"))
    case = walk.act("squad-officer", c.Feedback(lead, "自己搬走了"), minutes=20)
    assert handling(walk).verdict is Verdict.ON_TIME and not handling(walk).held
    assert case.open_request(RequestKind.EXTENSION) is None
    assert walk.refused("clerk", c.AnswerExtension(request_of(walk), True)) == "no_such_request"


def test_a_result_typed_for_the_unit_is_judged_by_both_words() -> None:
    walk = Walk()
    lead = at_work(walk)
    walk.act("squad-officer", c.AskExtension(lead, "等吊车"))
    walk.act("clerk", c.Feedback(lead, "吊走了", on_behalf="squad-officer"), minutes=3 * 60)
    typed = walk.case.history[-1].cmd_id  # type: ignore[union-attr]
    assert handling(walk).verdict is Verdict.UNRATIFIED
    walk.act("squad-leader", c.Ratify(typed))
    assert handling(walk).verdict is Verdict.HELD
    walk.act("clerk", c.AnswerExtension(request_of(walk), True))
    assert handling(walk).verdict is Verdict.ON_TIME


def test_what_is_surely_over_is_too_late_and_what_may_not_be_is_not() -> None:
    walk = Walk()
    lead = at_work(walk)
    due = handling(walk).due_at
    assert due is not None
    walk.now_ms = due + 60_000
    assert walk.refused("squad-officer", c.AskExtension(lead, "等吊车")) == "limit_is_over"
    assert not offered(walk, "squad-officer") & {"case.ask_extension", "case.ask_suspension"}
    doubtful = Moment(due - 60_000, due + 60_000, Grade.DOUBTFUL)
    walk.act("squad-officer", c.AskExtension(lead, "等吊车"), at=doubtful)


def test_who_asks_never_answers_and_a_second_one_is_for_the_deputy() -> None:
    walk = Walk()
    lead = at_work(walk)
    assert walk.refused("clerk", c.AskExtension(lead, "等")) == "not_your_assignment"
    assert walk.refused("squad-officer", c.AskExtension(lead, " ")) == "reason_missing"
    walk.act("squad-officer", c.AskExtension(lead, "等吊车"))
    again = walk.try_act("squad-leader", c.AskExtension(lead, "等吊车"))
    assert again.outcome is Outcome.MERGED and again.reason is not None
    assert again.reason.code == "more_time_already_asked"
    assert walk.refused("squad-leader", c.AnswerExtension(request_of(walk), True)) == "not_the_giver"
    walk.act("clerk", c.AnswerExtension(request_of(walk), True))
    walk.act("squad-officer", c.AskExtension(lead, "还等"))
    assert "case.answer_extension" not in allowed(walk.case, walk.actor("clerk"), walk.rules, walk.now_ms)
    assert walk.refused("clerk", c.AnswerExtension(request_of(walk), True)) == "approvers_only"
    walk.act("deputy", c.AnswerExtension(request_of(walk), True))


def test_both_kinds_are_answered_apart() -> None:
    walk = Walk()
    lead = at_work(walk)
    walk.act("squad-officer", c.AskExtension(lead, "等吊车"))
    extension = request_of(walk)
    walk.act("squad-leader", c.AskSuspension(lead, "seasonal", walk.now_ms + DAY, "雨季"))
    suspension = walk.case.requests[-1].id  # type: ignore[union-attr]
    assert not offered(walk, "squad-officer") & {"case.ask_extension", "case.ask_suspension"}
    walk.act("clerk", c.AnswerExtension(extension, False))
    assert handling(walk).held
    walk.act("deputy", c.AnswerSuspension(suspension, False))
    assert not handling(walk).held


def test_a_co_handler_asks_for_itself() -> None:
    walk = Walk()
    at_work(walk, co=(MARKET,))
    assert walk.case is not None
    own = next(a.id for a in walk.case.assignments if a.receiver == MARKET)
    walk.act("market-officer", c.Arrive(own))
    lead_due = handling(walk).due_at
    walk.act("market-officer", c.AskExtension(own, "取样"))
    assert next_step(walk.case) != NextStep("case.answer_extension", TOWN), "the lead's next step is not hidden"
    before = handling(walk, own).due_at
    walk.act("clerk", c.AnswerExtension(request_of(walk), True))
    after = handling(walk, own).due_at
    assert before is not None and after == before + 2 * HOUR and handling(walk).due_at == lead_due


def test_what_ends_the_duty_ends_the_request() -> None:
    walk = Walk()
    lead = at_work(walk)
    walk.act("squad-officer", c.AskExtension(lead, "等吊车"))
    asked = request_of(walk)
    case = walk.act("clerk", c.Redispatch(MARKET, "不归中队"))
    assert case.open_request(RequestKind.EXTENSION) is None and handling(walk, lead).verdict is Verdict.NOT_COUNTED
    assert walk.refused("clerk", c.AnswerExtension(asked, True)) == "no_such_request"


def test_suspended_the_clock_stands_up_to_the_date_and_goes_on_by_itself() -> None:
    walk = Walk()
    lead = at_work(walk)
    due = handling(walk).due_at
    assert due is not None
    asked_at = walk.now_ms
    until = asked_at + 30 * DAY
    walk.act("squad-officer", c.AskSuspension(lead, "engineering", until, "须改线,工期一月"))
    assert next_step(walk.case) == NextStep("case.answer_suspension", TOWN)  # type: ignore[arg-type]
    assert walk.refused("clerk", c.AnswerSuspension(request_of(walk), True)) == "approvers_only"
    case = walk.act("deputy", c.AnswerSuspension(request_of(walk), True), minutes=3 * 60)
    assert handling(walk).due_at == due + 30 * DAY, (
        "it stood still since it was asked, though the answer took three hours"
    )
    assert row_of(case).suspended_until == until and case.lead is not None
    assert is_suspended(case.lead, until - 1) and not is_suspended(case.lead, until)
    walk.now_ms = until + 3 * HOUR
    assert shown(walk) is Light.RED, "no act was needed for the clock to go on"
    assert walk.refused("squad-officer", c.AskSuspension(lead, "seasonal", until + 9 * DAY, "雨")) == "limit_is_over"


def test_a_suspension_wants_a_visit_an_opinion_a_ground_and_a_date() -> None:
    walk = Walk()
    reported(walk)
    walk.act("clerk", c.File())
    case = walk.act("clerk", c.Dispatch(SQUAD))
    assert case.lead is not None
    lead = case.lead.id
    walk.act(DISTRICT_ITSELF, c.Deliver(lead))
    later = walk.now_ms + DAY
    assert walk.refused("squad-officer", c.AskSuspension(lead, "seasonal", later, "雨")) == "not_in_this_state"
    walk.act("squad-officer", c.Arrive(lead))
    assert walk.refused("squad-officer", c.AskSuspension(lead, "seasonal", later, "雨")) == "opinion_before_suspension"
    walk.act("squad-officer", c.GiveOpinion(lead, "积水", "抽水"))
    assert walk.refused("squad-officer", c.AskSuspension(lead, "no_time", later, "雨")) == "unknown_ground"
    for until in (walk.now_ms, walk.now_ms + 367 * DAY):
        assert (
            walk.refused("squad-officer", c.AskSuspension(lead, "seasonal", until, "雨")) == "suspension_out_of_range"
        )
    assert walk.refused("squad-officer", c.AskSuspension(lead, "seasonal", later, " ")) == "reason_missing"
    walk.act("squad-officer", c.AskSuspension(lead, "seasonal", later, "雨"))
    walk.act("deputy", c.AnswerSuspension(request_of(walk), False))
    assert walk.case is not None and row_of(walk.case).suspended_until is None
    walk.act("squad-officer", c.AskSuspension(lead, "seasonal", later, "仍雨"))
    walk.act("deputy", c.AnswerSuspension(request_of(walk), True))
    assert walk.refused("squad-officer", c.AskSuspension(lead, "seasonal", later + DAY, "又雨")) == "suspended_once"


def test_ended_early_the_clock_runs_from_then() -> None:
    walk = Walk()
    lead = at_work(walk)
    due = handling(walk).due_at
    assert due is not None
    walk.act("squad-officer", c.AskSuspension(lead, "conditions", walk.now_ms + 30 * DAY, "等许可"))
    asked_at = walk.now_ms
    assert "case.end_suspension" not in offered(walk, "clerk")
    walk.act("deputy", c.AnswerSuspension(request_of(walk), True))
    case = walk.act("clerk", c.EndSuspension(lead, "许可已到"), minutes=24 * 60)
    assert handling(walk).due_at == due + walk.now_ms - asked_at
    assert case.lead is not None and not is_suspended(case.lead, walk.now_ms)
    assert "case.end_suspension" not in offered(walk, "clerk")
    again = walk.try_act("clerk", c.EndSuspension(lead, "许可已到"), minutes=1)
    assert again.outcome is Outcome.MERGED


def test_co_handlers_wait_with_the_lead() -> None:
    walk = Walk()
    lead = at_work(walk, co=(MARKET,))
    assert walk.case is not None
    own = next(a.id for a in walk.case.assignments if a.receiver == MARKET)
    before, asked_at = handling(walk, own).due_at, walk.now_ms
    assert before is not None
    walk.act("squad-officer", c.AskSuspension(lead, "conditions", asked_at + 30 * DAY, "等许可"))
    walk.act("deputy", c.AnswerSuspension(request_of(walk), True))
    assert handling(walk, own).due_at == before + 30 * DAY
    walk.act("clerk", c.EndSuspension(lead, "许可已到"), minutes=24 * 60)
    assert handling(walk, own).due_at == before + walk.now_ms - asked_at


def test_handled_while_suspended_is_in_time() -> None:
    walk = Walk()
    lead = at_work(walk)
    walk.act("squad-officer", c.AskSuspension(lead, "conditions", walk.now_ms + 30 * DAY, "等许可"))
    walk.act("deputy", c.AnswerSuspension(request_of(walk), True))
    case = walk.act("squad-officer", c.Feedback(lead, "提前办好"), minutes=9 * 24 * 60)
    assert handling(walk).verdict is Verdict.ON_TIME and row_of(case).suspended_until is None


def test_the_district_answers_for_what_it_gave() -> None:
    walk = Walk()
    reported(walk, by="intake", channel="hotline")
    walk.act("intake", c.File())
    case = walk.act("operator", c.Dispatch(DEPARTMENT))
    assert case.lead is not None
    walk.act(DISTRICT_ITSELF, c.Deliver(case.lead.id))
    walk.act("water-officer", c.Arrive(case.lead.id), minutes=5)
    walk.act("water-officer", c.AskExtension(case.lead.id, "管线图未到"))
    assert next_step(walk.case) == NextStep("case.answer_extension", DISTRICT_CODE)  # type: ignore[arg-type]
    assert walk.refused("deputy", c.AnswerExtension(request_of(walk), True)) == "not_the_giver"
    walk.act("operator", c.AnswerExtension(request_of(walk), True))
    assert walk.now_ms > START_MS


@pytest.mark.parametrize("how", ["redispatched", "returned"])
def test_co_handlers_wait_no_longer_than_the_lead_has_the_case(how: str) -> None:
    walk = Walk()
    lead = at_work(walk, co=(MARKET,))
    assert walk.case is not None
    own = next(a.id for a in walk.case.assignments if a.receiver == MARKET)
    before, asked_at = handling(walk, own).due_at, walk.now_ms
    assert before is not None
    walk.act("squad-officer", c.AskSuspension(lead, "conditions", asked_at + 300 * DAY, "等许可"))
    walk.act("deputy", c.AnswerSuspension(request_of(walk), True))
    if how == "returned":
        walk.act("squad-officer", c.AskReturn(lead, "不归中队"))
        walk.act("clerk", c.AnswerReturn(request_of(walk), True), minutes=24 * 60)
    else:
        walk.act("clerk", c.Redispatch(VILLAGE, "不归中队"), minutes=24 * 60)
    assert handling(walk, own).due_at == before + walk.now_ms - asked_at, (
        "what stood in the lead's way is not in theirs"
    )


def test_ended_over_a_cut_line_it_ends_when_the_unit_may_know() -> None:
    walk = Walk()
    lead = at_work(walk)
    due, asked_at = handling(walk).due_at, walk.now_ms
    assert due is not None
    walk.act("squad-officer", c.AskSuspension(lead, "conditions", asked_at + 30 * DAY, "等许可"))
    walk.act("deputy", c.AnswerSuspension(request_of(walk), True))
    heard_ms = asked_at + 2 * DAY
    walk.act("clerk", c.EndSuspension(lead, "许可已到"), minutes=24 * 60, heard_ms=heard_ms)
    assert handling(walk).due_at == due + heard_ms - asked_at
