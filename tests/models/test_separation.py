"""Whoever handled may neither check nor confirm, and where nobody is left somebody from elsewhere looks (D17)."""

from __future__ import annotations

from msgspec.structs import replace

from models import commands as c
from models.case import State, hands_of_round
from models.decide import Outcome, allowed
from models.people import DISTRICT_ITSELF
from models.row import NextStep, next_step, scopes_of
from tests.models import stories
from tests.models.small_town import SMALL_VILLAGE, SQUAD, STALLS, TOWN, VILLAGE, Walk
from tests.models.test_case_walk import handled, reported


def handled_by(walk: Walk, unit: str, *officers: str) -> str:
    """A case at SMALL_VILLAGE or VILLAGE, handled by that station's own people."""
    reported(walk, station=unit)
    walk.act("clerk", c.File())
    case = walk.act("clerk", c.Dispatch(unit))
    assert case.lead is not None
    lead = case.lead.id
    walk.act(DISTRICT_ITSELF, c.Deliver(lead))
    walk.act(officers[0], c.Arrive(lead))
    walk.act(officers[0], c.Feedback(lead, "已清", officers))
    return lead


def test_a_one_person_station_that_handled_it_is_checked_and_submitted_from_next_door() -> None:
    walk = Walk()
    handled_by(walk, SMALL_VILLAGE, "lone-head")
    assert walk.case is not None and next_step(walk.case) == NextStep("case.name_checker", SMALL_VILLAGE)
    assert walk.refused("lone-head", c.NameChecker("lone-head")) == "checker_handled"
    assert walk.refused("lone-head", c.NameChecker("member-1")) == "checker_from_elsewhere"
    case = walk.act("lone-head", c.NameChecker("member-1", elsewhere=True))
    assert VILLAGE in scopes_of(case) and next_step(case) == NextStep("case.check", VILLAGE)
    assert walk.refused("member-2", c.CheckOnSite("member-2", True, "干净")) == "not_the_station"
    assert walk.refused("member-1", c.CheckOnSite("member-2", True, "干净")) == "not_the_station"
    case = walk.act("member-1", c.CheckOnSite("member-1", True, "干净"))
    assert case.check is not None and case.check.elsewhere, "visibly flagged"
    assert next_step(case) == NextStep("case.submit_check", VILLAGE)
    assert walk.refused("lone-head", c.SubmitCheck()) == "handler_may_not_check"
    assert walk.refused("member-1", c.SubmitCheck()) == "station_leaders_only"
    assert "case.submit_check" in allowed(case, walk.actor("vice"), walk.rules, walk.now_ms)
    case = walk.act("vice", c.SubmitCheck())
    assert case.history[-1].unit == VILLAGE
    assert walk.act("confirmer", c.Confirm()).state is State.CLOSED


def test_a_named_checker_who_turns_out_to_have_handled_is_to_be_named_anew() -> None:
    walk = Walk()
    handled_by(walk, VILLAGE, "member-2")
    case = walk.act("vice", c.NameChecker("member-1"))
    assert case.check is not None and next_step(case) == NextStep("case.check", VILLAGE)
    late = replace(case, checks=(replace(case.check, checker="member-2"),))
    assert next_step(late) == NextStep("case.name_checker", VILLAGE), "or the case would wait for somebody who may not"


def test_another_stations_eyes_are_flagged_and_the_station_itself_submits() -> None:
    walk = Walk()
    handled(walk)
    assert walk.refused("vice", c.NameChecker("lone-head")) == "checker_from_elsewhere"
    case = walk.act("vice", c.NameChecker("lone-head", elsewhere=True))
    assert case.check is not None and case.check.elsewhere and SMALL_VILLAGE in scopes_of(case)
    case = walk.act("lone-head", c.CheckOnSite("lone-head", True, "干净"))
    assert next_step(case) == NextStep("case.submit_check", VILLAGE)
    assert walk.refused("lone-head", c.SubmitCheck()) == "not_the_station", (
        "the station has leaders without a hand in it"
    )
    walk.act("vice", c.SubmitCheck())
    assert walk.act("confirmer", c.Confirm()).state is State.CLOSED


