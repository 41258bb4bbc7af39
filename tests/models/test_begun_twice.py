"""Two desks of one level, one of them cut off, begin or end the same thing, or answer what both asked: it began with the earlier act,
whichever is heard first (models/decide/begun_twice.py, made_twice.py; docs/decisions/0021).

Minutes count from when a story begins, 11:30 on a working day.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from models import commands as c
from models.breach import BreachState
from models.case import State, Verdict
from models.clock import MINUTE_MS
from models.deadline import Limit, LimitUnit
from models.decide import Outcome
from models.evidence import Moment
from models.people import DISTRICT_ITSELF
from tests.models.small_town import MARKET, SQUAD, STALLS, START_MS, TOWN, VILLAGE, WASTE, Walk
from tests.models.stories import asked, filed, last_word
from tests.models.told_twice import Told, both, case_of

ORDERS = pytest.mark.parametrize("late_first", [True, False], ids=["first", "last"])


def _lead(t: Told, *co: str) -> str:
    t.at(0, "clerk", c.Dispatch(SQUAD, co=co))
    return t.received(SQUAD, 0)


def _given_back(t: Told) -> str:
    t.at(3, "squad-officer", c.AskReturn(_lead(t), "不属"))
    return asked(t.walk)


def given_back_twice_and_sent_late(t: Told) -> str:
    asks = _given_back(t)
    t.late(10, "clerk-2", c.AnswerReturn(asks, True))
    t.tried(30, "clerk", c.AnswerReturn(asks, True))
    t.tried(35, "clerk", c.Dispatch(MARKET))
    return "dispatch-2"


def given_back_twice_and_sent_in_time_by_the_desk_that_was_cut_off(t: Told) -> str:
    asks = _given_back(t)
    t.late(10, "clerk-2", c.AnswerReturn(asks, True))
    t.late(15, "clerk-2", c.Dispatch(MARKET))
    t.tried(30, "clerk", c.AnswerReturn(asks, True))
    t.tried(45, "clerk", c.Dispatch(MARKET))
    return "dispatch-2"


def _facts_missing(t: Told) -> None:
    t.walk = Walk()
    t.walk.act("head", c.Report("1", "hotline", STALLS, "某事", "路口", TOWN, VILLAGE))
    t.at(2, "clerk", c.AskSupplement("不清"))


def facts_that_two_desks_supplied(t: Told) -> str:
    _facts_missing(t)
    t.late(10, "clerk-2", c.Supplement(place="某路"))
    t.tried(30, "clerk", c.Supplement(place="某路"))
    t.heard()
    t.at(31, "clerk", c.File())
    t.at(35, "clerk", c.Dispatch(SQUAD))
    return "dispatch-2"


def facts_that_had_been_supplied_before_more_were_asked_for(t: Told) -> str:
    _facts_missing(t)
    t.late(10, "clerk-2", c.Supplement(place="某路", words="某事"))
    t.tried(11, "clerk", c.Supplement(place="某路"))
    t.at(12, "clerk", c.AskSupplement("还不清"))
    t.heard()
    assert case_of(t).state is State.AWAITING_SUPPLEMENT
    t.at(60, "clerk", c.Supplement(words="某店"))
    t.at(61, "clerk", c.File())
    t.at(62, "clerk", c.Dispatch(SQUAD))
    return "dispatch-3"


def what_two_desks_did_not_count_as_found_and_fixed(t: Told) -> str:
    t.walk = Walk()
    t.walk.act("head", c.Report("1", "grid", STALLS, "某事", "路口", TOWN, VILLAGE, self_handled=True))
    t.late(10, "clerk-2", c.ReviewSelfHandled(False, "不实"))
    t.tried(30, "confirmer", c.ReviewSelfHandled(False, "不实"))
    t.tried(35, "clerk", c.Dispatch(SQUAD))
    return "dispatch-1"


def a_word_typed_after_one_desk_had_sent_the_result_back(t: Told) -> str:
    lead = _lead(t)
    t.at(1, "squad-officer", c.Arrive(lead))
    t.handed_in(lead, 2)
    t.late(60, "clerk-2", c.RefuseConfirm("未清"))
    t.late(65, "clerk-2", c.FirstResponse("先拉线", on_behalf="squad-officer"))
    t.tried(100, "confirmer", c.RefuseConfirm("未清"))
    t.heard()
    t.received(SQUAD, 120)
    t.at(150, "squad-officer", c.Arrive(t.of(SQUAD)))
    return f"{t.of(SQUAD)}:arrival"


def a_word_typed_for_a_co_handler_whom_both_desks_named(t: Told) -> str:
    t.late(158, "clerk-2", c.Dispatch(SQUAD, co=(MARKET,)))
    t.late(190, "clerk-2", c.FirstResponse("先拉线", on_behalf="market-officer"))
    t.tried(200, "clerk", c.Dispatch(SQUAD, co=(MARKET,)))
    t.heard()
    t.received(MARKET, 210)
    t.at(265, "market-officer", c.Arrive(t.of(MARKET)))
    return f"{t.of(MARKET)}:arrival"


def _closed_twice(t: Told) -> str:
    _lead(t, MARKET)
    co = t.received(MARKET, 0)
    t.at(1, "squad-officer", c.Arrive(t.of(SQUAD)))
    t.at(2, "market-officer", c.Arrive(co))
    t.handed_in(t.of(SQUAD), 5)
    t.late(60, "clerk-2", c.Confirm())
    return co


def what_was_not_due_at_the_earlier_close(t: Told) -> str:
    co = _closed_twice(t)
    t.tried(200, "confirmer", c.Confirm())
    return f"{co}:handling"


def what_was_met_too_late_after_the_earlier_close(t: Told) -> str:
    co = _closed_twice(t)
    t.tried(150, "market-officer", c.Handled(co))
    t.tried(200, "confirmer", c.Confirm())
    return f"{co}:handling"


def what_was_met_too_late_before_either_close(t: Told) -> str:
    _lead(t, MARKET)
    co = t.received(MARKET, 0)
    t.at(1, "squad-officer", c.Arrive(t.of(SQUAD)))
    t.at(65, "market-officer", c.Arrive(co))
    t.handed_in(t.of(SQUAD), 66)
    t.late(90, "clerk-2", c.Confirm())
    t.tried(200, "confirmer", c.Confirm())
    return f"{co}:arrival"


def _helping_meanwhile(t: Told) -> str:
    """The squad's second return is asked for, in minute 7."""
    lead = _lead(t, MARKET)
    co = t.received(MARKET, 0)
    t.at(1, "market-officer", c.Arrive(co))
    t.given_back(lead, 3)
    t.at(5, "clerk", c.Dispatch(SQUAD))
    t.at(7, "squad-officer", c.AskReturn(t.received(SQUAD, 6), "不属"))
    return co


