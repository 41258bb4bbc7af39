"""Who handled a round neither checks nor confirms it, by whatever way his duty ended or his word was credited (D17)."""

from __future__ import annotations

import pytest

from models import commands as c
from models.case import StageClock, Verdict
from models.deadline import Limit, LimitUnit
from models.decide import Outcome
from models.evidence import exactly
from models.people import DISTRICT_ITSELF
from models.row import scopes_of
from tests.models.small_town import DEPARTMENT, MARKET, SQUAD, START_MS, TOWN, VILLAGE, WASTE, Walk
from tests.models.test_case_walk import reported
from tests.models.test_requests import co_of, lead_of, request_of

MINUTE = 60_000


def sent(walk: Walk, unit: str, co: tuple[str, ...] = ()) -> None:
    reported(walk)
    walk.act("clerk", c.File())
    case = walk.act("clerk", c.Dispatch(unit, co=co))
    for given in case.assignments:
        walk.act(DISTRICT_ITSELF, c.Deliver(given.id))


def in_round_two(walk: Walk) -> None:
    """With the squad, and the station helping; the first check failed."""
    sent(walk, SQUAD, (VILLAGE,))
    walk.act("squad-officer", c.Arrive(lead_of(walk)), minutes=10)
    walk.act("squad-officer", c.Feedback(lead_of(walk), "清了"), minutes=10)
    walk.act("head", c.NameChecker("member-2"))
    walk.act("member-2", c.CheckOnSite("member-2", False, "还在"))
    walk.act("head", c.SubmitCheck())
    assert walk.case is not None and walk.case.round == 2


def handed_in(walk: Walk, person: str) -> None:
    walk.act(person, c.Arrive(lead_of(walk)), minutes=10)
    walk.act(person, c.Feedback(lead_of(walk), "清了"), minutes=10)


@pytest.mark.parametrize("ended", ["withdrawn", "returned"])
def test_a_co_handler_whose_duty_ends_in_a_later_round_was_at_work_in_it(ended: str) -> None:
    walk = Walk()
    in_round_two(walk)
    own = co_of(walk)
    walk.act("member-1", c.Arrive(own))
    walk.act("clerk-2", c.Handled(own, "搬走了", on_behalf="member-1"))
    if ended == "withdrawn":
        walk.act("clerk", c.WithdrawCoHandler(own, "不需要了"))
    else:
        walk.act("head", c.AskReturn(own, "不属本站"))
        walk.act("clerk", c.AnswerReturn(request_of(walk), True))
    handed_in(walk, "squad-officer")
    assert walk.refused("member-1", c.CheckOnSite("member-1", True, "干净")) == "checker_handled"
    walk.act("member-2", c.CheckOnSite("member-2", True, "干净"))
    walk.act("head", c.SubmitCheck())
    assert walk.try_act("clerk-2", c.Confirm()).outcome is Outcome.REJECTED, "he typed a result of this round"


def test_whose_earlier_word_is_credited_was_there_and_does_not_check() -> None:
    walk = Walk()
    sent(walk, VILLAGE)
    lead = lead_of(walk)
    walk.act("head", c.Arrive(lead), minutes=75)
    done = walk.try_act("member-1", c.Arrive(lead), at=exactly(START_MS + 30 * MINUTE))
    assert done.outcome is Outcome.MERGED and arrival(walk, lead).verdict is Verdict.ON_TIME
    walk.act("head", c.Feedback(lead, "清了"))
    assert walk.refused("member-1", c.CheckOnSite("member-1", True, "干净")) == "checker_handled"


@pytest.mark.parametrize(
    ("first", "second", "counts"), [("member-2", "member-1", True), ("member-1", "member-2", False)]
)
def test_whether_somebody_checked_is_asked_of_the_round_he_speaks_of(first: str, second: str, counts: bool) -> None:
    """The station led round one; each round was checked by one of its members; then one of them tells of his arrival in it."""
    walk = Walk()
    sent(walk, VILLAGE)
    lead = lead_of(walk)
    walk.act("head", c.Arrive(lead), minutes=75)
    walk.act("head", c.Feedback(lead, "清了"))
    for who, passed in ((first, False), (second, True)):
        walk.act("vice", c.NameChecker(who))
        walk.act(who, c.CheckOnSite(who, passed, "看过"))
        walk.act("vice", c.SubmitCheck())
        if not passed:
            handed_in(walk, "head")
    walk.try_act("member-1", c.Arrive(lead), at=exactly(START_MS + 30 * MINUTE))
    assert arrival(walk, lead).verdict is (Verdict.ON_TIME if counts else Verdict.LATE)