def test_a_unit_that_handled_the_round_checks_nobodys_place() -> None:
    walk = Walk()
    handled(walk)
    named = c.NameChecker("squad-leader", elsewhere=True)
    assert walk.refused("vice", named) == "checker_unit_handled", "the squad handled it, this person did not"


def test_a_check_that_nobody_could_submit_is_not_begun() -> None:
    walk = Walk()
    handled_by(walk, VILLAGE, "head", "vice")
    assert walk.refused("vice", c.NameChecker("member-1")) == "check_from_elsewhere_needed"
    assert walk.refused("member-1", c.CheckOnSite("member-1", True, "干净")) == "check_from_elsewhere_needed"
    walk.act("vice", c.NameChecker("squad-officer", elsewhere=True))
    case = walk.act("squad-officer", c.CheckOnSite("squad-officer", True, "干净"))
    assert next_step(case) == NextStep("case.submit_check", SQUAD)
    walk.act("squad-leader", c.SubmitCheck())


def test_a_check_whose_submitters_turned_out_to_have_handled_is_made_again_from_elsewhere() -> None:
    walk = Walk()
    reported(walk)
    walk.act("clerk", c.File())
    case = walk.act("clerk", c.Dispatch(SQUAD, co=(VILLAGE,)))
    assert case.lead is not None
    lead, co = case.lead.id, case.assignments[1].id
    walk.act("squad-officer", c.Arrive(lead))
    walk.act("squad-officer", c.Feedback(lead, "已办"))
    walk.act("member-1", c.CheckOnSite("member-1", True, "干净"))
    assert walk.refused("vice", c.NameChecker("lone-head", elsewhere=True)) == "already_checked"
    walk.act("vice", c.Arrive(co))
    walk.act("head", c.Handled(co, "已配合"))
    assert walk.refused("head", c.SubmitCheck()) == "handler_may_not_check"
    assert walk.case is not None and next_step(walk.case) == NextStep("case.name_checker", VILLAGE)
    case = walk.act("head", c.NameChecker("lone-head", elsewhere=True))
    assert case.state is State.AWAITING_CHECK and case.check is not None and case.check.passed is None
    walk.act("lone-head", c.CheckOnSite("lone-head", True, "干净"))
    walk.act("lone-head", c.SubmitCheck())
    assert walk.act("confirmer", c.Confirm()).state is State.CLOSED


def test_nobody_is_sent_to_look_whose_unit_could_not_sign_either() -> None:
    """The squad's co-handling was returned, so it may look; but its leader had handled it. Met by a world."""
    walk = stories.filed()
    stories.dispatched(walk, "clerk", VILLAGE, SQUAD)
    walk.act("squad-leader", c.Handled(stories.of(walk, SQUAD), "已配合"))
    stories.given_back(walk, SQUAD, "squad-officer")
    walk.act("head", c.Arrive(stories.of(walk, VILLAGE)))
    walk.act("vice", c.Feedback(stories.of(walk, VILLAGE), "已办"))
    assert walk.refused("vice", c.NameChecker("squad-officer", elsewhere=True)) == "nobody_there_submits"
    walk.act("vice", c.NameChecker("lone-head", elsewhere=True))


