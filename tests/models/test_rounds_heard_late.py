"""What was done in one round and is heard in the next is not taken for the next one's; what was charged goes by what was done."""

from __future__ import annotations

import pytest

from models import commands as c
from models.breach import BreachState
from models.case import State, Verdict
from models.clock import MINUTE_MS
from models.decide import Outcome
from models.evidence import Grade, Moment, exactly
from models.people import DISTRICT_ITSELF
from tests.models.small_town import MARKET, SQUAD, VILLAGE, Walk
from tests.models.stories import asked, at_work, closed, failed, last_word, minute, of, sent, told, verdict


def clock_verdict(walk: Walk, clock: str) -> Verdict | None:
    assert walk.case is not None
    found = walk.case.clock(clock)
    assert found is not None
    return found.verdict


def breach_state(walk: Walk, clock: str) -> BreachState | None:
    assert walk.case is not None
    found = walk.case.breach(clock)
    return found.state if found is not None else None


def handed_in_again(walk: Walk) -> None:
    told(walk)
    walk.act("squad-officer", c.Arrive(of(walk, SQUAD)), minutes=10)
    walk.act("squad-officer", c.Feedback(of(walk, SQUAD), "再办"), minutes=10)


def failed_late() -> tuple[Walk, Moment]:
    """The first round failed, submitted too late by one desk; and half an hour into it, when another had submitted."""
    walk = at_work()
    walk.act("squad-officer", c.Feedback(of(walk, SQUAD), "已办"), minutes=10)
    early = exactly(walk.now_ms + 30 * MINUTE_MS)
    walk.act("vice", c.CheckOnSite("member-2", False, "看"), minutes=24 * 60)
    walk.act("vice", c.SubmitCheck())
    handed_in_again(walk)
    return walk, early


@pytest.mark.parametrize("passed", [True, False])
def test_a_check_of_the_first_round_is_not_the_second_rounds(passed: bool) -> None:
    walk, early = failed_late()
    walk.try_act("head", c.CheckOnSite("member-1", passed, "旧"), at=early)
    assert walk.last.reason is not None
    assert walk.last.reason.code == ("verified_already" if passed else "already_checked")
    again = walk.try_act("head", c.SubmitCheck(), at=early)
    assert again.outcome is Outcome.MERGED
    assert walk.case is not None and walk.case.state is State.AWAITING_CHECK and walk.case.round == 2
    assert clock_verdict(walk, "check-1") is Verdict.ON_TIME and clock_verdict(walk, "check-2") is None


def test_a_submission_of_the_first_round_does_not_sign_the_second_rounds_check() -> None:
    walk, early = failed_late()
    walk.act("vice", c.CheckOnSite("member-2", True, "新"), minutes=10)
    assert walk.try_act("head", c.SubmitCheck(), at=early).outcome is Outcome.MERGED
    assert walk.case is not None and walk.case.state is State.AWAITING_SUBMIT
    assert clock_verdict(walk, "check-1") is Verdict.ON_TIME


def test_a_submission_of_the_first_round_counts_for_it_also_after_the_seconds() -> None:
    walk, early = failed_late()
    walk.act("vice", c.CheckOnSite("member-2", True, "新"), minutes=10)
    walk.act("vice", c.SubmitCheck())
    assert walk.try_act("head", c.SubmitCheck(), at=early).outcome is Outcome.MERGED
    assert clock_verdict(walk, "check-1") is Verdict.ON_TIME


def test_what_is_still_to_be_checked_is_not_called_submitted() -> None:
    walk, _ = failed_late()
    assert walk.refused("head", c.SubmitCheck(), minutes=10) == "not_in_this_state"


@pytest.mark.parametrize(
    ("args", "comes_to"),
    [(c.Confirm(), Outcome.REJECTED), (c.RefuseConfirm("未清"), Outcome.MERGED)],
    ids=["confirmed", "refused as well"],
)
def test_what_the_town_said_of_the_first_round_does_not_end_the_second(args: c.Args, comes_to: Outcome) -> None:
    walk = at_work()
    walk.act("squad-officer", c.Feedback(of(walk, SQUAD), "已办"), minutes=10)
    walk.act("vice", c.CheckOnSite("member-2", True, "看"), minutes=10)
    walk.act("vice", c.SubmitCheck())
    early = exactly(walk.now_ms + 20 * MINUTE_MS)
    walk.act("confirmer", c.RefuseConfirm("未清"), minutes=30)
    handed_in_again(walk)
    walk.act("vice", c.CheckOnSite("member-2", True, "看"), minutes=10)
    walk.act("vice", c.SubmitCheck())
    second = walk.case and walk.case.clock("confirm-2")
    assert walk.try_act("clerk-2", args, at=early).outcome is comes_to
    assert walk.case is not None and walk.case.state is State.AWAITING_CONFIRM and walk.case.round == 2
    assert walk.case.clock("confirm-2") == second


