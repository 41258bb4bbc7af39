"""延期 and 挂账 while somebody else of the case is at another point of it (docs/decisions/0008, 0009)."""

from __future__ import annotations

import pytest

from models import commands as c
from models.breach import BreachState
from models.case import RequestKind, Verdict
from models.clock import MINUTE_MS
from models.decide import Outcome, allowed
from models.evidence import exactly
from models.people import DISTRICT_ITSELF
from tests.models.small_town import DEPARTMENT, MARKET, SQUAD, START_MS, Walk
from tests.models.stories import THREE_DAYS, asked, at_work, failed, given_back, of, verdict

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