def more_time_asked_for_before_the_district_was_known_to_consider(t: Told) -> str:
    co = _helping_meanwhile(t)
    given_back = asked(t.walk)
    t.late(30, "market-officer", c.AskExtension(co, "未完"))
    t.at(40, "clerk", c.AnswerReturn(given_back, True))
    t.heard()
    t.at(60, "operator", c.Rule(SQUAD, Limit(2, LimitUnit.URGENT_HOUR)))
    t.at(1000, "market-officer", c.Handled(co))
    return f"{co}:handling"


def a_time_that_two_desks_take_for_the_same(t: Told) -> str:
    arrival = f"{_lead(t)}:arrival"
    unsure = Moment(START_MS + 55 * MINUTE_MS, START_MS + 65 * MINUTE_MS)
    t.walk.act("squad-officer", c.Arrive(t.of(SQUAD)), at=unsure)

    def proposed_and_seconded() -> None:
        t.tried(100, "operator-2", c.ProposeTimeRuling(arrival, "late", "见"))
        t.tried(105, "operator", c.AnswerTimeRuling(last_word(t.walk), True))

    both(t, proposed_and_seconded, lambda: t.tried(110, "operator", c.ProposeTimeRuling(arrival, "late", "见")))
    return arrival


def more_time_asked_for_after_the_answer_and_heard_after_the_next_rounds(t: Told) -> str:
    lead = _lead(t)
    t.at(1, "squad-officer", c.Arrive(lead))
    t.at(10, "squad-officer", c.AskExtension(lead, "未完"))
    t.at(20, "deputy", c.AnswerExtension(asked(t.walk), False))
    t.late(30, "squad-leader", c.AskExtension(lead, "还未完"))
    t.handed_in(lead, 150, passed=False)
    t.at(165, "squad-officer", c.AskExtension(t.received(SQUAD, 160), "未完"))
    t.at(170, "deputy", c.AnswerExtension(asked(t.walk), False))
    return f"{lead}:handling"


def a_call_before_more_time_that_was_refused_when_the_round_was_over(t: Told) -> str:
    t.at(0, "clerk", c.Dispatch(SQUAD))
    lead = t.received(SQUAD, 20)
    t.rung(SQUAD, 5)
    t.at(21, "squad-officer", c.Arrive(lead))
    t.at(30, "squad-officer", c.AskExtension(lead, "未完"))
    asks = asked(t.walk)
    t.handed_in(lead, 150, passed=False)
    t.at(160, "deputy", c.AnswerExtension(asks, False))
    return f"{lead}:handling"


