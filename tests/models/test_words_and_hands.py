"""Whose word meets a duty, and whose hands a round has, when both come in an unusual order (D17; sync-I13; practice.md §2)."""

from __future__ import annotations

import pytest

from models import commands as c
from models.case import Verdict
from models.clock import MINUTE_MS
from models.decide import Outcome, allowed
from models.evidence import Grade, Moment, exactly
from models.row import NextStep, next_step
from tests.models.small_town import DEPARTMENT, MARKET, SQUAD, THREE_DAYS, TOWN, VILLAGE, Walk
from tests.models.stories import (
    at_work,
    dispatched,
    filed,
    given_back,
    handed_down,
    last_word,
    of,
    told,
    verdict,
)


def test_the_leads_own_result_counts_before_one_that_was_typed_later() -> None:
    walk = at_work()
    began_ms, lead = walk.now_ms, of(walk, SQUAD)
    walk.act("clerk", c.Feedback(lead, "已办", on_behalf="squad-officer"), minutes=150)
    typed = last_word(walk)
    case = walk.act("squad-leader", c.Feedback(lead, "已办"), at=exactly(began_ms + 60 * MINUTE_MS))
    walk.try_act("squad-leader", c.Ratify(typed))
    assert verdict(walk, SQUAD, "handling") is Verdict.ON_TIME
    assert case.lead is not None and "squad-leader" in case.lead.handlers


def test_who_says_a_second_time_that_it_is_done_does_not_check_it() -> None:
    walk = filed()
    dispatched(walk, "clerk", VILLAGE)
    lead = of(walk, VILLAGE)
    walk.act("head", c.Arrive(lead))
    walk.act("head", c.Feedback(lead, "已办"))
    walk.act("member-1", c.Feedback(lead, "已办"))
    assert walk.refused("member-1", c.CheckOnSite("member-1", True, "干净")) == "checker_handled"


def test_who_goes_by_a_second_acknowledgement_does_not_check_either() -> None:
    walk = filed()
    dispatched(walk, "clerk", VILLAGE)
    lead = of(walk, VILLAGE)
    walk.act("head", c.Acknowledge(lead))
    again = walk.try_act("vice", c.Acknowledge(lead, handler="member-1"))
    assert again.outcome is Outcome.MERGED
    walk.act("head", c.Arrive(lead))
    walk.act("head", c.Feedback(lead, "已办"))
    assert walk.refused("member-1", c.CheckOnSite("member-1", True, "干净")) == "checker_handled"


def helped_late_and_failed() -> tuple[Walk, str, Moment]:
    """The village helps, and is there too late; one of its own finds that it is not done. An instant at which he was there in time."""
    walk = filed()
    dispatched(walk, "clerk", SQUAD, VILLAGE)
    early, helping = exactly(walk.now_ms + 30 * MINUTE_MS), of(walk, VILLAGE)
    walk.act("head", c.Arrive(helping), minutes=75)
    walk.act("squad-officer", c.Arrive(of(walk, SQUAD)))
    walk.act("squad-officer", c.Feedback(of(walk, SQUAD), "已办"))
    walk.act("vice", c.CheckOnSite("member-1", False, "未清"))
    walk.act("vice", c.SubmitCheck())
    return walk, helping, early


def test_who_has_checked_a_round_gets_no_credit_in_it_when_the_next_has_begun() -> None:
    walk, helping, early = helped_late_and_failed()
    kept = walk.try_act("member-1", c.Arrive(helping), at=early)
    assert kept.reason is not None and kept.reason.code == "checker_may_not_handle"
    assert verdict(walk, VILLAGE, "arrival") is Verdict.LATE


@pytest.mark.parametrize("ended", ["withdrawn", "closed"])
def test_nor_when_his_help_is_over_in_a_later_round(ended: str) -> None:
    walk, helping, early = helped_late_and_failed()
    told(walk)
    if ended == "withdrawn":
        walk.act("clerk", c.WithdrawCoHandler(helping, "不需"))
    else:
        walk.act("squad-officer", c.Arrive(of(walk, SQUAD)))
        walk.act("squad-officer", c.Feedback(of(walk, SQUAD), "已办"))
        walk.act("vice", c.CheckOnSite("member-2", True, "干净"))
        walk.act("vice", c.SubmitCheck())
        walk.act("confirmer", c.Confirm())
    case = walk.act("member-1", c.Arrive(helping), at=early)
    given = case.assignment(helping)
    assert verdict(walk, VILLAGE, "arrival") is Verdict.LATE
    assert given is not None and "member-1" not in given.handlers


def test_a_round_lasts_until_the_next_begins_also_between_check_and_refusal() -> None:
    walk = filed()
    dispatched(walk, "clerk", SQUAD, VILLAGE)
    began_ms, helping = walk.now_ms, of(walk, VILLAGE)
    walk.act("squad-officer", c.Arrive(of(walk, SQUAD)), minutes=5)
    walk.act("squad-officer", c.Feedback(of(walk, SQUAD), "已办"), minutes=5)
    walk.act("vice", c.CheckOnSite("member-1", True, "干净"), minutes=5)
    walk.act("vice", c.SubmitCheck(), minutes=5)
    walk.act("confirmer", c.RefuseConfirm("不符"), minutes=20)
    kept = walk.try_act("member-1", c.Arrive(helping), at=exactly(began_ms + 30 * MINUTE_MS))
    assert kept.reason is not None and kept.reason.code == "checker_may_not_handle"


