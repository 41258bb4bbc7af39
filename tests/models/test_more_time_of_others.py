"""延期 and 挂账 while somebody else of the case is at another point of it (docs/decisions/0008, 0009)."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from models import commands as c
from models.breach import BreachState
from models.calendar import CalendarDay, DayKind
from models.case import RequestKind, State, Verdict
from models.clock import MINUTE_MS
from models.decide import Outcome, allowed
from models.evidence import Grade, Moment, exactly
from models.people import DISTRICT_ITSELF
from models.row import NextStep, next_step
from models.rules import Rules
from tests.models.small_town import DEPARTMENT, MARKET, SQUAD, START_MS, THREE_DAYS, TOWN, WASTE, Walk
from tests.models.stories import (
    asked,
    at_work,
    dispatched,
    failed,
    filed,
    given_back,
    last_word,
    of,
    verdict,
)

DAY_MINUTES = 24 * 60


def breach(walk: Walk, unit: str) -> BreachState | None:
    assert walk.case is not None
    found = walk.case.breach(f"{of(walk, unit)}:handling")
    return found.state if found is not None else None


def helped() -> tuple[Walk, str]:
    """The squad leads, the market office helps and is there too."""
    walk = at_work(MARKET)
    walk.act("market-officer", c.Arrive(of(walk, MARKET)))
    return walk, of(walk, MARKET)


def test_a_co_handler_asks_for_time_and_gives_back_also_when_the_lead_has_handed_in() -> None:
    """Its own clock runs on, and is charged."""
    walk, helping = helped()
    walk.act("squad-officer", c.Feedback(of(walk, SQUAD), "已办"), minutes=10)
    assert walk.case is not None
    may = allowed(walk.case, walk.actor("market-officer"), walk.rules, walk.now_ms)
    assert {"case.ask_extension", "case.ask_return"} <= set(may)
    assert walk.refused("squad-officer", c.AskReturn(of(walk, SQUAD), "非本单位")) == "not_in_this_state"
    walk.act("market-officer", c.AskExtension(helping, "取样"), minutes=5)
    walk.act("clerk", c.AnswerExtension(asked(walk), True))
    given_back(walk, MARKET, "market-officer")
    assert verdict(walk, MARKET, "handling") is Verdict.NOT_COUNTED


@pytest.mark.parametrize("handed_in", [True, False])
def test_who_handed_in_while_the_leads_request_was_out_is_no_worse_off_than_who_did_nothing(handed_in: bool) -> None:
    walk, helping = helped()
    lead = of(walk, SQUAD)
    walk.act("squad-officer", c.AskSuspension(lead, "seasonal", walk.now_ms + DAY_MINUTES * MINUTE_MS, "雨季"))
    request = asked(walk)
    if handed_in:
        walk.act("market-officer", c.Handled(helping, "已配合"), minutes=150)
        assert breach(walk, MARKET) is BreachState.FINAL
    else:
        walk.act(DISTRICT_ITSELF, c.NoticeBreach(f"{helping}:handling"), minutes=150)
    walk.act("deputy", c.AnswerSuspension(request, True))
    assert verdict(walk, MARKET, "handling") is (Verdict.ON_TIME if handed_in else None)
    assert breach(walk, MARKET) is BreachState.WITHDRAWN


def test_time_asked_for_in_time_and_heard_after_a_colleagues_late_result_is_decided() -> None:
    walk, helping = helped()
    began_ms = walk.now_ms
    walk.act("market-officer", c.Handled(helping, "已配合"), minutes=200)
    assert verdict(walk, MARKET, "handling") is Verdict.LATE
    late = walk.try_act("market-officer", c.AskExtension(helping, "取样"))
    assert late.outcome is Outcome.REJECTED, "asked after the result"
    walk.act("market-deputy", c.AskExtension(helping, "取样"), at=exactly(began_ms + 30 * MINUTE_MS))
    assert verdict(walk, MARKET, "handling") is Verdict.HELD and breach(walk, MARKET) is BreachState.WITHDRAWN
    walk.act("clerk", c.AnswerExtension(asked(walk), True))
    assert verdict(walk, MARKET, "handling") is Verdict.ON_TIME


@pytest.mark.parametrize("before", ["typed", "asked for time itself", "led since", "ruled late", "nothing"])
def test_whatever_else_is_open_about_it_a_late_help_is_judged_with_the_suspension_it_waited_for(before: str) -> None:
    walk, helping = helped()
    lead, began_ms = of(walk, SQUAD), walk.now_ms
    walk.act("squad-officer", c.AskSuspension(lead, "seasonal", walk.now_ms + DAY_MINUTES * MINUTE_MS, "雨季"))
    request = asked(walk)
    if before == "asked for time itself":
        walk.act("market-officer", c.AskExtension(helping, "取样"), minutes=5)
    if before == "typed":
        walk.act("clerk", c.Handled(helping, "已配合", on_behalf="market-officer"), minutes=150)
    else:
        unsure = Moment(began_ms + 100 * MINUTE_MS, began_ms + 150 * MINUTE_MS, Grade.ANCHORED)
        when = unsure if before == "ruled late" else None
        walk.act("market-officer", c.Handled(helping, "已配合"), minutes=150, at=when)
    word = last_word(walk)
    if before == "ruled late":
        walk.act("operator", c.ProposeTimeRuling(f"{helping}:handling", "late", "有照片为证"))
        walk.act("operator-2", c.AnswerTimeRuling(asked(walk), True))
    if before == "led since":
        walk.act("squad-officer", c.Feedback(lead, "已办"))
        failed(walk)
        walk.act("clerk", c.Redispatch(MARKET, "更近"))
    walk.act("deputy", c.AnswerSuspension(request, True))
    if before == "typed":
        walk.act("market-officer", c.Ratify(word))
    assert walk.case is not None
    clock, missed = walk.case.clock(f"{helping}:handling"), walk.case.breach(f"{helping}:handling")
    assert clock is not None and clock.verdict is Verdict.ON_TIME
    assert missed is None or missed.state is BreachState.WITHDRAWN
    assert not walk.case.open_requests(RequestKind.EXTENSION)


def test_what_was_over_before_a_suspension_was_asked_for_stays_as_judged_also_by_a_new_calendar() -> None:
    """A duty of one working day, late by the calendar of the time; a later holiday forgives it no more than it forgives others."""
    walk = filed(category=WASTE)
    dispatched(walk, "clerk", SQUAD, MARKET)
    lead, helping = of(walk, SQUAD), of(walk, MARKET)
    walk.act("squad-officer", c.Arrive(lead))
    walk.act("squad-officer", c.GiveOpinion(lead, "见", "做"))
    walk.act("squad-officer", c.AskExtension(lead, "等料"))
    walk.act("clerk", c.AnswerExtension(asked(walk), True))
    walk.act("market-officer", c.Arrive(helping))
    walk.act("market-officer", c.Handled(helping, "已配合"), minutes=46 * 60)
    assert verdict(walk, MARKET, "handling") is Verdict.LATE
    reference = walk.rules.reference
    free = (CalendarDay("2026-11-24", DayKind.STATUTORY_HOLIDAY, "test"),)
    walk.rules = Rules(replace(reference, calendar=replace(reference.calendar, version="test-2", days=free)))
    walk.act(DISTRICT_ITSELF, c.Recalculate("test-2", "test-1"))
    until_ms = walk.now_ms + DAY_MINUTES * MINUTE_MS
    walk.act("squad-officer", c.AskSuspension(lead, "seasonal", until_ms, "雨季"), minutes=5)
    walk.act("deputy", c.AnswerSuspension(asked(walk), True))
    assert verdict(walk, MARKET, "handling") is Verdict.LATE


@pytest.mark.parametrize("kind", [RequestKind.EXTENSION, RequestKind.SUSPENSION])
@pytest.mark.parametrize("typed", [False, True])
def test_time_the_lead_asked_for_in_time_is_decided_also_when_its_late_result_was_heard_first(
    kind: RequestKind, typed: bool
) -> None:
    walk = at_work()
    lead, began_ms = of(walk, SQUAD), walk.now_ms
    if typed:
        walk.act("clerk", c.Feedback(lead, "已办", on_behalf="squad-officer"), minutes=200)
    else:
        walk.act("squad-officer", c.Feedback(lead, "已办"), minutes=200)
    word = last_word(walk)
    assert walk.case is not None
    may = allowed(walk.case, walk.actor("squad-officer"), walk.rules, walk.now_ms)
    assert not {"case.ask_suspension", "case.ask_extension"} & set(may), "nothing of the kind is offered any more"
    when = exactly(began_ms + 30 * MINUTE_MS)
    if kind is RequestKind.EXTENSION:
        walk.act("squad-leader", c.AskExtension(lead, "等料"), at=when)
        walk.act("clerk", c.AnswerExtension(asked(walk), True))
    else:
        walk.act("squad-leader", c.AskSuspension(lead, "seasonal", began_ms + DAY_MINUTES * MINUTE_MS, "雨季"), at=when)
        walk.act("deputy", c.AnswerSuspension(asked(walk), True))
    if typed:
        walk.act("squad-leader", c.Ratify(word))
    assert verdict(walk, SQUAD, "handling") is Verdict.ON_TIME
    assert walk.case is not None and walk.case.state is State.AWAITING_CHECK


def test_a_result_heard_after_the_case_went_to_another_unit_charges_nobody() -> None:
    """More time had been asked for in time, and nobody had answered."""
    walk = at_work()
    lead = of(walk, SQUAD)
    walk.act("squad-officer", c.AskExtension(lead, "等料"), minutes=30)
    walk.now_ms += 120 * MINUTE_MS
    done_ms = walk.now_ms
    walk.act("clerk", c.Redispatch(MARKET, "更近"), minutes=30)
    case = walk.act("squad-officer", c.Feedback(lead, "已办"), at=exactly(done_ms))
    clock, missed = case.clock(f"{lead}:handling"), case.breach(f"{lead}:handling")
    assert clock is not None and clock.verdict is Verdict.NOT_COUNTED
    assert missed is None or missed.state is BreachState.WITHDRAWN


def test_what_a_co_handler_gives_back_while_the_result_waits_is_answered_first_and_settled_by_the_end() -> None:
    walk = at_work(MARKET)
    walk.act("squad-officer", c.Feedback(of(walk, SQUAD), "已办"))
    walk.act("vice", c.CheckOnSite("member-2", True, "干净"))
    walk.act("vice", c.SubmitCheck())
    case = walk.act("market-officer", c.AskReturn(of(walk, MARKET), "非本单位"), minutes=10)
    assert next_step(case) == NextStep("case.answer_return", TOWN)
    case = walk.act("confirmer", c.Confirm())
    assert case.requests[-1].granted is False


def test_a_ruling_stays_nobodys_time_when_an_old_suspension_is_granted_meanwhile() -> None:
    walk, helping = helped()
    until_ms = walk.now_ms + DAY_MINUTES * MINUTE_MS
    walk.act("squad-officer", c.AskSuspension(of(walk, SQUAD), "seasonal", until_ms, "雨季"), minutes=30)
    request = asked(walk)
    walk.act("squad-officer", c.Feedback(of(walk, SQUAD), "已办"), minutes=91)
    failed(walk)
    given_back(walk, SQUAD, "squad-officer")
    walk.act("clerk", c.AskRuling("多部门"))
    case = walk.act("deputy", c.AnswerSuspension(request, True))
    clock = case.clock(f"{helping}:handling")
    assert clock is not None and clock.is_paused
    clock = walk.act("operator", c.Rule(DEPARTMENT, THREE_DAYS), minutes=600).clock(f"{helping}:handling")
    assert clock is not None and clock.due_at == START_MS + (120 + 91 + 600) * MINUTE_MS


def test_an_earlier_word_on_a_duty_that_is_over_settles_what_was_asked_about_it() -> None:
    walk, helping = helped()
    began_ms = walk.now_ms
    walk.act("market-officer", c.AskExtension(helping, "取样"))
    walk.act("market-officer", c.Handled(helping, "已配合"), minutes=200)
    walk.act("clerk", c.WithdrawCoHandler(helping, "不需"))
    case = walk.act("market-deputy", c.Handled(helping, "已配合"), at=exactly(began_ms + 60 * MINUTE_MS))
    assert verdict(walk, MARKET, "handling") is Verdict.ON_TIME
    assert not case.open_requests(RequestKind.EXTENSION)