def sent_late_by_two_desks_of_a_case_that_is_void(t: Told) -> str:
    t.late(12, "clerk-2", c.Dispatch(SQUAD))
    t.tried(14, "clerk", c.Dispatch(SQUAD))
    t.at(15, "clerk", c.AskVoid("错"))
    t.at(20, "deputy", c.AnswerVoid(asked(t.walk), True))
    return "dispatch-1"


def sent_late_by_a_town_whose_case_it_never_was(t: Told) -> str:
    town = t.from_above()
    t.received(TOWN, 1)
    t.late(25, "clerk-2", c.Dispatch(SQUAD))
    t.tried(30, "clerk", c.Dispatch(SQUAD))
    t.given_back(t.received(SQUAD, 31), 35)
    t.at(37, "clerk", c.AskReturn(town, "不属"))
    t.at(39, "operator", c.AnswerReturn(asked(t.walk), True))
    return "dispatch-2"


def given_back_a_second_time_by_two_desks(t: Told) -> str:
    co = _helping_meanwhile(t)
    asks = asked(t.walk)
    t.late(30, "clerk-2", c.AnswerReturn(asks, True))
    t.tried(100, "clerk", c.AnswerReturn(asks, True))
    t.heard()
    t.at(110, "operator", c.Rule(SQUAD, Limit(2, LimitUnit.URGENT_HOUR)))
    t.at(170, "market-officer", c.Handled(co))
    return f"{co}:handling"


def given_back_a_second_time_before_the_co_handler_was_done(t: Told) -> str:
    co = _helping_meanwhile(t)
    asks = asked(t.walk)
    t.late(115, "clerk-2", c.AnswerReturn(asks, True))
    t.tried(125, "market-officer", c.Handled(co))
    t.tried(130, "clerk", c.AnswerReturn(asks, True))
    return f"{co}:handling"


def a_ruling_that_two_desks_asked_for(t: Told) -> str:
    t.walk = filed(category=WASTE)
    lead = _lead(t, MARKET)
    co = t.received(MARKET, 0)
    t.given_back(lead, 3)
    t.late(30, "clerk-2", c.AskRuling("不明"))
    t.tried(55, "clerk", c.AskRuling("不明"))
    t.heard()
    t.at(58, "operator", c.Rule(SQUAD, Limit(2, LimitUnit.URGENT_HOUR)))
    t.at(80, "market-officer", c.Arrive(co))
    return f"{co}:arrival"


def a_call_to_a_town_whose_case_was_void(t: Told) -> str:
    town = t.from_above()
    t.late(5, "operator-2", c.LogCall(TOWN, "answered", assignment=town))
    t.tried(25, "clerk", c.Dispatch(SQUAD))
    t.at(30, "clerk", c.AskVoid("错"))
    t.at(35, "deputy", c.AnswerVoid(asked(t.walk), True))
    return "dispatch-2"


STORIES: dict[Callable[[Told], str], Verdict] = {
    given_back_twice_and_sent_late: Verdict.LATE,
    given_back_twice_and_sent_in_time_by_the_desk_that_was_cut_off: Verdict.ON_TIME,
    facts_that_two_desks_supplied: Verdict.LATE,
    facts_that_had_been_supplied_before_more_were_asked_for: Verdict.ON_TIME,
    what_two_desks_did_not_count_as_found_and_fixed: Verdict.LATE,
    a_word_typed_after_one_desk_had_sent_the_result_back: Verdict.LATE,
    a_word_typed_for_a_co_handler_whom_both_desks_named: Verdict.LATE,
    what_was_not_due_at_the_earlier_close: Verdict.NOT_COUNTED,
    what_was_met_too_late_after_the_earlier_close: Verdict.NOT_COUNTED,
    what_was_met_too_late_before_either_close: Verdict.LATE,
    more_time_asked_for_before_the_district_was_known_to_consider: Verdict.HELD,
    a_time_that_two_desks_take_for_the_same: Verdict.LATE,
    more_time_asked_for_after_the_answer_and_heard_after_the_next_rounds: Verdict.HELD,
    a_call_before_more_time_that_was_refused_when_the_round_was_over: Verdict.LATE,
    sent_late_by_two_desks_of_a_case_that_is_void: Verdict.NOT_COUNTED,
    sent_late_by_a_town_whose_case_it_never_was: Verdict.NOT_COUNTED,
    given_back_a_second_time_by_two_desks: Verdict.ON_TIME,
    given_back_a_second_time_before_the_co_handler_was_done: Verdict.ON_TIME,
    a_ruling_that_two_desks_asked_for: Verdict.ON_TIME,
    a_call_to_a_town_whose_case_was_void: Verdict.NOT_COUNTED,
}


