"""退单, 作废 and 提请: who may ask and answer what, and what an open request does to the case meanwhile (practice.md §3)."""

from __future__ import annotations

from msgspec.structs import replace

from models import commands as c
from models.case import AssignmentRole, RequestKind, State
from models.deadline import Limit, LimitUnit
from models.decide import Outcome, allowed
from models.organisation import DISTRICT_CODE
from models.people import DISTRICT_ITSELF
from models.row import NextStep, next_step
from models.rules import Rules
from tests.models.small_town import DEPARTMENT, MARKET, SQUAD, TOWN, VILLAGE, WASTE, Walk, reference
from tests.models.test_case_walk import dispatched, reported


def handed_down(walk: Walk) -> str:
    """A hotline case the district gave to the town; the id of the town's own duty."""
    reported(walk, by="intake", channel="hotline")
    walk.act("intake", c.File())
    case = walk.act("operator", c.Dispatch(TOWN))
    town = case.town_assignment
    assert town is not None
    walk.act(DISTRICT_ITSELF, c.Deliver(town.id))
    return town.id


def lead_of(walk: Walk) -> str:
    assert walk.case is not None and walk.case.lead is not None
    return walk.case.lead.id


def co_of(walk: Walk) -> str:
    assert walk.case is not None
    return walk.case.active(AssignmentRole.CO)[0].id


def request_of(walk: Walk) -> str:
    assert walk.case is not None
    return [r for r in walk.case.requests if not r.beside][-1].id


def test_a_town_gives_nothing_back_while_a_unit_works_in_its_name() -> None:
    walk = Walk()
    town = handed_down(walk)
    walk.act("clerk", c.Dispatch(SQUAD))
    assert walk.refused("clerk", c.AskReturn(town, "不是我镇")) == "units_at_work"
    assert walk.last.reason is not None and "case.redispatch" in str(walk.last.reason.args["allowed"])
    assert "case.ask_return" not in allowed(walk.case, walk.actor("clerk"), walk.rules, walk.now_ms)


def test_a_return_asked_before_the_town_sent_a_unit_is_not_granted_over_its_head() -> None:
    walk = Walk()
    town = handed_down(walk)
    walk.act("clerk", c.AskReturn(town, "不是我镇"))
    asked = request_of(walk)
    walk.act("clerk", c.Dispatch(SQUAD, co=(MARKET,)))
    assert walk.refused("operator", c.AnswerReturn(asked, True)) == "units_at_work"
    assert walk.case is not None and len(walk.case.active(AssignmentRole.LEAD)) == 1
    assert next_step(walk.case) == NextStep("case.log_call", TOWN), "the unit's own next step is not hidden"
    walk.act("squad-officer", c.AskReturn(lead_of(walk), "不属本单位"))
    walk.act("clerk", c.AnswerReturn(request_of(walk), True))
    assert walk.refused("operator", c.AnswerReturn(asked, True)) == "units_at_work", "the co-handler is still there"
    walk.act("clerk", c.WithdrawCoHandler(co_of(walk), "全案退回"))
    case = walk.act("operator", c.AnswerReturn(asked, True))
    assert case.state is State.AWAITING_DISPATCH and [a for a in case.assignments if not a.ended] == []
    case = walk.act("operator", c.Dispatch(DEPARTMENT))
    assert len(case.active(AssignmentRole.LEAD)) == 1


def test_a_return_still_open_is_over_when_the_unit_hands_in_its_result() -> None:
    walk = Walk()
    lead = dispatched(walk)
    walk.act(DISTRICT_ITSELF, c.Deliver(lead))
    walk.act("squad-officer", c.Arrive(lead))
    walk.act("squad-officer", c.AskReturn(lead, "不属本单位"))
    assert walk.case is not None and next_step(walk.case).code == "case.answer_return"
    asked = request_of(walk)
    case = walk.act("squad-officer", c.Feedback(lead, "已办"))
    assert next_step(case).code == "case.name_checker" and case.open_requests(RequestKind.RETURN) == ()
    assert "case.answer_return" not in allowed(case, walk.actor("clerk"), walk.rules, walk.now_ms)
    assert walk.refused("clerk", c.AnswerReturn(asked, True)) == "not_the_giver"