def test_a_void_case_asks_nobody_for_a_word() -> None:
    walk = Walk()
    sent(walk, SQUAD)
    lead = lead_of(walk)
    typed = walk.act("clerk", c.Arrive(lead, on_behalf="squad-officer"), minutes=75).history[-1].cmd_id
    walk.act("clerk", c.Redispatch(MARKET, "更近"))
    walk.act("clerk", c.AskVoid("并无此事"))
    case = walk.act("deputy", c.AnswerVoid(request_of(walk), True))
    assert SQUAD not in scopes_of(case) and arrival(walk, lead).verdict is Verdict.NOT_COUNTED
    assert walk.refused("squad-leader", c.Ratify(typed)) == "unknown_case"


def test_the_word_of_somebody_who_has_checked_meets_no_duty() -> None:
    walk = Walk()
    sent(walk, SQUAD, (VILLAGE,))
    own = co_of(walk)
    walk.act("head", c.Arrive(own), minutes=75)
    handed_in(walk, "squad-officer")
    walk.act("vice", c.NameChecker("member-1"))
    walk.act("member-1", c.CheckOnSite("member-1", True, "干净"))
    assert arrival(walk, own).verdict is Verdict.LATE
    walk.try_act("member-1", c.Arrive(own), at=exactly(START_MS + 30 * MINUTE))
    assert arrival(walk, own).verdict is Verdict.LATE
    walk.act("vice", c.SubmitCheck())
    walk.act("confirmer", c.Confirm())
    walk.try_act("member-1", c.Arrive(own), at=exactly(START_MS + 30 * MINUTE))
    assert arrival(walk, own).verdict is Verdict.LATE, "nor when the case is closed"


def arrival(walk: Walk, assignment: str) -> StageClock:
    found = walk.case and walk.case.clock(f"{assignment}:arrival")
    assert found
    return found


def test_a_word_typed_for_a_unit_that_lost_the_case_since_is_still_the_units_to_ratify() -> None:
    """Else its hour, and that of the town that sent it, would be judged by nobody."""
    walk = Walk()
    reported(walk, by="intake", channel="hotline")
    walk.act("intake", c.File())
    town = walk.act("operator", c.Dispatch(TOWN)).town_assignment
    assert town is not None
    walk.act(DISTRICT_ITSELF, c.Deliver(town.id))
    walk.act("clerk", c.Dispatch(SQUAD), minutes=5)
    lead = lead_of(walk)
    walk.act(DISTRICT_ITSELF, c.Deliver(lead))
    typed = walk.act("clerk", c.Arrive(lead, on_behalf="squad-officer"), minutes=20).history[-1].cmd_id
    case = walk.act("clerk", c.Redispatch(MARKET, "更近"), minutes=5)
    assert SQUAD in scopes_of(case)
    case = walk.act("squad-leader", c.Ratify(typed))
    assert {arrival(walk, lead).verdict, arrival(walk, town.id).verdict} == {Verdict.ON_TIME}
    assert SQUAD not in scopes_of(case), "it has spoken"


@pytest.mark.parametrize("sent_on", [False, True])
def test_two_desks_of_the_district_that_hand_one_case_to_a_town_have_done_one_thing(sent_on: bool) -> None:
    walk = Walk()
    reported(walk, by="intake", channel="hotline")
    walk.act("intake", c.File())
    walk.act("operator", c.Dispatch(TOWN), minutes=15)
    clock = walk.case and walk.case.clock("dispatch-1")
    assert clock and clock.verdict is Verdict.LATE
    if sent_on:
        walk.act("clerk", c.Dispatch(SQUAD), minutes=2)
    again = walk.try_act("operator-2", c.Dispatch(TOWN), at=exactly(START_MS + 5 * MINUTE))
    assert again.outcome is Outcome.MERGED and again.reason is not None and again.reason.code == "already_dispatched"
    clock = walk.case and walk.case.clock("dispatch-1")
    assert clock and clock.verdict is Verdict.ON_TIME, "the earlier one counts"
    assert walk.refused("operator-2", c.Dispatch(SQUAD)) == "already_dispatched_to"


def test_of_a_case_that_came_back_the_district_may_send_whom_a_ruling_may_name_and_the_town() -> None:
    for unit in (MARKET, TOWN):
        walk = Walk()
        walk.act("clerk", c.Report("LY-1", "grid", WASTE, "垃圾", "路口", TOWN, VILLAGE))
        walk.act("clerk", c.File())
        walk.act("clerk", c.AskRuling("涉及多部门"))
        walk.act("operator", c.Rule(DEPARTMENT, Limit(3, LimitUnit.WORK_DAY)))
        walk.act("water-officer", c.AskReturn(lead_of(walk), "不属本局"))
        walk.act("operator", c.AnswerReturn(request_of(walk), True))
        walk.act("operator", c.Dispatch(unit))
