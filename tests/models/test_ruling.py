"""提请区中心, its answer, and the second return (R44, D18, practice.md §3): the district decides, nobody else is charged."""

from __future__ import annotations

from models import commands as c
from models.case import AssignmentRole, RequestKind, State, Verdict
from models.deadline import Limit, LimitUnit
from models.decide import allowed
from models.light import Light, light_of
from models.organisation import DISTRICT_CODE
from models.people import DISTRICT_ITSELF
from models.policy import Stage
from models.row import NextStep, next_step, scopes_of
from tests.models.small_town import (
    DEPARTMENT,
    MARKET,
    NOISE,
    OTHER_TOWN,
    SQUAD,
    STALLS,
    THREE_DAYS,
    TOWN,
    VILLAGE,
    WASTE,
    Walk,
)
from tests.models.test_case_walk import reported, verdicts
from tests.models.test_requests import handed_down

MINUTE = 60_000


def asked(walk: Walk, category: str = STALLS) -> None:
    walk.act("clerk", c.Report("LY-1", "grid", category, "多部门", "路口", TOWN, VILLAGE))
    walk.act("clerk", c.File())
    walk.act("clerk", c.AskRuling("涉多部门,镇无职能", (SQUAD, DEPARTMENT)), minutes=3)


def given_back(walk: Walk, unit: str, officer: str) -> None:
    walk.act("clerk", c.Dispatch(unit))
    assert walk.case is not None and walk.case.lead is not None
    lead = walk.case.lead.id
    walk.act(DISTRICT_ITSELF, c.Deliver(lead))
    walk.act(officer, c.AskReturn(lead, "不属本单位"), minutes=10)
    walk.act("clerk", c.AnswerReturn(walk.case.requests[-1].id, True), minutes=10)


def test_only_what_the_rules_do_not_give_the_town_is_asked_about() -> None:
    for category, may in ((NOISE, False), (WASTE, True), (STALLS, True)):
        walk = Walk()
        walk.act("clerk", c.Report("LY-1", "grid", category, "某事", "路口", TOWN, VILLAGE))
        walk.act("clerk", c.File())
        assert ("case.ask_ruling" in allowed(walk.case, walk.actor("clerk"), walk.rules, walk.now_ms)) is may
        if may:
            walk.act("clerk", c.AskRuling("多部门"))
        else:
            assert walk.refused("clerk", c.AskRuling("多部门")) == "town_has_the_function"


def test_a_suggestion_names_units() -> None:
    walk = Walk()
    reported(walk)
    walk.act("clerk", c.File())
    assert walk.refused("clerk", c.AskRuling("多部门", ("王大妈",))) == "unknown_unit"


def test_a_ruling_may_name_the_towns_own_units_beside_departments() -> None:
    walk = Walk()
    asked(walk)
    assert walk.refused("operator", c.Rule(OTHER_TOWN, THREE_DAYS)) == "not_assignable"
    assert walk.refused("operator", c.Rule(TOWN, THREE_DAYS)) == "not_assignable"
    assert walk.refused("operator", c.Rule(DEPARTMENT, THREE_DAYS, co=(OTHER_TOWN,))) == "not_assignable"
    case = walk.act("operator", c.Rule(SQUAD, THREE_DAYS, co=(DEPARTMENT, MARKET)))
    assert [(a.receiver, a.role, a.giver) for a in case.assignments] == [
        (SQUAD, AssignmentRole.LEAD, DISTRICT_CODE),
        (DEPARTMENT, AssignmentRole.CO, DISTRICT_CODE),
        (MARKET, AssignmentRole.CO, DISTRICT_CODE),
    ]
    case = walk.act("operator", c.Redispatch(VILLAGE, "更近"))
    assert case.lead is not None and case.lead.receiver == VILLAGE


def test_without_a_ruling_the_district_names_no_unit_over_a_towns_head() -> None:
    walk = Walk()
    reported(walk, by="intake", channel="hotline")
    walk.act("intake", c.File())
    assert walk.refused("operator", c.Dispatch(SQUAD)) == "not_assignable"


def test_the_district_may_send_the_question_back_with_a_reason() -> None:
    walk = Walk()
    asked(walk)
    assert walk.refused("clerk", c.RefuseRuling("x")) == "district_only"
    assert walk.refused("operator", c.RefuseRuling(" ")) == "reason_missing"
    case = walk.act("operator", c.RefuseRuling("镇有此职能"), minutes=5)
    assert case.state is State.AWAITING_DISPATCH and case.level == TOWN and case.cycle == 3
    assert case.open_requests(RequestKind.RULING) == () and not case.is_ruled
    fresh = case.clock("dispatch-3")
    assert fresh is not None and fresh.owner == TOWN and fresh.due_at == walk.now_ms + 10 * MINUTE
    assert verdicts(walk)[f"dispatch:{DISTRICT_CODE}"] is Verdict.ON_TIME
    walk.act("clerk", c.Dispatch(SQUAD), minutes=4)
    assert walk.refused("operator", c.RefuseRuling("再次")) == "not_in_this_state"


