"""As test_either_order.py: of more time that two ask for, of withdrawals, ends and deliveries that are heard before or after what they
are about."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from models import commands as c
from models.breach import BreachState
from models.case import RequestKind, StageClock, State, Verdict
from models.clock import MINUTE_MS
from models.decide import Outcome, allowed
from models.delivery import took_a_while
from models.evidence import Moment
from models.ids import uuid7
from models.people import DISTRICT_ITSELF
from models.time_requests import SUSPENSION_GROUNDS
from tests.models.small_town import MARKET, SQUAD, START_MS, VILLAGE, WASTE
from tests.models.stories import asked, filed
from tests.models.test_either_order import URGENT
from tests.models.told_twice import Told

GROUND = sorted(SUSPENSION_GROUNDS)[0]


def until(when: int) -> int:
    return START_MS + when * MINUTE_MS


def arrived(t: Told) -> str:
    """The squad, and it has said what it will do."""
    t.at(0, "clerk", c.Dispatch(SQUAD))
    lead = t.received(SQUAD, 0)
    t.at(1, "squad-officer", c.Arrive(lead))
    t.at(2, "squad-officer", c.GiveOpinion(lead, "见", "做"))
    return lead


def _a_colleague_asks_too(t: Told, at: int, answered: int, wanted: Outcome | None = None) -> StageClock:
    """For what was granted, at `answered`, by a desk that was cut off."""
    lead = arrived(t)
    t.at(60, "squad-officer", c.AskExtension(lead, "未完"))
    t.late(answered, "clerk", c.AnswerExtension(asked(t.walk), True))
    t.at(at, "squad-leader", c.AskExtension(lead, "未完"), wanted)
    t.heard()
    t.at(250, "squad-officer", c.Feedback(lead, "已办"))
    return t.clock(f"{lead}:handling")


def a_colleague_asks_after_an_answer_by_a_desk_that_was_cut_off(t: Told) -> StageClock:
    return _a_colleague_asks_too(t, 75, 70)


def a_colleague_asks_before_an_answer_by_a_desk_that_was_cut_off(t: Told) -> StageClock:
    return _a_colleague_asks_too(t, 75, 80, None if t.late_first else Outcome.MERGED)


def a_colleague_asks_in_time_by_what_a_desk_that_was_cut_off_had_granted(t: Told) -> StageClock:
    return _a_colleague_asks_too(t, 150, 70)


def two_kinds_and_the_first_is_refused(t: Told) -> StageClock:
    lead = arrived(t)
    t.at(100, "squad-leader", c.AskExtension(lead, "未完"))
    first = asked(t.walk)
    t.late(110, "squad-officer", c.AskSuspension(lead, GROUND, until(500), "等"))
    t.at(118, "clerk", c.AnswerExtension(first, False))
    t.heard()
    t.at(200, "squad-officer", c.Feedback(lead, "已办"))
    return t.clock(f"{lead}:handling")


def two_kinds_and_the_second_is_granted_after_the_result(t: Told) -> StageClock:
    clock = two_kinds_and_the_first_is_refused(t)
    t.at(210, "deputy", c.AnswerSuspension(asked(t.walk), True))
    return t.clock(clock.id)


def _suspended_by_a_desk_that_was_cut_off(t: Told, asks_again: int) -> StageClock:
    lead = arrived(t)
    t.at(30, "squad-officer", c.AskSuspension(lead, GROUND, until(200), "等"))
    suspension = asked(t.walk)
    t.handed_in(lead, 320)
    t.at(330, "confirmer", c.Confirm())
    t.late(60, "deputy", c.AnswerSuspension(suspension, True))
    t.tried(asks_again, "squad-leader", c.AskExtension(lead, "未完"))
    return t.clock(f"{lead}:handling")


def another_kind_when_the_case_is_closed_and_one_is_undecided(t: Told) -> StageClock:
    return _suspended_by_a_desk_that_was_cut_off(t, 110)


def another_kind_in_time_by_what_is_still_undecided(t: Told) -> StageClock:
    return _suspended_by_a_desk_that_was_cut_off(t, 150)


def another_kind_too_late_by_any_answer(t: Told) -> StageClock:
    return _suspended_by_a_desk_that_was_cut_off(t, 310)


def a_withdrawal_before_the_district_was_asked(t: Told) -> StageClock:
    t.walk = filed(category=WASTE)
    t.at(0, "clerk", c.Dispatch(SQUAD, co=(MARKET,)))
    lead, helping = t.received(SQUAD, 0), t.received(MARKET, 0)
    t.given_back(lead, 10)
    t.late(12, "clerk-2", c.WithdrawCoHandler(helping, "不用"))
    t.at(15, "clerk", c.AskRuling("不属"))
    t.heard()
    t.at(20, "operator-2", c.Rule(VILLAGE, URGENT))
    t.tried(200, "market-officer", c.Arrive(helping))
    return t.clock(f"{helping}:arrival")


def _typed_late_and_taken_away(t: Told) -> str:
    t.at(0, "clerk", c.Dispatch(SQUAD))
    lead = t.received(SQUAD, 0)
    t.at(75, "clerk-2", c.Arrive(lead, on_behalf="squad-officer"))
    assert t.walk.case is not None
    word = t.walk.case.history[-1].cmd_id
    t.at(80, "clerk", c.Redispatch(MARKET, "更近"))
    t.late(85, "squad-officer", c.Ratify(word))
    return lead


def a_late_word_ratified_in_a_case_that_is_void(t: Told) -> StageClock:
    lead = _typed_late_and_taken_away(t)
    t.at(90, "clerk", c.AskVoid("误报"))
    t.at(95, "deputy", c.AnswerVoid(asked(t.walk), True))
    return t.clock(f"{lead}:arrival")


def a_late_word_ratified_in_a_case_that_is_another_ones(t: Told) -> StageClock:
    lead = _typed_late_and_taken_away(t)
    t.at(90, "market-officer", c.AskReturn(t.received(MARKET, 81), "不属"))
    t.at(91, "clerk", c.AnswerReturn(asked(t.walk), True))
    t.at(95, "clerk", c.Merge(uuid7(START_MS, bytes(10))))
    return t.clock(f"{lead}:arrival")


def an_earlier_arrival_of_a_lead_that_was_late_in_a_case_that_is_void(t: Told) -> StageClock:
    t.at(0, "clerk", c.Dispatch(SQUAD))
    lead = t.received(SQUAD, 0)
    t.at(75, "squad-officer", c.Arrive(lead))
    t.late(50, "squad-leader", c.Arrive(lead))
    t.at(80, "clerk", c.Redispatch(MARKET, "更近"))
    t.at(90, "clerk", c.AskVoid("误报"))
    t.at(95, "deputy", c.AnswerVoid(asked(t.walk), True))
    return t.clock(f"{lead}:arrival")


def _came_between(t: Told, earliest: int, latest: int) -> StageClock:
    t.at(0, "clerk", c.Dispatch(MARKET, co=(SQUAD,)))
    lead, helping = t.received(MARKET, 0), t.received(SQUAD, 60)
    t.at(61, "market-officer", c.Arrive(lead))
    t.handed_in(lead, 62, by="market-officer")
    t.late(100, "confirmer", c.Confirm())
    t.walk.try_act("squad-officer", c.Arrive(helping), at=Moment(until(earliest), until(latest)))
    return t.clock(f"{helping}:arrival")


def an_arrival_that_may_have_been_after_a_close_before_the_due_time(t: Told) -> StageClock:
    return _came_between(t, 40, 230)


def an_arrival_surely_before_the_close(t: Told) -> StageClock:
    return _came_between(t, 70, 90)


def _confirmed_when_it_had_come(t: Told, awake_at: int | None) -> StageClock:
    t.at(0, "clerk", c.Dispatch(SQUAD))
    lead = t.received(SQUAD, 0)
    t.at(1, "squad-officer", c.Arrive(lead))
    t.handed_in(lead, 2)
    t.late(1470, "confirmer", c.Confirm())
    clock = t.walk.case.clock("confirm-1") if t.walk.case is not None else None
    assert clock is not None and took_a_while(clock, until(1480)), "it is said, heard of the confirmation or not"
    t.at(1480, DISTRICT_ITSELF, c.Deliver("", awake_at, "confirm-1"))
    return t.clock("confirm-1")


def a_confirmation_before_the_centre_knew_that_it_had_come(t: Told) -> StageClock:
    return _confirmed_when_it_had_come(t, None)


def a_confirmation_by_a_desk_that_was_switched_off(t: Told) -> StageClock:
    return _confirmed_when_it_had_come(t, until(1460))


STORIES: dict[Callable[[Told], StageClock], Verdict] = {
    a_colleague_asks_after_an_answer_by_a_desk_that_was_cut_off: Verdict.HELD,
    a_colleague_asks_before_an_answer_by_a_desk_that_was_cut_off: Verdict.LATE,
    a_colleague_asks_in_time_by_what_a_desk_that_was_cut_off_had_granted: Verdict.HELD,
    two_kinds_and_the_first_is_refused: Verdict.HELD,
    two_kinds_and_the_second_is_granted_after_the_result: Verdict.ON_TIME,
    another_kind_when_the_case_is_closed_and_one_is_undecided: Verdict.HELD,
    another_kind_in_time_by_what_is_still_undecided: Verdict.HELD,
    another_kind_too_late_by_any_answer: Verdict.LATE,
    a_withdrawal_before_the_district_was_asked: Verdict.NOT_COUNTED,
    a_late_word_ratified_in_a_case_that_is_void: Verdict.NOT_COUNTED,
    a_late_word_ratified_in_a_case_that_is_another_ones: Verdict.NOT_COUNTED,
    an_earlier_arrival_of_a_lead_that_was_late_in_a_case_that_is_void: Verdict.NOT_COUNTED,
    an_arrival_that_may_have_been_after_a_close_before_the_due_time: Verdict.NOT_COUNTED,
    an_arrival_surely_before_the_close: Verdict.ON_TIME,
    a_confirmation_before_the_centre_knew_that_it_had_come: Verdict.ON_TIME,
    a_confirmation_by_a_desk_that_was_switched_off: Verdict.LATE,
}


@pytest.mark.parametrize("late_first", [True, False], ids=["first", "last"])
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_heard_first_or_last(story: Callable[[Told], StageClock], late_first: bool) -> None:
    t = Told(late_first)
    clock = story(t)
    assert clock.verdict is STORIES[story] and t.walk.case is not None
    breach = t.walk.case.breach(clock.id)
    is_final = breach is not None and breach.state is BreachState.FINAL
    assert is_final is (clock.verdict is Verdict.LATE)


def test_of_two_who_ask_for_one_thing_one_is_asked() -> None:
    t = Told(False)
    lead = arrived(t)
    t.at(60, "squad-officer", c.AskExtension(lead, "未完"))
    first = asked(t.walk)
    t.at(65, "squad-leader", c.AskExtension(lead, "未完"), Outcome.MERGED)
    assert t.walk.case is not None
    assert [r.id for r in t.walk.case.open_requests(RequestKind.EXTENSION)] == [first]
    t.at(70, "clerk", c.AnswerExtension(first, True))
    assert not t.walk.case.open_requests(RequestKind.EXTENSION) and not t.clock(f"{lead}:handling").held


def test_what_is_wrong_with_a_standstill_is_said_beside_another_too() -> None:
    t = Told(False)
    lead = arrived(t)
    t.at(60, "squad-officer", c.AskSuspension(lead, GROUND, until(500), "等"))
    wrong = t.tried(65, "squad-leader", c.AskSuspension(lead, GROUND, until(10), "等"))
    assert wrong.reason is not None and wrong.reason.code == "suspension_out_of_range"


def test_nobody_is_offered_to_withdraw_while_the_district_considers() -> None:
    t = Told(False, filed(category=WASTE))
    t.at(0, "clerk", c.Dispatch(SQUAD, co=(MARKET,)))
    t.given_back(t.received(SQUAD, 0), 10)
    case = t.walk.case
    assert case is not None
    assert "case.withdraw_co_handler" in allowed(case, t.walk.actor("clerk"), t.walk.rules, t.walk.now_ms)
    t.at(15, "clerk", c.AskRuling("不属"))
    case = t.walk.case
    assert case is not None and case.state is State.AWAITING_RULING
    assert "case.withdraw_co_handler" not in allowed(case, t.walk.actor("clerk"), t.walk.rules, t.walk.now_ms)
