"""挂账 and those who work beside the lead; a request for more time that nobody answered (docs/decisions/0008)."""

from __future__ import annotations

import pytest

from models import commands as c
from models.case import State, Verdict
from models.decide.more_time import is_suspended
from models.people import DISTRICT_ITSELF
from models.row import NextStep, next_step, row_of
from models.store.narrowing import was_late
from tests.models.small_town import MARKET, SQUAD, START_MS, TOWN, VILLAGE, Walk
from tests.models.test_case_walk import reported
from tests.models.test_more_time import DAY, HOUR, at_work, handling, offered
from tests.models.test_requests import request_of


def given_to(walk: Walk, unit: str) -> str:
    assert walk.case is not None
    return next(a.id for a in walk.case.assignments if a.receiver == unit)


def test_a_co_handler_told_of_it_while_the_lead_is_suspended_waits_with_it() -> None:
    """Its console was off, or it was only asked to join in now: it can do nothing either (docs/decisions/0008)."""
    walk = Walk()
    reported(walk)
    walk.act("clerk", c.File())
    lead = walk.act("clerk", c.Dispatch(SQUAD, co=(MARKET,))).lead
    assert lead is not None
    walk.act(DISTRICT_ITSELF, c.Deliver(lead.id))
    walk.act("squad-officer", c.Arrive(lead.id), minutes=10)
    walk.act("squad-officer", c.GiveOpinion(lead.id, "要挖路", "报批"))
    until = walk.now_ms + 30 * DAY
    walk.act("squad-officer", c.AskSuspension(lead.id, "engineering", until, "待开挖许可"))
    walk.act("deputy", c.AnswerSuspension(request_of(walk), True))
    walk.act(DISTRICT_ITSELF, c.Deliver(given_to(walk, MARKET)), minutes=60)
    walk.act("clerk", c.AddCoHandler(VILLAGE))
    walk.act(DISTRICT_ITSELF, c.Deliver(given_to(walk, VILLAGE)))
    for unit in (MARKET, VILLAGE):
        due = handling(walk, given_to(walk, unit)).due_at
        assert due is not None and due >= until + 2 * HOUR
    ended = walk.now_ms + DAY
    walk.act("clerk", c.EndSuspension(lead.id, "许可已批"), minutes=24 * 60)
    for unit in (MARKET, VILLAGE):
        due = handling(walk, given_to(walk, unit)).due_at
        assert due is not None and ended < due <= ended + 2 * HOUR


def test_a_lead_that_hands_in_early_is_suspended_no_longer_and_nobody_waits_with_it() -> None:
    walk = Walk()
    lead = at_work(walk, co=(MARKET,))
    walk.act("squad-officer", c.AskSuspension(lead, "engineering", walk.now_ms + 300 * DAY, "待开挖许可"))
    walk.act("deputy", c.AnswerSuspension(request_of(walk), True))
    case = walk.act("squad-officer", c.Feedback(lead, "不用挖了"), minutes=30)
    given = case.assignment(lead)
    assert given is not None and not is_suspended(given, walk.now_ms) and given.handled_at is not None
    due = handling(walk, given_to(walk, MARKET)).due_at
    assert due is not None and due <= walk.now_ms + 2 * HOUR and row_of(case).suspended_until is None


def until_closed(walk: Walk, minutes: int) -> str:
    """The lead hands in after so many minutes, and the town closes the case; its duty."""
    lead = given_to(walk, SQUAD)
    walk.act("squad-officer", c.Feedback(lead, "吊走了"), minutes=minutes)
    walk.act("head", c.NameChecker("member-1"))
    walk.act("member-1", c.CheckOnSite("member-1", True, "已清"))
    walk.act("head", c.SubmitCheck())
    return lead


