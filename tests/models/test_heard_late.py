"""What was done at a desk that was cut off is heard after what others did later; nobody is charged for that."""

from __future__ import annotations

import pytest

from models import commands as c
from models.breach import BreachState
from models.case import Verdict
from models.clock import MINUTE_MS
from models.decide import Outcome
from models.decide.spoken import to_ratify
from models.evidence import exactly
from tests.models.small_town import MARKET, SQUAD, START_MS, VILLAGE
from tests.models.stories import asked, at_work, filed, last_word, minute, of, sent, verdict


@pytest.mark.parametrize("ended", ["no", "reassigned"])
def test_a_typed_word_in_time_is_the_units_to_ratify_though_its_own_late_one_was_heard_first(ended: str) -> None:
    walk = sent()
    lead = of(walk, SQUAD)
    walk.act("squad-officer", c.Arrive(lead), minutes=90)
    if ended == "reassigned":
        walk.act("clerk", c.Redispatch(MARKET, "更近"), minutes=10)
    walk.try_act("clerk-2", c.Arrive(lead, on_behalf="squad-officer"), at=minute(20))
    assert walk.case is not None
    clock = walk.case.clock(f"{lead}:arrival")
    assert clock is not None and clock.verdict is Verdict.UNRATIFIED
    assert to_ratify(walk.case, SQUAD, walk.rules) == (last_word(walk),)
    given = walk.case.assignment(lead)
    assert given is not None and given.may_ratify is (ended == "reassigned"), "till then the unit keeps the case"
    clock = walk.act("squad-leader", c.Ratify(last_word(walk))).clock(f"{lead}:arrival")
    assert clock is not None and clock.verdict is Verdict.ON_TIME


@pytest.mark.parametrize("first", ["own", "typed"])
def test_behind_a_typed_word_that_was_late_too_nobodys_late_one_hides(first: str) -> None:
    walk = sent()
    lead = of(walk, SQUAD)
    own, typed = (
        ("squad-officer", c.Arrive(lead), minute(120)),
        ("clerk", c.Arrive(lead, on_behalf="squad-leader"), minute(80)),
    )
    for person, args, at in (own, typed) if first == "own" else (typed, own):
        walk.try_act(person, args, at=at)
    assert verdict(walk, SQUAD, "arrival") is Verdict.LATE


def test_what_was_taken_away_before_a_unit_was_late_charges_nobody() -> None:
    walk = sent(MARKET)
    co = of(walk, MARKET)
    walk.act("market-officer", c.Arrive(co), minutes=100)
    assert verdict(walk, MARKET, "arrival") is Verdict.LATE
    walk.act("clerk", c.WithdrawCoHandler(co, "不用"), at=minute(42))
    assert verdict(walk, MARKET, "arrival") is Verdict.NOT_COUNTED


def test_what_was_late_while_the_unit_had_it_stays_late() -> None:
    walk = sent(MARKET)
    walk.act("market-officer", c.Arrive(of(walk, MARKET)), minutes=100)
    walk.act("clerk", c.WithdrawCoHandler(of(walk, MARKET), "不用"), minutes=10)
    assert verdict(walk, MARKET, "arrival") is Verdict.LATE


@pytest.mark.parametrize("granted", [True, False])
def test_two_workstations_of_a_unit_that_ask_for_more_time_ask_once(granted: bool) -> None:
    walk = at_work()
    lead = of(walk, SQUAD)
    walk.act("squad-leader", c.AskExtension(lead, "未完"), minutes=70)
    walk.act("deputy", c.AnswerExtension(asked(walk), granted), minutes=120)
    again = walk.try_act("squad-officer", c.AskExtension(lead, "未完"), at=minute(60))
    assert again.outcome is Outcome.MERGED and again.reason is not None
    assert again.reason.code == "more_time_already_asked"
    assert walk.case is not None and walk.case.time_request(lead) is None


def test_after_a_refusal_more_time_may_be_asked_for_again() -> None:
    walk = at_work()
    walk.act("squad-leader", c.AskExtension(of(walk, SQUAD), "未完"), minutes=30)
    walk.act("deputy", c.AnswerExtension(asked(walk), False), minutes=5)
    walk.act("squad-officer", c.AskExtension(of(walk, SQUAD), "未完"), minutes=5)


@pytest.mark.parametrize("heard", ["asked, handled", "handled, asked"])
def test_a_co_handler_that_asked_in_time_is_charged_nothing_once_the_case_has_gone_to_another(heard: str) -> None:
    walk = sent(MARKET)
    co = of(walk, MARKET)
    walk.act("clerk", c.Redispatch(MARKET, "更近"), minutes=250)
    asks = ("market-officer", c.AskExtension(co, "未完"), minute(100))
    hands_in = ("market-deputy", c.Handled(co), minute(150))
    for person, args, at in (asks, hands_in) if heard.startswith("asked") else (hands_in, asks):
        assert walk.try_act(person, args, at=at).reason is not None
        assert walk.last.outcome is Outcome.ACCEPTED and walk.last.reason is not None
        assert walk.last.reason.code == "late_history"
    assert walk.case is not None
    clock = walk.case.clock(f"{co}:handling")
    assert clock is not None and clock.verdict is Verdict.NOT_COUNTED