def test_the_towns_own_hour_stands_still_while_the_district_considers() -> None:
    walk = Walk()
    town = handed_down(walk)
    started = walk.case.clock(f"{town}:arrival")  # type: ignore[union-attr]
    assert started is not None and started.due_at is not None
    case = walk.act("clerk", c.AskRuling("多部门"), minutes=10)
    hour = case.clock(f"{town}:arrival")
    assert hour is not None and light_of(hour, walk.now_ms, walk.now_ms) is Light.PAUSED
    case = walk.act("operator", c.RefuseRuling("镇有此职能"), minutes=120)
    hour = case.clock(f"{town}:arrival")
    assert hour is not None and not hour.is_paused
    assert hour.due_at == started.due_at + 120 * MINUTE
    walk.act("clerk", c.AskRuling("仍需"), minutes=1)
    case = walk.act("operator", c.Rule(DEPARTMENT, THREE_DAYS), minutes=300)
    assert verdicts(walk)[f"arrival:{TOWN}"] is Verdict.NOT_COUNTED


def test_an_arrival_while_the_clock_stands_still_is_judged_by_the_time_it_ran() -> None:
    walk = Walk()
    reported(walk)
    walk.act("clerk", c.File())
    case = walk.act("clerk", c.Dispatch(SQUAD, co=(MARKET,)))
    assert case.lead is not None
    lead, co = case.lead.id, case.assignments[1].id
    walk.act(DISTRICT_ITSELF, c.Deliver(lead))
    walk.act(DISTRICT_ITSELF, c.Deliver(co))
    walk.act("squad-officer", c.AskReturn(lead, "不属"), minutes=10)
    walk.act("clerk", c.AnswerReturn(walk.case.requests[-1].id, True))  # type: ignore[union-attr]
    walk.act("clerk", c.AskRuling("多部门"))
    walk.act("market-officer", c.Arrive(co), minutes=90)
    assert verdicts(walk)[f"arrival:{MARKET}"] is Verdict.ON_TIME


def test_the_second_upheld_return_goes_to_the_districts_ruling_desk() -> None:
    walk = Walk()
    town = handed_down(walk)
    given_back(walk, SQUAD, "squad-officer")
    assert walk.case is not None and walk.case.state is State.AWAITING_DISPATCH
    given_back(walk, MARKET, "market-officer")
    case = walk.case
    assert case.state is State.AWAITING_RULING and case.level == DISTRICT_CODE
    assert next_step(case) == NextStep("case.rule", DISTRICT_CODE) and TOWN in scopes_of(case)
    question = case.open_request(RequestKind.RULING)
    assert question is not None and question.reason == "不属本单位" and question.unit == TOWN
    running = {k.owner for k in case.clocks if k.state.value == "running" and not k.is_paused}
    assert running == {DISTRICT_CODE}, "nobody else is charged meanwhile"
    own = case.clock(f"dispatch-{case.cycle}")
    assert own is not None and own.limit == Limit(2, LimitUnit.WORK_HOUR) and own.stage is Stage.DISPATCH
    assert walk.refused("operator", c.RefuseRuling("镇自定")) == "returned_twice"
    assert "case.refuse_ruling" not in allowed(case, walk.actor("operator"), walk.rules, walk.now_ms)
    assert walk.refused("clerk", c.Dispatch(SQUAD)) == "not_in_this_state"
    case = walk.act("operator", c.Rule(MARKET, THREE_DAYS), minutes=60)
    assert case.lead is not None and case.lead.receiver == MARKET
    assert case.assignment(town).ended == "withdrawn"  # type: ignore[union-attr]
    charged = {k.verdict for k in case.clocks if k.assignment and k.owner in (SQUAD, TOWN)}
    assert charged == {Verdict.NOT_COUNTED}


def test_a_refused_return_does_not_count() -> None:
    walk = Walk()
    reported(walk)
    walk.act("clerk", c.File())
    given_back(walk, SQUAD, "squad-officer")
    walk.act("clerk", c.Dispatch(MARKET))
    assert walk.case is not None and walk.case.lead is not None
    walk.act("market-officer", c.AskReturn(walk.case.lead.id, "不属"))
    case = walk.act("clerk", c.AnswerReturn(walk.case.requests[-1].id, False))
    assert case.state is State.DISPATCHED