@pytest.mark.parametrize("lead", [False, True])
def test_who_had_done_it_before_his_unit_gave_it_back_does_not_check_it(lead: bool) -> None:
    walk = filed()
    if lead:
        dispatched(walk, "clerk", VILLAGE)
    else:
        dispatched(walk, "clerk", SQUAD, VILLAGE)
    given, done_ms = of(walk, VILLAGE), walk.now_ms + 30 * MINUTE_MS
    walk.act("head", c.Arrive(given))
    walk.now_ms += 40 * MINUTE_MS
    given_back(walk, VILLAGE, "head")
    if lead:
        dispatched(walk, "clerk", SQUAD)
    walk.act("member-1", c.Feedback(given, "已办") if lead else c.Handled(given, "已配合"), at=exactly(done_ms))
    walk.act("squad-officer", c.Arrive(of(walk, SQUAD)))
    walk.act("squad-officer", c.Feedback(of(walk, SQUAD), "已办"))
    assert walk.refused("member-1", c.CheckOnSite("member-1", True, "干净")) == "checker_handled"


def test_a_leads_own_earlier_result_is_its_first_opinion_too() -> None:
    walk = handed_down()
    dispatched(walk, "clerk", SQUAD)
    began_ms, lead = walk.now_ms, of(walk, SQUAD)
    walk.act("squad-officer", c.Arrive(lead))
    walk.act("squad-officer", c.Feedback(lead, "已办"), minutes=3 * 24 * 60)
    assert verdict(walk, SQUAD, "opinion") is Verdict.LATE
    walk.act("squad-leader", c.Feedback(lead, "已办"), at=exactly(began_ms + 60 * MINUTE_MS))
    assert verdict(walk, SQUAD, "opinion") is Verdict.ON_TIME


def test_where_nobody_could_sign_what_is_seen_somebody_else_is_sent_before_he_looks() -> None:
    walk = filed()
    dispatched(walk, "clerk", SQUAD, VILLAGE)
    walk.act("squad-officer", c.Arrive(of(walk, SQUAD)))
    walk.act("squad-officer", c.Feedback(of(walk, SQUAD), "已办"))
    walk.act("vice", c.NameChecker("member-1"))
    walk.act("head", c.Arrive(of(walk, VILLAGE)))
    case = walk.act("vice", c.Handled(of(walk, VILLAGE), "已配合"))
    assert next_step(case) == NextStep("case.name_checker", VILLAGE)
    for person in ("member-1", "member-2"):
        assert "case.check" not in allowed(case, walk.actor(person), walk.rules, walk.now_ms)
    case = walk.act("vice", c.NameChecker("lone-head", elsewhere=True))
    assert next_step(case).code == "case.check"


def test_a_typed_arrival_of_a_unit_that_gave_the_case_back_is_the_units_to_ratify_for_the_towns_hour() -> None:
    walk = handed_down()
    dispatched(walk, "clerk", SQUAD)
    walk.act("clerk", c.Arrive(of(walk, SQUAD), on_behalf="squad-officer"), minutes=20)
    typed = last_word(walk)
    given_back(walk, SQUAD, "squad-leader")
    assert verdict(walk, SQUAD, "arrival") is Verdict.NOT_COUNTED
    assert verdict(walk, TOWN, "arrival") is Verdict.UNRATIFIED
    walk.act("squad-leader", c.Ratify(typed))
    assert verdict(walk, TOWN, "arrival") is Verdict.ON_TIME


def test_a_result_in_time_is_the_first_opinion_also_where_one_was_typed_and_not_ratified() -> None:
    walk = filed()
    dispatched(walk, "clerk", SQUAD)
    walk.act("squad-officer", c.Arrive(of(walk, SQUAD)))
    walk.act("clerk", c.GiveOpinion(of(walk, SQUAD), "见", "做", on_behalf="squad-officer"))
    assert verdict(walk, SQUAD, "opinion") is Verdict.UNRATIFIED
    walk.act("squad-officer", c.Feedback(of(walk, SQUAD), "已办"), minutes=10)
    assert verdict(walk, SQUAD, "opinion") is Verdict.ON_TIME


def test_an_arrival_for_the_towns_first_duty_meets_no_hour_of_its_second() -> None:
    walk = handed_down()
    dispatched(walk, "clerk", SQUAD)
    first, began_ms = of(walk, SQUAD), walk.now_ms
    walk.now_ms += 30 * MINUTE_MS
    given_back(walk, SQUAD, "squad-officer")
    walk.act("clerk", c.AskRuling("多部门"))
    walk.act("operator", c.Rule(DEPARTMENT, THREE_DAYS))
    told(walk)
    walk.now_ms += 60 * MINUTE_MS
    given_back(walk, DEPARTMENT, "water-officer", "operator")
    dispatched(walk, "operator", TOWN)
    unsure = Moment(began_ms + 20 * MINUTE_MS, walk.now_ms, Grade.ANCHORED)
    for when in (exactly(began_ms + 20 * MINUTE_MS), unsure):
        walk.try_act("squad-officer", c.Arrive(first), at=when)
        assert verdict(walk, TOWN, "arrival") is None, "nobody was sent for it yet"


def test_a_unit_that_comes_into_a_case_with_the_second_round_owes_its_first_opinion() -> None:
    walk = at_work()
    walk.act("squad-officer", c.Feedback(of(walk, SQUAD), "已办"))
    walk.act("head", c.NameChecker("member-1"))
    walk.act("member-1", c.CheckOnSite("member-1", False, "未清"))
    case = walk.act("head", c.SubmitCheck())
    assert case.clock(f"{of(walk, SQUAD)}:opinion") is None, "it has said what it does"
    walk.act("clerk", c.Redispatch(MARKET, "更近"))
    told(walk)
    case = walk.act("market-officer", c.Arrive(of(walk, MARKET)))
    assert next_step(case) == NextStep("case.give_opinion", MARKET)
    walk.act("market-officer", c.GiveOpinion(of(walk, MARKET), "见", "做"))
    assert verdict(walk, MARKET, "opinion") is Verdict.ON_TIME