def test_who_asked_only_after_the_limit_is_charged() -> None:
    walk = sent(MARKET)
    co = of(walk, MARKET)
    walk.act("clerk", c.Redispatch(MARKET, "更近"), minutes=250)
    walk.try_act("market-deputy", c.Handled(co), at=minute(150))
    walk.try_act("market-officer", c.AskExtension(co, "未完"), at=minute(140))
    assert walk.case is not None
    clock = walk.case.clock(f"{co}:handling")
    assert clock is not None and clock.verdict is Verdict.LATE


def test_a_typed_word_is_kept_though_the_duty_is_over_and_whoever_spoke_was_there() -> None:
    walk = sent(VILLAGE)
    co = of(walk, VILLAGE)
    walk.act("clerk", c.WithdrawCoHandler(co, "不用"), minutes=30)
    typed = walk.try_act("clerk-2", c.Handled(co, on_behalf="member-1"), at=minute(20))
    assert typed.outcome is Outcome.ACCEPTED and typed.reason is not None and typed.reason.code == "late_history"
    assert walk.case is not None
    given, clock = walk.case.assignment(co), walk.case.clock(f"{co}:handling")
    assert given is not None and {"member-1", "clerk-2"} <= set(given.handlers)
    assert clock is not None and clock.verdict is Verdict.UNRATIFIED
    assert walk.refused("clerk-2", c.Handled(co, on_behalf="member-1"), minutes=1) == "assignment_ended", (
        "said after the end"
    )


def test_a_co_handlers_clock_stands_still_until_it_may_have_heard_that_the_lead_handed_in() -> None:
    walk = at_work(MARKET)
    lead, co = of(walk, SQUAD), of(walk, MARKET)
    until = walk.now_ms + 24 * 60 * MINUTE_MS
    walk.act("squad-officer", c.AskSuspension(lead, "conditions", until, "等"), minutes=60)
    walk.act("deputy", c.AnswerSuspension(asked(walk), True), minutes=30)
    walk.act("squad-officer", c.Feedback(lead, "已办"), at=minute(110), heard_ms=START_MS + 300 * MINUTE_MS)
    walk.act("market-officer", c.Handled(co), at=minute(280))
    assert verdict(walk, MARKET, "handling") is Verdict.ON_TIME


@pytest.mark.parametrize("passed", [True, False])
def test_a_station_that_submitted_in_time_is_in_time_though_another_of_it_was_heard_first(passed: bool) -> None:
    walk = at_work()
    walk.act("squad-officer", c.Feedback(of(walk, SQUAD), "已办"))
    early = exactly(walk.now_ms + 30 * MINUTE_MS)
    walk.act("vice", c.CheckOnSite("member-2", passed, "看"), minutes=24 * 60)
    walk.act("vice", c.SubmitCheck())
    assert walk.case is not None
    clock = walk.case.clock("check-1")
    assert clock is not None and clock.verdict is Verdict.LATE
    again = walk.try_act("head", c.SubmitCheck(), at=early)
    assert again.outcome is Outcome.MERGED and again.reason is not None and again.reason.code == "already_submitted"
    clock = walk.case.clock("check-1")
    assert clock is not None and clock.verdict is Verdict.ON_TIME
    assert walk.refused("member-1", c.SubmitCheck()) == "not_in_this_state", "whose name may not stand under it"


def test_what_was_met_before_the_unit_was_told_of_it_is_never_measured_and_waits_for_no_ratification() -> None:
    walk = filed()
    walk.act("clerk", c.Dispatch(SQUAD))
    lead = of(walk, SQUAD)
    walk.act("squad-officer", c.GiveOpinion(lead, "见", "做"), minutes=10)
    walk.try_act("clerk", c.GiveOpinion(lead, "见", "做", on_behalf="squad-leader"), at=minute(12))
    walk.act("squad-officer", c.Arrive(lead), minutes=5)
    walk.act("squad-officer", c.Feedback(lead, "已办"), minutes=5)
    assert walk.case is not None
    clock = walk.case.clock(f"{lead}:opinion")
    assert clock is not None and clock.stopped is not None
    assert clock.stopped == minute(10) and clock.verdict is Verdict.NOT_COUNTED
    walk.act("clerk", c.LogCall(SQUAD, "answered", assignment=lead), at=minute(3))
    assert verdict(walk, SQUAD, "opinion") is Verdict.ON_TIME, "it had been rung before, which is heard only now"


def test_a_withdrawal_that_was_earlier_than_the_end_that_was_heard_first_moves_it() -> None:
    walk = at_work(MARKET, VILLAGE)
    helping = of(walk, VILLAGE)
    before = walk.now_ms + 30 * MINUTE_MS
    walk.act("head", c.Arrive(helping), minutes=90)
    assert verdict(walk, VILLAGE, "arrival") is Verdict.LATE
    walk.act("clerk", c.WithdrawCoHandler(helping, "不用"), minutes=10)
    again = walk.try_act("clerk-2", c.WithdrawCoHandler(helping, "不用"), at=exactly(before))
    assert again.outcome is Outcome.MERGED and verdict(walk, VILLAGE, "arrival") is Verdict.NOT_COUNTED
    assert walk.case is not None
    breach, given = walk.case.breach(f"{helping}:arrival"), walk.case.assignment(helping)
    assert breach is not None and breach.state is BreachState.WITHDRAWN
    assert given is not None and given.ended_at == exactly(before)