def test_each_unit_asks_to_return_its_own_part() -> None:
    walk = Walk()
    lead = dispatched(walk)
    walk.act("market-officer", c.AskReturn(co_of(walk), "无须协办"))
    first = request_of(walk)
    assert walk.case is not None and next_step(walk.case).code == "case.log_call", "the lead goes on"
    walk.act("squad-officer", c.AskReturn(lead, "不属本单位"))
    assert next_step(walk.case) == NextStep("case.answer_return", TOWN)
    again = walk.try_act("squad-leader", c.AskReturn(lead, "不属"))
    assert again.outcome is Outcome.MERGED and again.reason is not None and again.reason.by == request_of(walk)
    case = walk.act("clerk", c.AnswerReturn(first, True))
    assert case.active(AssignmentRole.CO) == () and case.lead is not None
    case = walk.act("clerk", c.AnswerReturn(case.requests[-1].id, False))
    assert case.state is State.DISPATCHED and case.open_requests(RequestKind.RETURN) == ()


def test_a_co_handlers_request_can_still_be_answered_after_the_result_is_in() -> None:
    walk = Walk()
    lead = dispatched(walk)
    walk.act("squad-officer", c.Arrive(lead))
    walk.act("market-officer", c.AskReturn(co_of(walk), "无须协办"))
    case = walk.act("squad-officer", c.Feedback(lead, "已办"))
    assert next_step(case).code == "case.name_checker"
    case = walk.act("clerk", c.AnswerReturn(request_of(walk), True))
    assert case.state is State.AWAITING_CHECK and case.active(AssignmentRole.CO) == ()


def test_a_co_handler_that_is_dispatched_to_has_the_case_once() -> None:
    walk = Walk()
    lead = dispatched(walk)
    walk.act("squad-officer", c.AskReturn(lead, "不属本单位"))
    walk.act("clerk", c.AnswerReturn(request_of(walk), True))
    case = walk.act("clerk", c.Dispatch(MARKET))
    assert case.lead is not None and case.lead.receiver == MARKET and case.active(AssignmentRole.CO) == ()


def test_a_request_to_void_is_the_next_step_of_whoever_may_approve_it() -> None:
    walk = Walk()
    dispatched(walk)
    assert walk.case is not None
    before = next_step(walk.case)
    case = walk.act("clerk", c.AskVoid("重复录入"))
    assert next_step(case) == NextStep("case.answer_void", TOWN)
    assert "case.answer_void" in allowed(case, walk.actor("deputy"), walk.rules, walk.now_ms)
    assert "case.answer_void" not in allowed(case, walk.actor("clerk-2"), walk.rules, walk.now_ms)
    assert next_step(walk.act("deputy", c.AnswerVoid(request_of(walk), False))) == before


def test_the_deputys_own_request_to_void_goes_to_the_district() -> None:
    walk = Walk()
    dispatched(walk)
    case = walk.act("deputy", c.AskVoid("重复录入"))
    assert next_step(case) == NextStep("case.answer_void", DISTRICT_CODE)
    assert walk.act("operator", c.AnswerVoid(request_of(walk), True)).state is State.VOID


def test_where_only_whoever_asked_could_approve_the_case_goes_on() -> None:
    everybody = reference()
    alone = tuple(p for p in everybody.people if p.id != "operator-2")
    walk = Walk(Rules(replace(everybody, people=alone)))
    reported(walk, by="intake", channel="hotline")
    assert walk.case is not None
    before = next_step(walk.case)
    assert next_step(walk.act("operator", c.AskVoid("重复录入"))) == before, "a district with one operator"