@pytest.mark.parametrize("end", ["withdrawn", "closed", "reworked"])
def test_what_was_asked_and_refused_spares_nobody_when_it_is_heard_once_more(end: str) -> None:
    walk = at_work(MARKET)
    lead, co = of(walk, SQUAD), of(walk, MARKET)
    person, other, given = (
        ("market-deputy", "market-officer", co) if end == "withdrawn" else ("squad-leader", "squad-officer", lead)
    )
    walk.act(person, c.AskExtension(given, "未完"), minutes=30)
    walk.act("deputy", c.AnswerExtension(asked(walk), False), minutes=10)
    walk.act(person, c.Handled(given) if end == "withdrawn" else c.Feedback(given, "已办"), minutes=150)
    if end == "withdrawn":
        walk.act("clerk", c.WithdrawCoHandler(co, "不用"), minutes=5)
    elif end == "reworked":
        failed(walk)
    else:
        closed(walk)
    walk.try_act(other, c.AskExtension(given, "未完"), at=minute(25))
    assert clock_verdict(walk, f"{given}:handling") is Verdict.LATE


@pytest.mark.parametrize("end", ["closed", "reworked"])
@pytest.mark.parametrize("granted", [True, False])
def test_what_was_asked_in_time_is_answered_also_where_it_is_heard_after_the_end(end: str, granted: bool) -> None:
    walk = at_work()
    lead = of(walk, SQUAD)
    walk.act("squad-leader", c.Feedback(lead, "已办"), minutes=190)
    if end == "reworked":
        failed(walk)
    else:
        closed(walk)
    walk.try_act("squad-officer", c.AskExtension(lead, "未完"), at=minute(100))
    assert clock_verdict(walk, f"{lead}:handling") is Verdict.HELD
    walk.act("deputy", c.AnswerExtension(asked(walk), granted), minutes=5)
    assert clock_verdict(walk, f"{lead}:handling") is (Verdict.ON_TIME if granted else Verdict.LATE)


@pytest.mark.parametrize("first", ["asked", "handled"])
def test_who_asked_only_after_the_limit_is_charged_whichever_is_heard_first(first: str) -> None:
    walk = sent(MARKET)
    co = of(walk, MARKET)
    walk.act("clerk", c.Redispatch(MARKET, "更近"), minutes=250)
    acts: list[tuple[str, c.Args, Moment]]
    acts = [("market-officer", c.AskExtension(co, "未完"), minute(140)), ("market-deputy", c.Handled(co), minute(150))]
    for person, args, at in acts if first == "asked" else reversed(acts):
        walk.try_act(person, args, at=at)
    assert clock_verdict(walk, f"{co}:handling") is Verdict.LATE


def test_an_answer_about_another_duty_of_the_unit_is_no_answer() -> None:
    walk = sent(MARKET)
    co = of(walk, MARKET)
    walk.act("market-officer", c.AskExtension(co, "未完"), minutes=100)
    walk.act("clerk", c.Redispatch(MARKET, "更近"), minutes=150)
    told(walk)
    walk.act("market-officer", c.AskExtension(of(walk, MARKET), "未完"), minutes=5)
    walk.act("deputy", c.AnswerExtension(asked(walk), True), minutes=5)
    walk.try_act("market-deputy", c.Handled(co), at=minute(200))
    assert clock_verdict(walk, f"{co}:handling") is Verdict.NOT_COUNTED


def test_rework_signed_at_a_desk_whose_clock_is_in_doubt_takes_nobodys_lateness_away() -> None:
    walk = at_work()
    lead = of(walk, SQUAD)
    walk.act("squad-officer", c.Feedback(lead, "已办"), minutes=200)
    walk.act("vice", c.CheckOnSite("member-2", False, "看"), minutes=10)
    unsure = Moment(walk.now_ms - 60 * MINUTE_MS, walk.now_ms + 60 * MINUTE_MS, Grade.DOUBTFUL)
    walk.act("vice", c.SubmitCheck(), at=unsure)
    assert clock_verdict(walk, f"{lead}:handling") is Verdict.LATE


