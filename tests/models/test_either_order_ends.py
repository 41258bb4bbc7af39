"""As test_either_order.py: of duties that end, are withdrawn, or wait for a ruling or for more time."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from models import commands as c
from models.breach import BreachState
from models.case import StageClock, Verdict
from models.clock import MINUTE_MS
from models.evidence import Moment
from models.people import DISTRICT_ITSELF
from tests.models.small_town import DEPARTMENT, MARKET, SQUAD, START_MS, TOWN, VILLAGE, WASTE
from tests.models.stories import asked, at_work, minute
from tests.models.test_either_order import URGENT
from tests.models.told_twice import Told


def a_first_response_before_the_round(t: Told) -> StageClock:
    t.at(0, "clerk", c.Dispatch(SQUAD))
    lead = t.received(SQUAD, 0)
    t.late(5, "clerk-2", c.FirstResponse("先拉线", on_behalf="squad-officer"))
    t.at(10, "squad-officer", c.Arrive(lead))
    t.handed_in(lead, 98, passed=False)
    t.heard()
    t.at(110, "squad-officer", c.Arrive(t.received(SQUAD, 102)))
    return t.clock(f"{t.of(SQUAD)}:arrival")


def a_first_response_heard_after_the_close(t: Told) -> StageClock:
    t.at(0, "clerk", c.Dispatch(SQUAD))
    t.late(5, "clerk-2", c.FirstResponse("先拉线", on_behalf="squad-officer"))
    lead = t.received(SQUAD, 30)
    t.at(80, "squad-officer", c.Arrive(lead))
    t.closed(lead, 82, 100)
    return t.clock(f"{lead}:arrival")


def a_withdrawal_of_what_was_no_co_handlers(t: Told) -> StageClock:
    t.at(0, "clerk", c.Dispatch(SQUAD))
    lead = t.received(SQUAD, 0)
    t.at(75, "squad-officer", c.Arrive(lead))
    t.at(80, "clerk", c.Redispatch(MARKET, "更近"))
    t.late(50, "clerk-2", c.WithdrawCoHandler(lead, "不用"))
    t.at(82, "market-officer", c.Arrive(t.received(MARKET, 81)))
    t.at(83, "market-officer", c.Feedback(t.of(MARKET), "已办"))
    return t.clock(f"{lead}:arrival")


def _withdrawn_twice(t: Told) -> tuple[str, str]:
    t.at(0, "clerk", c.Dispatch(SQUAD, co=(MARKET,)))
    lead, helping = t.received(SQUAD, 0), t.received(MARKET, 0)
    t.late(50, "clerk-2", c.WithdrawCoHandler(helping, "不用"))
    t.tried(75, "market-officer", c.Arrive(helping))
    t.tried(80, "clerk", c.WithdrawCoHandler(helping, "不用"))
    return lead, helping


def an_earlier_withdrawal_when_the_case_was_given_back(t: Told) -> StageClock:
    lead, helping = _withdrawn_twice(t)
    t.given_back(lead, 85)
    return t.clock(f"{helping}:arrival")


def an_earlier_withdrawal_when_the_case_was_closed(t: Told) -> StageClock:
    lead, helping = _withdrawn_twice(t)
    t.at(85, "squad-officer", c.Arrive(lead))
    t.closed(lead, 86, 100)
    return t.clock(f"{helping}:arrival")


def a_withdrawal_when_the_case_was_closed(t: Told) -> StageClock:
    t.at(0, "clerk", c.Dispatch(SQUAD, co=(MARKET,)))
    lead, helping = t.received(SQUAD, 0), t.received(MARKET, 0)
    t.late(50, "clerk-2", c.WithdrawCoHandler(helping, "不用"))
    t.at(55, "squad-officer", c.Arrive(lead))
    t.closed(lead, 86, 100)
    return t.clock(f"{helping}:arrival")


def a_call_before_it_was_transferred_out(t: Told) -> StageClock:
    t.from_above()
    t.rung(TOWN, 1, "operator")
    t.received(TOWN, 8)
    t.at(14, "clerk", c.TransferOut(DEPARTMENT, "非城管"))
    return t.clock("dispatch-2")


def _called_before_lunch(t: Told, passed: bool) -> str:
    town = t.from_above()
    t.received(TOWN, 0)
    t.at(5, "clerk", c.Dispatch(MARKET))
    t.rung(MARKET, 20)
    lead = t.received(MARKET, 40)
    t.at(150, "market-officer", c.Arrive(lead))
    t.handed_in(lead, 151, passed, "market-officer")
    return f"{town}:arrival"


def a_call_before_lunch_heard_after_the_close(t: Told) -> StageClock:
    hour = _called_before_lunch(t, passed=True)
    t.at(154, "confirmer", c.Confirm())
    return t.clock(hour)


def a_call_before_lunch_heard_in_the_next_round(t: Told) -> StageClock:
    return t.clock(_called_before_lunch(t, passed=False))


def a_call_to_a_town_that_never_received_it(t: Told) -> StageClock:
    town = t.from_above()
    t.rung(TOWN, 1, "operator")
    t.at(5, "clerk", c.Dispatch(MARKET))
    lead = t.received(MARKET, 40)
    t.at(190, "market-officer", c.Arrive(lead))
    t.closed(lead, 191, 194, "market-officer")
    return t.clock(f"{town}:arrival")


def a_call_to_a_town_that_has_sent_another_since(t: Told) -> StageClock:
    town = t.from_above()
    t.rung(TOWN, 1, "operator")
    t.at(5, "clerk", c.Dispatch(MARKET))
    t.received(MARKET, 40)
    t.at(100, "clerk", c.Redispatch(SQUAD, "更近"))
    t.at(115, "squad-officer", c.Arrive(t.received(SQUAD, 101)))
    return t.clock(f"{town}:arrival")


def a_ruling_by_a_desk_that_was_cut_off(t: Told) -> StageClock:
    t.at(0, "clerk", c.Dispatch(SQUAD, co=(MARKET,)))
    helping = t.of(MARKET)
    t.rung(MARKET, 2)
    t.given_back_twice()
    t.walk.act("operator-2", c.Rule(VILLAGE, URGENT), at=minute(20), heard_ms=START_MS + 50 * MINUTE_MS)
    t.received(MARKET, 52)
    t.at(90, "market-officer", c.Arrive(helping))
    return t.clock(f"{helping}:arrival")


def two_rulings_at_doubtful_times(t: Told) -> StageClock:
    town = t.from_above(WASTE)
    t.rung(TOWN, 1, "operator")
    t.at(2, "clerk", c.AskRuling("不属"))
    t.walk.act("operator-2", c.RefuseRuling("属"), at=Moment(START_MS + 3 * MINUTE_MS, START_MS + 40 * MINUTE_MS))
    t.walk.act("clerk", c.AskRuling("再问"), at=Moment(START_MS + 38 * MINUTE_MS, START_MS + 41 * MINUTE_MS))
    t.at(120, "operator-2", c.RefuseRuling("属"))
    t.received(TOWN, 121)
    t.at(122, "clerk", c.Dispatch(SQUAD))
    t.at(170, "squad-officer", c.Arrive(t.received(SQUAD, 123)))
    return t.clock(f"{town}:arrival")


def a_call_that_ended_what_the_line_took_before_more_time_was_asked_for(t: Told) -> StageClock:
    t.at(0, "clerk", c.Dispatch(SQUAD))
    t.rung(SQUAD, 40)
    lead = t.received(SQUAD, 60, 20)
    t.at(70, "squad-officer", c.Arrive(lead))
    t.at(130, "squad-officer", c.AskExtension(lead, "未完"))
    t.at(150, "squad-officer", c.Feedback(lead, "已办"))
    return t.clock(f"{lead}:handling")


def more_time_asked_for_again(t: Told) -> StageClock:
    t.at(0, "clerk", c.Dispatch(SQUAD))
    t.rung(SQUAD, 0)
    lead = t.received(SQUAD, 20)
    t.at(25, "squad-officer", c.Arrive(lead))
    t.at(60, "squad-officer", c.AskExtension(lead, "未完"))
    t.at(70, "clerk", c.AnswerExtension(asked(t.walk), True))
    t.at(200, "squad-officer", c.AskExtension(lead, "未完"))
    t.at(250, "squad-officer", c.Feedback(lead, "已办"))
    return t.clock(f"{lead}:handling")


def a_typed_result_after_the_close(t: Told) -> StageClock:
    t.walk = at_work(MARKET)
    lead, helping = t.of(SQUAD), t.of(MARKET)
    t.handed_in(lead, 10)
    t.late(100, "confirmer", c.Confirm())
    t.tried(150, "clerk-2", c.Handled(helping, on_behalf="market-deputy"))
    assert t.walk.case is not None
    typed = t.walk.case.history[-1].cmd_id
    t.heard()
    t.tried(160, "market-officer", c.Ratify(typed))
    return t.clock(f"{helping}:handling")


def a_typed_word_that_was_late_itself(t: Told) -> StageClock:
    t.at(0, "clerk", c.Dispatch(SQUAD, co=(MARKET,)))
    lead, helping = t.received(SQUAD, 0), t.received(MARKET, 0)
    t.late(200, "clerk-2", c.Arrive(helping, on_behalf="market-officer"))
    t.at(210, "squad-officer", c.Arrive(lead))
    t.closed(lead, 211, 220)
    return t.clock(f"{helping}:arrival")


def a_withdrawal_before_the_lead_handed_in(t: Told) -> StageClock:
    t.at(0, "clerk", c.Dispatch(SQUAD, co=(MARKET,)))
    lead, helping = t.received(SQUAD, 0), t.received(MARKET, 0)
    t.late(50, "clerk-2", c.WithdrawCoHandler(helping, "不用"))
    t.at(52, "squad-officer", c.Arrive(lead))
    t.at(55, "squad-officer", c.Feedback(lead, "已办"))
    t.tried(200, "market-officer", c.Arrive(helping))
    return t.clock(f"{helping}:arrival")


def a_withdrawal_after_the_lead_handed_in(t: Told) -> StageClock:
    t.at(0, "clerk", c.Dispatch(SQUAD, co=(MARKET,)))
    lead, helping = t.received(SQUAD, 0), t.received(MARKET, 0)
    t.at(52, "squad-officer", c.Arrive(lead))
    t.at(55, "squad-officer", c.Feedback(lead, "已办"))
    t.late(60, "clerk-2", c.WithdrawCoHandler(helping, "不用"))
    t.at(200, "market-officer", c.Arrive(helping))
    return t.clock(f"{helping}:arrival")


def more_time_asked_for_beside_a_result_in_time(t: Told) -> StageClock:
    t.at(0, "clerk", c.Dispatch(SQUAD))
    lead = t.received(SQUAD, 60)
    t.at(65, "squad-officer", c.Arrive(lead))
    t.late(120, "squad-leader", c.AskExtension(lead, "未完"))
    t.at(170, "squad-officer", c.Feedback(lead, "已办"))
    t.heard()
    t.at(10, "clerk", c.LogCall(SQUAD, "answered", assignment=lead))
    return t.clock(f"{lead}:handling")


STORIES: dict[Callable[[Told], StageClock], Verdict] = {
    a_first_response_before_the_round: Verdict.ON_TIME,
    a_first_response_heard_after_the_close: Verdict.LATE,
    a_withdrawal_of_what_was_no_co_handlers: Verdict.LATE,
    an_earlier_withdrawal_when_the_case_was_given_back: Verdict.NOT_COUNTED,
    an_earlier_withdrawal_when_the_case_was_closed: Verdict.NOT_COUNTED,
    a_withdrawal_when_the_case_was_closed: Verdict.NOT_COUNTED,
    a_call_before_it_was_transferred_out: Verdict.LATE,
    a_call_before_lunch_heard_after_the_close: Verdict.LATE,
    a_call_before_lunch_heard_in_the_next_round: Verdict.LATE,
    a_call_to_a_town_that_never_received_it: Verdict.ON_TIME,
    a_call_to_a_town_that_has_sent_another_since: Verdict.ON_TIME,
    a_ruling_by_a_desk_that_was_cut_off: Verdict.ON_TIME,
    two_rulings_at_doubtful_times: Verdict.ON_TIME,
    a_call_that_ended_what_the_line_took_before_more_time_was_asked_for: Verdict.HELD,
    more_time_asked_for_again: Verdict.HELD,
    a_typed_result_after_the_close: Verdict.NOT_COUNTED,
    a_typed_word_that_was_late_itself: Verdict.LATE,
    a_withdrawal_before_the_lead_handed_in: Verdict.NOT_COUNTED,
    a_withdrawal_after_the_lead_handed_in: Verdict.LATE,
    more_time_asked_for_beside_a_result_in_time: Verdict.HELD,
}


@pytest.mark.parametrize("late_first", [True, False], ids=["first", "last"])
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_heard_first_or_last(story: Callable[[Told], StageClock], late_first: bool) -> None:
    assert story(Told(late_first)).verdict is STORIES[story]


def test_a_breach_that_is_found_again_is_not_final_by_what_vouched_for_an_earlier_due_time() -> None:
    t = Told(False)
    t.at(0, "clerk", c.Dispatch(SQUAD))
    lead = t.received(SQUAD, 0)
    t.at(5, "squad-officer", c.Arrive(lead))
    t.late(110, "squad-officer", c.AskExtension(lead, "未完"))
    name = f"{lead}:handling"
    t.at(130, DISTRICT_ITSELF, c.NoticeBreach(name))
    t.at(131, DISTRICT_ITSELF, c.SettleBreach(name, "watermark"))
    t.heard()
    t.at(140, "clerk", c.AnswerExtension(asked(t.walk), True))
    t.at(250, "clerk-2", c.Feedback(lead, "已办", on_behalf="squad-officer"))
    assert t.clock(name).verdict is Verdict.UNRATIFIED and t.walk.case is not None
    breach = t.walk.case.breach(name)
    assert breach is not None and breach.state is BreachState.PROVISIONAL