def test_a_town_that_has_sent_somebody_is_not_asked_to_sign_for_the_case() -> None:
    walk = Walk()
    town = handed_down(walk)
    assert walk.case is not None and "case.acknowledge" in allowed(
        walk.case, walk.actor("clerk"), walk.rules, walk.now_ms
    )
    case = walk.act("clerk", c.Dispatch(SQUAD))
    assert "case.acknowledge" not in allowed(case, walk.actor("clerk"), walk.rules, walk.now_ms)
    assert walk.refused("clerk", c.Acknowledge(town)) == "not_your_assignment"


def moved(walk: Walk, person: str, unit: str) -> None:
    """The person works elsewhere from now on."""
    old = reference()
    people = tuple(replace(p, unit=unit) if p.id == person else p for p in old.people)
    walk.rules = Rules(replace(old, people=people))


def test_who_spoke_works_elsewhere_now_and_the_unit_he_spoke_for_may_still_stand_by_it() -> None:
    walk = Walk()
    lead = dispatched(walk)
    walk.act("clerk", c.GiveOpinion(lead, "占道", "劝离", on_behalf="squad-officer"))
    assert walk.case is not None
    typed = walk.case.history[-1].cmd_id
    moved(walk, "squad-officer", MARKET)
    assert "case.ratify" not in allowed(walk.case, walk.actor("market-officer"), walk.rules, walk.now_ms)
    assert walk.refused("market-officer", c.Ratify(typed)) == "not_your_assignment"
    assert "case.ratify" in allowed(walk.case, walk.actor("squad-leader"), walk.rules, walk.now_ms)
    walk.act("squad-leader", c.Ratify(typed))


def test_a_co_handler_is_withdrawn_by_whoever_named_it() -> None:
    """The district's ruling named a department; the town that got the case later may not let it off (D18)."""
    walk = Walk()
    walk.act("clerk", c.Report("LY-1", "grid", WASTE, "垃圾", "路口", TOWN, VILLAGE))
    walk.act("clerk", c.File())
    walk.act("clerk", c.AskRuling("涉及多部门"))
    walk.act("operator", c.Rule(MARKET, Limit(3, LimitUnit.WORK_DAY), (DEPARTMENT,)))
    named = co_of(walk)
    walk.act("market-officer", c.AskReturn(lead_of(walk), "不属本所"))
    walk.act("operator", c.AnswerReturn(request_of(walk), True))
    walk.act("operator", c.Dispatch(TOWN))
    walk.act("clerk", c.Dispatch(SQUAD))
    walk.act("clerk", c.AddCoHandler(VILLAGE))
    assert walk.refused("clerk", c.WithdrawCoHandler(named, "不需要")) == "not_the_giver"
    own = next(a.id for a in walk.case.active(AssignmentRole.CO) if a.giver == TOWN)  # type: ignore[union-attr]
    walk.act("clerk", c.WithdrawCoHandler(own, "不需要"))
    walk.act("operator", c.WithdrawCoHandler(named, "不需要"))


def test_a_town_adds_nobody_beside_a_lead_the_district_named() -> None:
    """It would be in the district's name, and not the town's to take back (D18)."""
    walk = Walk()
    walk.act("clerk", c.Report("LY-1", "grid", WASTE, "垃圾", "路口", TOWN, VILLAGE))
    walk.act("clerk", c.File())
    walk.act("clerk", c.Dispatch(SQUAD, co=(MARKET,)))
    walk.act("squad-officer", c.AskReturn(lead_of(walk), "不属本队"))
    walk.act("clerk", c.AnswerReturn(request_of(walk), True))
    walk.act("clerk", c.AskRuling("涉及多部门"))
    walk.act("operator", c.Rule(SQUAD, Limit(3, LimitUnit.WORK_DAY)))
    assert "case.add_co_handler" not in allowed(walk.case, walk.actor("clerk"), walk.rules, walk.now_ms)
    assert walk.refused("clerk", c.AddCoHandler(DEPARTMENT)) == "not_the_giver"
    walk.act("operator", c.AddCoHandler(DEPARTMENT))