@pytest.mark.parametrize("end", ["reworked", "closed"])
def test_who_was_in_time_is_in_time_though_the_round_ended_at_a_desk_whose_clock_is_in_doubt(end: str) -> None:
    walk = sent()
    lead = of(walk, SQUAD)
    walk.act("squad-officer", c.Arrive(lead), minutes=90)
    walk.act("squad-officer", c.Feedback(lead, "已办"), minutes=5)
    walk.act("vice", c.CheckOnSite("member-2", end == "closed", "看"), minutes=10)
    unsure = Moment(minute(30).lo, minute(200).hi, Grade.DOUBTFUL)
    if end == "closed":
        walk.act("vice", c.SubmitCheck())
        walk.act("confirmer", c.Confirm(), at=unsure)
    else:
        walk.act("vice", c.SubmitCheck(), at=unsure)
    walk.try_act("squad-leader", c.Arrive(lead), at=minute(40))
    assert clock_verdict(walk, f"{lead}:arrival") is Verdict.ON_TIME


def test_an_opinions_fact_follows_its_clock_where_the_result_was_earlier() -> None:
    walk = sent()
    lead = of(walk, SQUAD)
    walk.act("squad-officer", c.Arrive(lead), minutes=5)
    walk.act("squad-leader", c.GiveOpinion(lead, "见", "做"), minutes=3 * 24 * 60)
    walk.act("squad-officer", c.Feedback(lead, "已办"), at=minute(60))
    assert walk.case is not None and walk.case.lead is not None
    assert verdict(walk, SQUAD, "opinion") is Verdict.ON_TIME and walk.case.lead.opinion_at == minute(60)


def test_no_breach_stands_on_a_verdict_that_was_taken_back() -> None:
    walk = sent(MARKET)
    arrival = f"{of(walk, MARKET)}:arrival"
    walk.act("market-officer", c.Arrive(of(walk, MARKET)), minutes=100)
    assert breach_state(walk, arrival) is BreachState.FINAL
    walk.act("clerk", c.WithdrawCoHandler(of(walk, MARKET), "不用"), at=minute(42))
    assert clock_verdict(walk, arrival) is Verdict.NOT_COUNTED
    assert breach_state(walk, arrival) is BreachState.WITHDRAWN


@pytest.mark.parametrize(
    ("taken", "state"), [(42, BreachState.WITHDRAWN), (80, BreachState.WITHDRAWN), (1600, BreachState.FINAL)]
)
def test_a_breach_falls_when_the_duty_proves_taken_away_before_it_was_final(taken: int, state: BreachState) -> None:
    walk = sent(MARKET)
    arrival = f"{of(walk, MARKET)}:arrival"
    walk.act(DISTRICT_ITSELF, c.NoticeBreach(arrival), minutes=61)
    walk.act(DISTRICT_ITSELF, c.SettleBreach(arrival, "grace", ("D-1",)), minutes=24 * 60)
    walk.act("clerk", c.WithdrawCoHandler(of(walk, MARKET), "不用"), at=minute(taken))
    assert breach_state(walk, arrival) is state


def test_a_word_typed_for_who_has_checked_meets_nothing() -> None:
    walk = sent(VILLAGE)
    co = of(walk, VILLAGE)
    walk.act("squad-officer", c.Arrive(of(walk, SQUAD)), minutes=5)
    walk.act("squad-officer", c.Feedback(of(walk, SQUAD), "已办"), minutes=5)
    walk.act("vice", c.CheckOnSite("member-1", True, "看"), minutes=130)
    walk.act("vice", c.SubmitCheck())
    walk.act("confirmer", c.Confirm(), minutes=5)
    walk.try_act("clerk", c.Handled(co, on_behalf="member-1"), at=minute(8))
    assert clock_verdict(walk, f"{co}:handling") is Verdict.LATE
    walk.try_act("head", c.Ratify(last_word(walk)))
    assert clock_verdict(walk, f"{co}:handling") is Verdict.LATE


def test_no_breach_burns_while_a_word_in_time_waits_for_its_ratification() -> None:
    walk = sent()
    lead = of(walk, SQUAD)
    walk.act("squad-officer", c.Arrive(lead), minutes=90)
    walk.try_act("clerk", c.Arrive(lead, on_behalf="squad-officer"), at=minute(20))
    assert walk.case is not None
    breach = walk.case.breach(f"{lead}:arrival")
    assert breach is not None and breach.state is BreachState.WITHDRAWN
