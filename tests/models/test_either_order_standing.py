"""As test_either_order.py: of clocks that stand still while the district considers, or until whoever was sent is on duty; and of second
words on a result, a dispatch, or a duty that was taken away."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from models import commands as c
from models.case import StageClock, Verdict
from tests.models.small_town import MARKET, SQUAD, TOWN, VILLAGE, WASTE
from tests.models.stories import asked, at_work, filed
from tests.models.test_either_order import URGENT
from tests.models.told_twice import Told


def _given_back(t: Told) -> str:
    """By the lead; a co-handler goes on. Its assignment."""
    t.at(0, "clerk", c.Dispatch(SQUAD, co=(MARKET,)))
    lead, helping = t.received(SQUAD, 0), t.received(MARKET, 0)
    t.given_back(lead, 10)
    return helping


def a_ruling_asked_for_before_the_co_handler_came(t: Told) -> StageClock:
    t.walk = filed(category=WASTE)
    helping = _given_back(t)
    t.late(15, "clerk-2", c.AskRuling("不属"))
    t.at(70, "market-officer", c.Arrive(helping))
    t.heard()
    t.at(80, "operator-2", c.Rule(VILLAGE, URGENT))
    return t.clock(f"{helping}:arrival")


def a_ruling_asked_for_before_the_towns_unit_came(t: Told) -> StageClock:
    town = t.from_above(WASTE)
    t.received(TOWN, 0)
    helping = _given_back(t)
    t.late(15, "clerk-2", c.AskRuling("不属"))
    t.at(70, "market-officer", c.Arrive(helping))
    t.heard()
    t.at(80, "operator-2", c.RefuseRuling("属"))
    return t.clock(f"{town}:arrival")


def a_second_return_upheld_before_the_co_handler_came(t: Told) -> StageClock:
    t.at(0, "clerk", c.Dispatch(SQUAD, co=(MARKET,)))
    helping = t.received(MARKET, 0)
    t.given_back(t.received(SQUAD, 2), 3)
    t.at(5, "clerk", c.Dispatch(SQUAD))
    t.at(7, "squad-officer", c.AskReturn(t.received(SQUAD, 6), "不属"))
    t.late(15, "clerk-2", c.AnswerReturn(asked(t.walk), True))
    t.at(70, "market-officer", c.Arrive(helping))
    t.heard()
    t.at(80, "operator-2", c.Rule(VILLAGE, URGENT))
    return t.clock(f"{helping}:arrival")


def a_call_heard_while_the_district_considers(t: Told) -> StageClock:
    t.walk = filed(category=WASTE)
    t.at(0, "clerk", c.Dispatch(SQUAD, co=(MARKET,)))
    lead, helping = t.received(SQUAD, 0), t.of(MARKET)
    t.rung(MARKET, 5, "clerk-2")
    t.given_back(lead, 10)
    t.at(15, "clerk", c.AskRuling("不属"))
    t.at(70, "market-officer", c.Arrive(helping))
    t.heard()
    t.at(100, "operator-2", c.Rule(VILLAGE, URGENT))
    return t.clock(f"{helping}:arrival")


def _a_call_to_the_town(t: Told, during: bool) -> StageClock:
    town = t.from_above(WASTE)
    t.rung(TOWN, 1, "operator")
    t.received(TOWN, 5)
    t.at(6, "clerk", c.Dispatch(SQUAD))
    t.given_back(t.received(SQUAD, 8), 9)
    t.at(12, "clerk", c.AskRuling("不属"))
    if during:
        assert t.clock(f"{town}:arrival").is_paused
    t.at(100, "operator-2", c.RefuseRuling("属"))
    t.at(101, "clerk", c.Dispatch(SQUAD))
    t.at(140, "squad-officer", c.Arrive(t.received(SQUAD, 102)))
    return t.clock(f"{town}:arrival")


def a_call_to_the_town_before_a_ruling(t: Told) -> StageClock:
    return _a_call_to_the_town(t, during=False)


def a_call_to_the_town_heard_during_a_ruling(t: Told) -> StageClock:
    return _a_call_to_the_town(t, during=True)


def _sent_over_lunch(t: Told, rung: int, received: int | None) -> str:
    town = t.from_above()
    t.received(TOWN, 0)
    t.at(5, "clerk", c.Dispatch(MARKET))
    t.rung(MARKET, rung, "clerk-2")
    if received is not None:
        t.received(MARKET, received)
    return town


def _goes_instead(t: Told) -> None:
    t.at(115, "squad-officer", c.Arrive(t.received(SQUAD, 101)))


def a_call_that_began_the_rest_of_a_unit_that_has_gone(t: Told) -> StageClock:
    town = _sent_over_lunch(t, 35, None)
    t.at(100, "clerk", c.Redispatch(SQUAD, "更近"))
    _goes_instead(t)
    return t.clock(f"{town}:arrival")


def a_call_that_proves_that_a_unit_that_has_gone_did_not_rest(t: Told) -> StageClock:
    town = _sent_over_lunch(t, 20, 40)
    t.at(100, "clerk", c.Redispatch(SQUAD, "更近"))
    _goes_instead(t)
    return t.clock(f"{town}:arrival")


def a_call_that_proves_that_a_unit_that_gave_it_back_did_not_rest(t: Told) -> StageClock:
    town = _sent_over_lunch(t, 20, 40)
    t.at(90, "market-officer", c.AskReturn(t.of(MARKET), "不属"))
    t.at(95, "clerk", c.AnswerReturn(asked(t.walk), True))
    t.at(100, "clerk", c.Dispatch(SQUAD))
    _goes_instead(t)
    return t.clock(f"{town}:arrival")


def a_dispatch_before_the_town_was_known_to_be_told(t: Told) -> StageClock:
    t.from_above()
    t.rung(TOWN, 5, "operator")
    t.at(20, "clerk", c.Dispatch(SQUAD))
    t.tried(9, "clerk-2", c.Dispatch(SQUAD))
    return t.clock("dispatch-2")


def a_dispatch_before_the_town_received_the_case(t: Told) -> StageClock:
    t.from_above()
    t.rung(TOWN, 1, "operator")
    t.received(TOWN, 10)
    t.at(12, "clerk", c.Dispatch(SQUAD))
    t.tried(9, "clerk-2", c.Dispatch(SQUAD))
    return t.clock("dispatch-2")


def a_typed_late_result_of_a_lead_that_has_gone(t: Told) -> StageClock:
    t.at(0, "clerk", c.Dispatch(SQUAD))
    lead = t.received(SQUAD, 0)
    t.at(10, "squad-officer", c.Arrive(lead))
    t.at(160, "clerk", c.Redispatch(MARKET, "更近"))
    t.late(150, "clerk-2", c.Feedback(lead, "已办", on_behalf="squad-officer"))
    goes = t.received(MARKET, 161)
    t.at(200, "market-officer", c.Arrive(goes))
    t.closed(goes, 201, 220, "market-officer")
    return t.clock(f"{lead}:handling")


def a_typed_late_arrival_of_a_co_handler_that_was_withdrawn(t: Told) -> StageClock:
    t.at(0, "clerk", c.Dispatch(SQUAD, co=(MARKET,)))
    lead, helping = t.received(SQUAD, 0), t.received(MARKET, 0)
    t.at(10, "squad-officer", c.Arrive(lead))
    t.at(100, "clerk", c.WithdrawCoHandler(helping, "不用"))
    t.late(80, "clerk-2", c.Arrive(helping, on_behalf="market-officer"))
    t.closed(lead, 110, 150)
    return t.clock(f"{helping}:arrival")


def _withdrawn_after_the_result(t: Told, closes: bool) -> StageClock:
    t.at(0, "clerk", c.Dispatch(SQUAD, co=(MARKET,)))
    lead, helping = t.received(SQUAD, 0), t.received(MARKET, 0)
    t.at(50, "squad-officer", c.Arrive(lead))
    t.at(55, "clerk", c.Feedback(lead, "已办", on_behalf="squad-officer"))
    t.late(60, "clerk-2", c.WithdrawCoHandler(helping, "不用"))
    t.tried(70, "squad-officer", c.Feedback(lead, "已办"))
    if closes:
        t.at(71, "vice", c.CheckOnSite("member-1", True, "看"))
        t.at(72, "vice", c.SubmitCheck())
        t.at(100, "confirmer", c.Confirm())
    t.heard()
    t.tried(200, "market-officer", c.Arrive(helping))
    return t.clock(f"{helping}:arrival")


def a_withdrawal_after_a_result_that_was_said_twice(t: Told) -> StageClock:
    return _withdrawn_after_the_result(t, closes=False)


def a_withdrawal_after_the_result_heard_after_the_close(t: Told) -> StageClock:
    return _withdrawn_after_the_result(t, closes=True)


def a_check_submitted_before_the_units_own_word_on_its_result(t: Told) -> StageClock:
    t.at(0, "clerk", c.Dispatch(SQUAD))
    lead = t.received(SQUAD, 0)
    t.at(1, "squad-officer", c.Arrive(lead))
    t.handed_in(lead, 10, passed=False)
    again = t.received(SQUAD, 100)
    t.at(110, "squad-officer", c.Arrive(again))
    t.at(125, "clerk-2", c.Feedback(again, "再办", on_behalf="squad-officer"))
    t.at(130, "vice", c.CheckOnSite("member-1", True, "看"))
    t.late(140, "head", c.SubmitCheck())
    t.tried(150, "squad-officer", c.Feedback(again, "再办"))
    t.heard()
    t.tried(2000, "vice", c.SubmitCheck())
    return t.clock("check-2")


def more_time_refused_before_the_withdrawal(t: Told) -> StageClock:
    t.walk = at_work(MARKET)
    helping = t.of(MARKET)
    t.at(5, "market-officer", c.Arrive(helping))
    t.at(74, "market-officer", c.AskExtension(helping, "未完"))
    t.late(79, "deputy", c.AnswerExtension(asked(t.walk), False))
    t.at(159, "market-officer", c.Handled(helping))
    t.at(200, "clerk", c.WithdrawCoHandler(helping, "不用"))
    return t.clock(f"{helping}:handling")


STORIES: dict[Callable[[Told], StageClock], Verdict] = {
    a_ruling_asked_for_before_the_co_handler_came: Verdict.ON_TIME,
    a_ruling_asked_for_before_the_towns_unit_came: Verdict.ON_TIME,
    a_second_return_upheld_before_the_co_handler_came: Verdict.ON_TIME,
    a_call_heard_while_the_district_considers: Verdict.ON_TIME,
    a_call_to_the_town_before_a_ruling: Verdict.ON_TIME,
    a_call_to_the_town_heard_during_a_ruling: Verdict.ON_TIME,
    a_call_that_began_the_rest_of_a_unit_that_has_gone: Verdict.ON_TIME,
    a_call_that_proves_that_a_unit_that_has_gone_did_not_rest: Verdict.LATE,
    a_call_that_proves_that_a_unit_that_gave_it_back_did_not_rest: Verdict.LATE,
    a_dispatch_before_the_town_was_known_to_be_told: Verdict.ON_TIME,
    a_dispatch_before_the_town_received_the_case: Verdict.ON_TIME,
    a_typed_late_result_of_a_lead_that_has_gone: Verdict.UNRATIFIED,
    a_typed_late_arrival_of_a_co_handler_that_was_withdrawn: Verdict.UNRATIFIED,
    a_withdrawal_after_a_result_that_was_said_twice: Verdict.LATE,
    a_withdrawal_after_the_result_heard_after_the_close: Verdict.LATE,
    a_check_submitted_before_the_units_own_word_on_its_result: Verdict.ON_TIME,
    more_time_refused_before_the_withdrawal: Verdict.LATE,
}


@pytest.mark.parametrize("late_first", [True, False], ids=["first", "last"])
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_heard_first_or_last(story: Callable[[Told], StageClock], late_first: bool) -> None:
    assert story(Told(late_first)).verdict is STORIES[story]