@ORDERS
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_it_began_with_the_earlier(story: Callable[[Told], str], late_first: bool) -> None:
    t = Told(late_first)
    name = story(t)
    assert t.clock(name).verdict is STORIES[story]


@ORDERS
def test_a_case_is_void_that_two_desks_asked_to_be(late_first: bool) -> None:
    t = Told(late_first)

    def asked_and_answered() -> None:
        t.tried(20, "clerk-2", c.AskVoid("错"))
        t.tried(25, "deputy", c.AnswerVoid(last_word(t.walk), True))

    both(t, asked_and_answered, lambda: t.tried(30, "clerk", c.AskVoid("错")))
    assert case_of(t).state is State.VOID


@ORDERS
def test_who_saw_it_otherwise_does_not_sign_what_another_saw(late_first: bool) -> None:
    t = Told(late_first)
    lead = _lead(t)
    t.at(1, "squad-officer", c.Arrive(lead))
    t.at(2, "squad-officer", c.Feedback(lead, "已办"))

    def seen_and_signed() -> None:
        t.tried(12, "vice", c.CheckOnSite("member-1", False, "未清"))
        t.tried(13, "vice", c.SubmitCheck(passed=False))

    both(t, seen_and_signed, lambda: t.tried(10, "head", c.CheckOnSite("member-2", True, "清")))
    assert case_of(t).state is (State.DISPATCHED if late_first else State.AWAITING_SUBMIT)


def test_nor_after_the_other_has_signed() -> None:
    t = Told(False)
    lead = _lead(t)
    t.at(1, "squad-officer", c.Arrive(lead))
    t.handed_in(lead, 2)
    t.at(4, "head", c.SubmitCheck(passed=False), Outcome.REJECTED)
    t.at(4, "head", c.SubmitCheck(passed=True), Outcome.MERGED)
    t.at(4, "head", c.SubmitCheck(), Outcome.MERGED)


def test_what_the_second_to_supply_knew_besides_is_added() -> None:
    t = Told(False)
    _facts_missing(t)
    t.at(30, "clerk", c.Supplement(place="某路"))
    t.at(10, "clerk-2", c.Supplement(words="某事"), Outcome.MERGED)
    assert (case_of(t).place, case_of(t).words) == ("某路", "某事")


def test_of_what_an_older_program_gave_in_an_earlier_cycle_another_dispatch_is_none() -> None:
    t = Told(False)
    t.at(9, "clerk", c.Dispatch(SQUAD))
    t.given_back(t.received(SQUAD, 15), 20)
    older = tuple(replace(given, cycle="") for given in case_of(t).assignments)
    t.walk.case = replace(case_of(t), assignments=older)
    t.at(40, "clerk", c.Dispatch(MARKET))
    said = t.at(38, "clerk-2", c.Dispatch(SQUAD), Outcome.REJECTED)
    assert said.reason is not None and said.reason.code == "already_dispatched_to"


@ORDERS
def test_a_co_handler_gives_back_what_it_did_not_know_the_district_considers(late_first: bool) -> None:
    t = Told(late_first)
    lead = _lead(t, MARKET)
    co = t.received(MARKET, 0)
    t.given_back(lead, 3)
    t.at(5, "clerk", c.Dispatch(SQUAD))
    t.at(7, "squad-officer", c.AskReturn(t.received(SQUAD, 6), "不属"))
    given_back = asked(t.walk)
    t.late(30, "market-officer", c.AskReturn(co, "不属"))
    t.at(40, "clerk", c.AnswerReturn(given_back, True))
    t.heard()
    assert case_of(t).state is State.AWAITING_RULING
    assert case_of(t).return_request(co) is not None


@ORDERS
def test_a_breach_falls_whose_duty_had_gone_to_another_before_it_was_final(late_first: bool) -> None:
    t = Told(late_first)
    arrival = f"{_lead(t)}:arrival"
    t.at(61, DISTRICT_ITSELF, c.NoticeBreach(arrival))
    t.late(200, "clerk-2", c.Redispatch(MARKET, "更近"))
    t.tried(300, DISTRICT_ITSELF, c.SettleBreach(arrival, "grace"))
    t.heard()
    breach = case_of(t).breach(arrival)
    assert breach is not None and breach.state is BreachState.WITHDRAWN
