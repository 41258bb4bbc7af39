"""What a desk that was cut off had written down is heard first or last: whoever owes it is charged with the same (docs/decisions/0021).

Each story is told twice; minutes count from when it begins, 11:30 on a working day. Lunch is from minute 30 to minute 180.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import pytest
from msgspec.structs import replace

from models import commands as c
from models.breach import BreachState
from models.case import StageClock, Verdict
from models.clock import MINUTE_MS
from models.deadline import Limit, LimitUnit
from models.decide import Outcome
from models.evidence import Moment
from models.people import DISTRICT_ITSELF
from models.rules import Rules
from tests.models.small_town import MARKET, SQUAD, START_MS, TOWN, VILLAGE, WASTE
from tests.models.stories import asked, at_work, minute
from tests.models.told_twice import Told

URGENT = Limit(2, LimitUnit.URGENT_HOUR)


def a_strangers_call_when_the_case_is_closed(t: Told) -> StageClock:
    t.at(0, "clerk", c.Dispatch(SQUAD, co=(MARKET,)))
    lead = t.received(SQUAD, 30)
    t.received(MARKET, 30)
    t.rung(SQUAD, 10, "market-officer")
    t.at(80, "squad-officer", c.Arrive(lead))
    t.closed(lead, 82, 100)
    return t.clock(f"{lead}:arrival")


def a_call_about_what_was_given_back(t: Told) -> StageClock:
    t.at(0, "clerk", c.Dispatch(SQUAD))
    lead = t.of(SQUAD)
    t.rung(SQUAD, 5)
    t.at(70, "squad-officer", c.Arrive(lead))
    t.given_back(lead, 75)
    return t.clock(f"{lead}:arrival")


def a_call_about_an_earlier_lead(t: Told) -> StageClock:
    town = t.from_above()
    t.received(TOWN, 0)
    t.at(10, "clerk", c.Dispatch(SQUAD))
    t.rung(SQUAD, 15)
    t.received(SQUAD, 35)
    t.at(40, "clerk", c.Redispatch(MARKET, "更近"))
    market = t.received(MARKET, 45)
    t.heard()
    t.at(170, "market-officer", c.Arrive(market))
    return t.clock(f"{town}:arrival")


def a_call_before_the_district_ruled(t: Told) -> StageClock:
    town = t.from_above(WASTE)
    t.received(TOWN, 0)
    t.at(2, "clerk", c.Dispatch(SQUAD))
    t.rung(SQUAD, 3)
    lead = t.received(SQUAD, 8)
    t.given_back(lead, 9)
    t.at(12, "clerk", c.AskRuling("不属"))
    t.at(100, "operator-2", c.RefuseRuling("属"))
    t.heard()
    t.at(101, "clerk", c.Dispatch(SQUAD))
    t.at(130, "squad-officer", c.Arrive(t.received(SQUAD, 102)))
    return t.clock(f"{town}:arrival")


def a_call_about_an_earlier_cycle(t: Told) -> StageClock:
    t.from_above()
    t.rung(TOWN, 5, "operator")
    t.received(TOWN, 8)
    t.at(20, "clerk", c.AskReturn(t.of(TOWN), "不属"))
    t.at(30, "operator-2", c.AnswerReturn(asked(t.walk), True))
    t.at(35, "operator-2", c.Dispatch(TOWN))
    t.heard()
    t.received(TOWN, 40)
    t.at(45, "clerk", c.Dispatch(SQUAD))
    return t.clock("dispatch-4")


def a_call_before_the_towns_ten_minutes(t: Told) -> StageClock:
    t.from_above()
    t.rung(TOWN, 5, "operator")
    t.received(TOWN, 30)
    t.at(35, "clerk", c.Dispatch(SQUAD))
    return t.clock("dispatch-2")


def a_call_before_lunch_that_shows_there_was_no_rest(t: Told) -> StageClock:
    town = t.from_above()
    t.received(TOWN, 0)
    t.at(5, "clerk", c.Dispatch(MARKET))
    t.rung(MARKET, 20)
    lead = t.received(MARKET, 40)
    t.at(150, "market-officer", c.Arrive(lead))
    return t.clock(f"{town}:arrival")


def a_call_before_a_ruling_the_unit_had_not_heard_of(t: Told) -> StageClock:
    t.at(0, "clerk", c.Dispatch(SQUAD, co=(MARKET,)))
    helping = t.of(MARKET)
    t.rung(MARKET, 2)
    t.given_back_twice()
    t.at(20, "operator-2", c.Rule(VILLAGE, URGENT))
    t.received(MARKET, 22)
    t.at(73, "market-officer", c.Arrive(helping))
    return t.clock(f"{helping}:arrival")


def a_call_before_more_time_was_asked_for(t: Told) -> StageClock:
    t.at(0, "clerk", c.Dispatch(SQUAD))
    t.rung(SQUAD, 10)
    lead = t.received(SQUAD, 60)
    t.at(65, "squad-officer", c.Arrive(lead))
    t.at(120, "squad-officer", c.AskExtension(lead, "未完"))
    t.at(170, "squad-officer", c.Feedback(lead, "已办"))
    return t.clock(f"{lead}:handling")


def a_result_that_came_after_the_close(t: Told) -> StageClock:
    t.walk = at_work(MARKET)
    lead, helping = t.of(SQUAD), t.of(MARKET)
    t.at(5, "market-officer", c.Arrive(helping))
    t.handed_in(lead, 10)
    t.late(100, "confirmer", c.Confirm())
    t.at(150, "market-officer", c.Handled(helping))
    return t.clock(f"{helping}:handling")


def a_call_that_ends_what_the_line_took_of_what_was_taken_away(t: Told) -> StageClock:
    t.at(0, "clerk", c.Dispatch(MARKET, co=(SQUAD,)))
    helping = t.received(SQUAD, 60, 20)
    t.at(95, "squad-officer", c.Arrive(helping))
    t.rung(SQUAD, 40)
    t.at(90, "clerk", c.WithdrawCoHandler(helping, "不用"))
    return t.clock(f"{helping}:arrival")


def a_word_for_whoever_has_checked(t: Told) -> StageClock:
    t.at(0, "clerk", c.Dispatch(SQUAD, co=(VILLAGE,)))
    lead, helping = t.received(SQUAD, 0), t.of(VILLAGE)
    t.at(1, "squad-officer", c.Arrive(lead))
    t.at(2, "squad-officer", c.Feedback(lead, "已办"))
    t.at(3, "head", c.CheckOnSite("member-1", True, "看"))
    t.late(5, "clerk-2", c.Arrive(helping, on_behalf="member-1"))
    t.received(VILLAGE, 60)
    t.at(100, "vice", c.Arrive(helping))
    t.at(110, "head", c.SubmitCheck())
    t.at(120, "confirmer", c.Confirm())
    return t.clock(f"{helping}:arrival")


def a_call_about_what_nobody_had_met_at_the_close(t: Told) -> StageClock:
    t.at(0, "clerk", c.Dispatch(SQUAD, co=(MARKET,)))
    lead, helping = t.received(SQUAD, 0), t.of(MARKET)
    t.rung(MARKET, 5)
    t.at(10, "squad-officer", c.Arrive(lead))
    t.closed(lead, 12, 100)
    return t.clock(f"{helping}:arrival")


def an_arrival_that_may_have_been_in_time(t: Told) -> StageClock:
    t.at(0, "clerk", c.Dispatch(SQUAD, co=(MARKET,)))
    lead, helping = t.received(SQUAD, 0), t.received(MARKET, 0)
    doubtful = Moment(START_MS + 40 * MINUTE_MS, START_MS + 230 * MINUTE_MS)
    arrived = functools.partial(t.walk.try_act, "market-officer", c.Arrive(helping), at=doubtful)
    if t.late_first:
        arrived()
    t.at(10, "squad-officer", c.Arrive(lead))
    t.closed(lead, 12, 220)
    if not t.late_first:
        arrived()
    return t.clock(f"{helping}:arrival")


STORIES: dict[Callable[[Told], StageClock], Verdict] = {
    a_strangers_call_when_the_case_is_closed: Verdict.ON_TIME,
    a_call_about_what_was_given_back: Verdict.NOT_COUNTED,
    a_call_about_an_earlier_lead: Verdict.ON_TIME,
    a_call_before_the_district_ruled: Verdict.ON_TIME,
    a_call_about_an_earlier_cycle: Verdict.ON_TIME,
    a_call_before_the_towns_ten_minutes: Verdict.LATE,
    a_call_before_lunch_that_shows_there_was_no_rest: Verdict.LATE,
    a_call_before_a_ruling_the_unit_had_not_heard_of: Verdict.ON_TIME,
    a_call_before_more_time_was_asked_for: Verdict.HELD,
    a_result_that_came_after_the_close: Verdict.NOT_COUNTED,
    a_call_that_ends_what_the_line_took_of_what_was_taken_away: Verdict.NOT_COUNTED,
    a_word_for_whoever_has_checked: Verdict.ON_TIME,
    a_call_about_what_nobody_had_met_at_the_close: Verdict.LATE,
    an_arrival_that_may_have_been_in_time: Verdict.DOUBTFUL,
}


@pytest.mark.parametrize("late_first", [True, False], ids=["first", "last"])
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_heard_first_or_last(story: Callable[[Told], StageClock], late_first: bool) -> None:
    assert story(Told(late_first)).verdict is STORIES[story]


@pytest.mark.parametrize("late_first", [True, False], ids=["first", "last"])
def test_no_red_is_wiped_by_a_typed_word_that_is_late_itself(late_first: bool) -> None:
    t = Told(late_first)
    t.at(0, "clerk", c.Dispatch(SQUAD))
    lead = t.received(SQUAD, 30)
    t.rung(SQUAD, 10)
    t.at(100, DISTRICT_ITSELF, c.NoticeBreach(f"{lead}:arrival"))
    t.at(101, DISTRICT_ITSELF, c.SettleBreach(f"{lead}:arrival", "watermark"))
    t.at(85, "clerk-2", c.Arrive(lead, on_behalf="squad-officer"))
    assert t.clock(f"{lead}:arrival").verdict is Verdict.UNRATIFIED and t.walk.case is not None
    breach = t.walk.case.breach(f"{lead}:arrival")
    assert breach is not None and breach.state is BreachState.FINAL


@pytest.mark.parametrize("late_first", [True, False], ids=["first", "last"])
def test_a_breach_is_about_the_due_time_as_it_is_known(late_first: bool) -> None:
    t = Told(late_first)
    t.at(0, "clerk", c.Dispatch(MARKET, co=(SQUAD,)))
    helping = t.received(SQUAD, 30)
    t.rung(SQUAD, 10)
    t.at(100, DISTRICT_ITSELF, c.NoticeBreach(f"{helping}:arrival"))
    t.at(101, DISTRICT_ITSELF, c.SettleBreach(f"{helping}:arrival", "grace"))
    t.clock(f"{helping}:arrival")
    t.at(110, "clerk", c.WithdrawCoHandler(helping, "不用"))
    breach = t.walk.case.breach(f"{helping}:arrival") if t.walk.case is not None else None
    assert breach is not None and breach.due_at == START_MS + 70 * MINUTE_MS and breach.state is BreachState.FINAL


@pytest.mark.parametrize("late_first", [True, False], ids=["first", "last"])
def test_the_fact_of_a_duty_is_no_end_of_it(late_first: bool) -> None:
    t = Told(late_first)
    t.at(0, "clerk", c.Dispatch(SQUAD))
    lead = t.received(SQUAD, 30)
    t.rung(SQUAD, 10)
    t.at(50, "squad-officer", c.Arrive(lead))
    t.at(60, "squad-officer", c.AskReturn(lead, "不属"))
    t.at(100, "clerk", c.AnswerReturn(asked(t.walk), True))
    t.at(80, "squad-leader", c.Feedback(lead, "已办"))
    t.clock(f"{lead}:handling")
    given = t.walk.case.assignment(lead) if t.walk.case is not None else None
    assert given is not None and given.handled_at == minute(80)


def test_a_typed_word_that_comes_to_count_later_is_its_units_to_ratify_though_it_has_the_case_no_more() -> None:
    t = Told(False)
    town = t.from_above()
    t.rung(TOWN, 20, "operator")
    t.at(25, "clerk", c.Dispatch(SQUAD))
    lead = t.received(SQUAD, 50)
    t.received(TOWN, 60)
    t.at(70, "clerk-2", c.Arrive(lead, on_behalf="squad-officer"))
    assert t.walk.case is not None
    typed = t.walk.case.history[-1].cmd_id
    t.at(100, "squad-leader", c.Arrive(lead))
    t.at(110, "clerk", c.Redispatch(MARKET, "更近"))
    assert t.clock(f"{town}:arrival").verdict is Verdict.UNRATIFIED
    assert t.at(120, "squad-leader", c.Ratify(typed)).outcome is Outcome.ACCEPTED


def test_a_word_that_does_not_count_now_is_still_the_word_of_the_unit_it_was_about() -> None:
    t = Told(False)
    t.at(0, "clerk", c.Dispatch(SQUAD))
    lead = t.received(SQUAD, 0)
    t.at(90, "squad-officer", c.Arrive(lead))
    t.at(80, "clerk-2", c.Arrive(lead, on_behalf="squad-leader"))
    assert t.walk.case is not None
    typed = t.walk.case.history[-1].cmd_id
    reference = t.walk.rules.reference
    moved = tuple(replace(p, unit=MARKET) if p.id == "squad-leader" else p for p in reference.people)
    t.walk.rules = Rules(replace(reference, people=moved))
    t.at(95, "clerk", c.AddCoHandler(MARKET))
    t.at(100, "market-officer", c.Ratify(typed), Outcome.REJECTED)


def test_a_first_response_on_the_telephone_tells_the_unit() -> None:
    t = Told(False)
    t.at(0, "clerk", c.Dispatch(SQUAD))
    t.at(5, "clerk", c.FirstResponse("先拉线", on_behalf="squad-officer"))
    assert t.clock(f"{t.of(SQUAD)}:arrival").started_at == START_MS + 5 * MINUTE_MS