def test_who_has_checked_a_round_handles_nothing_of_it_any_more() -> None:
    walk = Walk()
    reported(walk)
    walk.act("clerk", c.File())
    case = walk.act("clerk", c.Dispatch(SQUAD, co=(VILLAGE,)))
    assert case.lead is not None
    lead, co = case.lead.id, case.assignments[1].id
    walk.act("squad-officer", c.Arrive(lead))
    walk.act("squad-officer", c.Feedback(lead, "已办"))
    walk.act("vice", c.CheckOnSite("member-1", True, "干净"))
    for person, act in (("member-1", c.Arrive(co)), ("vice", c.Handled(co)), ("head", c.Acknowledge(co, "member-1"))):
        before = walk.case
        kept = walk.try_act(person, act)
        assert kept.outcome is Outcome.ACCEPTED and kept.reason is not None
        assert kept.reason.code == "checker_may_not_handle", "a testimony is kept (sync.md §1) …"
        assert before is not None and walk.case is not None
        assert walk.case.history[-1].result == "not_credited" and walk.case.history[-1].actor == person
        same = ("state", "assignments", "clocks", "checks", "requests")
        assert all(getattr(walk.case, name) == getattr(before, name) for name in same), "… and counts for nothing"
    case = walk.act("member-2", c.Arrive(co))
    assert hands_of_round(case).isdisjoint({"member-1", "vice"})


def test_a_co_handler_at_work_through_rework_is_of_the_new_round_too() -> None:
    walk = Walk()
    reported(walk)
    walk.act("clerk", c.File())
    case = walk.act("clerk", c.Dispatch(SQUAD, co=(VILLAGE,)))
    assert case.lead is not None
    lead, co = case.lead.id, case.assignments[1].id
    walk.act("squad-officer", c.Arrive(lead))
    walk.act("squad-officer", c.Feedback(lead, "已办"))
    walk.act("member-2", c.CheckOnSite("member-2", False, "未清"))
    case = walk.act("vice", c.SubmitCheck())
    assert case.round == 2 and case.lead is not None
    walk.act("member-1", c.Arrive(co))
    walk.act("squad-officer", c.Arrive(case.lead.id))
    walk.act("squad-officer", c.Feedback(case.lead.id, "再办"))
    assert walk.refused("vice", c.NameChecker("member-1")) == "checker_handled"


def test_whoever_was_named_to_go_may_not_check() -> None:
    walk = Walk()
    reported(walk)
    walk.act("clerk", c.File())
    case = walk.act("clerk", c.Dispatch(VILLAGE))
    assert case.lead is not None
    lead = case.lead.id
    assert walk.refused("vice", c.Acknowledge(lead, handler="王大妈")) == "handler_not_of_that_unit"
    assert walk.refused("vice", c.Acknowledge(lead, handler="squad-officer")) == "handler_not_of_that_unit"
    walk.act("vice", c.Acknowledge(lead, handler="member-1"))
    walk.act("head", c.Arrive(lead))
    walk.act("head", c.Feedback(lead, "已清"))
    assert walk.refused("member-1", c.CheckOnSite("member-1", True, "干净")) == "checker_handled"
    assert walk.refused("vice", c.NameChecker("member-1")) == "checker_handled"


def self_handled(reporter: str = "") -> c.Report:
    return c.Report("LY-2", "grid", STALLS, "清理", "路口", TOWN, VILLAGE, reporter=reporter, self_handled=True)


def test_a_reporter_is_a_member_of_staff_and_never_a_name_in_the_act() -> None:
    walk = Walk()
    assert walk.refused("clerk-2", self_handled("王大妈 13800000000")) == "reporter_not_staff"
    assert walk.last.reason is not None and "138" not in str(walk.last.reason.args), "nor does the refusal repeat it"
    assert walk.refused("clerk-2", self_handled("other-clerk")) == "reporter_not_staff"
    assert walk.refused("clerk-2", self_handled("water-officer")) == "reporter_not_staff"
    assert walk.act("clerk-2", self_handled("member-1")).reported_by == "member-1"


def test_who_entered_a_found_and_fixed_case_does_not_review_it_either() -> None:
    walk = Walk()
    walk.act("clerk-2", self_handled("member-1"))
    assert "case.review_self_handled" not in allowed(walk.case, walk.actor("clerk-2"), walk.rules, walk.now_ms)
    assert walk.refused("clerk-2", c.ReviewSelfHandled(True)) == "handler_may_not_confirm"
    assert walk.try_act("confirmer", c.ReviewSelfHandled(True)).outcome is Outcome.ACCEPTED