@pytest.mark.parametrize(("granted", "verdict"), [(True, Verdict.ON_TIME), (False, Verdict.LATE)])
@pytest.mark.parametrize("who", [SQUAD, MARKET])
def test_what_nobody_answered_is_asked_of_the_giver_until_he_does_also_when_the_case_is_closed(
    who: str, granted: bool, verdict: Verdict
) -> None:
    """Neither late nor cleared is no end: it is the giver's move (docs/decisions/0008)."""
    walk = Walk()
    lead = at_work(walk, co=(MARKET,))
    walk.act("market-officer", c.Arrive(given_to(walk, MARKET)))
    asks = given_to(walk, who)
    walk.act("squad-officer" if who == SQUAD else "market-officer", c.AskExtension(asks, "等吊车"))
    until_closed(walk, 3 * 60)
    answer = NextStep("case.answer_extension", TOWN)
    if who == SQUAD:
        assert walk.case is not None and handling(walk, lead).verdict is Verdict.HELD and next_step(walk.case) == answer
    case = walk.act("confirmer", c.Confirm())
    assert case.state is State.CLOSED and handling(walk, asks).verdict is Verdict.HELD and next_step(case) == answer
    assert "case.answer_extension" in offered(walk, "deputy")
    case = walk.act("deputy", c.AnswerExtension(request_of(walk), granted))
    if who == MARKET and granted:
        verdict = Verdict.NOT_COUNTED  # it was not due any more when the case ended, and nobody had met it
    assert handling(walk, asks).verdict is verdict and next_step(case) == NextStep("", "")


def suspended(walk: Walk, co: tuple[str, ...] = ()) -> tuple[str, int]:
    """The squad asked an hour on; the lead's duty and until when."""
    lead = at_work(walk, co=co)
    until = walk.now_ms + 30 * DAY
    walk.act("squad-officer", c.AskSuspension(lead, "engineering", until, "待开挖许可"), minutes=60)
    return lead, until


@pytest.mark.parametrize("first", ["granted", "result"])
def test_nobody_waits_with_a_lead_that_has_handed_in_whichever_comes_first(first: str) -> None:
    walk = Walk()
    lead, _until = suspended(walk, co=(MARKET,))
    asked = request_of(walk)
    if first == "granted":
        walk.act("deputy", c.AnswerSuspension(asked, True), minutes=120)
        walk.act("squad-officer", c.Feedback(lead, "好了"), minutes=1)
    else:
        walk.act("squad-officer", c.Feedback(lead, "好了"), minutes=120)
        walk.act("deputy", c.AnswerSuspension(asked, True), minutes=1)
    due = handling(walk, given_to(walk, MARKET)).due_at
    assert due is not None and abs(due - START_MS - 4 * HOUR) < 20 * 60_000, "two hours of its own, two it stood still"
    assert walk.case is not None and row_of(walk.case).suspended_until is None


@pytest.mark.parametrize("ended", ["ended", "handed in", "sent elsewhere"])
def test_a_co_handler_that_hears_of_it_after_the_suspension_is_not_charged_with_it(ended: str) -> None:
    """Its console was off all the while: it is as if it had waited (docs/decisions/0005, 0008)."""
    walk = Walk()
    lead, _until = suspended(walk)
    walk.act("deputy", c.AnswerSuspension(request_of(walk), True))
    walk.act("clerk", c.AddCoHandler(MARKET), minutes=1)
    if ended == "ended":
        walk.act("clerk", c.EndSuspension(lead, "许可已批"), minutes=20 * 60)
    elif ended == "handed in":
        walk.act("squad-officer", c.Feedback(lead, "好了"), minutes=20 * 60)
    else:
        walk.act("clerk", c.Redispatch(VILLAGE, "更近"), minutes=20 * 60)
    own = given_to(walk, MARKET)
    walk.act(DISTRICT_ITSELF, c.Deliver(own, walk.now_ms + 4 * 60_000), minutes=5)
    due = handling(walk, own).due_at
    assert due is not None and due > walk.now_ms + HOUR


def test_what_nobody_answered_in_an_earlier_round_is_over_with_a_void_case() -> None:
    walk = Walk()
    lead = at_work(walk)
    walk.act("squad-officer", c.AskExtension(lead, "等吊车"))
    asked = request_of(walk)
    walk.act("squad-officer", c.Feedback(lead, "吊走了"), minutes=3 * 60)
    walk.act("head", c.NameChecker("member-1"))
    walk.act("member-1", c.CheckOnSite("member-1", False, "还在"))
    walk.act("head", c.SubmitCheck())
    walk.act("clerk", c.AskVoid("并无此事"))
    case = walk.act("deputy", c.AnswerVoid(request_of(walk), True))
    assert next_step(case) == NextStep("", "") and handling(walk, lead).verdict is Verdict.NOT_COUNTED
    assert walk.refused("clerk", c.AnswerExtension(asked, False)) == "no_such_request"
    assert not was_late(case, TOWN)
