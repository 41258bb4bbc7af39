"""Which minutes a unit answers for (practice.md §3, D6; docs/decisions/0005): of a town that was handed a case, of what was returned, of
what stood still for a ruling."""

from __future__ import annotations

import pytest

from models import commands as c
from models.breach import BreachState
from models.case import Case, StageClock, State, Verdict
from models.people import DISTRICT_ITSELF
from models.row import row_of
from tests.models.small_town import MARKET, SQUAD, STALLS, TOWN, VILLAGE, Walk
from tests.models.test_case_walk import dispatched
from tests.models.test_delivery import at
from tests.models.test_requests import request_of

TEN = "dispatch-2"
BEFORE = at("06:00")


def handed_down(walk: Walk) -> str:
    """By the district at nine; the town's assignment."""
    walk.now_ms = at("09:00")
    walk.act("intake", c.Report("Q-1", "hotline", STALLS, "某事", "路口", TOWN, VILLAGE))
    walk.act("intake", c.File())
    town = walk.act("operator", c.Dispatch(TOWN)).town_assignment
    assert town is not None
    return town.id


def clock(case: Case, name: str) -> StageClock:
    found = case.clock(name)
    assert found is not None
    return found


def test_a_town_that_was_switched_off_answers_for_its_ten_minutes_as_for_its_hour() -> None:
    walk = Walk()
    town = handed_down(walk)
    walk.now_ms = at("09:40")
    case = walk.act(DISTRICT_ITSELF, c.Deliver(town, at("09:40")))
    begun = [(k.started_at, k.start_kind) for k in (clock(case, f"{town}:arrival"), clock(case, TEN))]
    assert begun == [(at("09:00"), "switched_off")] * 2
    assert clock(case, TEN).due_at == at("09:10")


def test_a_call_that_is_told_of_later_moves_the_ten_minutes_as_well_as_the_hour() -> None:
    walk = Walk()
    town = handed_down(walk)
    walk.now_ms = at("09:40")
    walk.act(DISTRICT_ITSELF, c.Deliver(town, BEFORE))
    walk.now_ms = at("09:05")
    case = walk.act("operator", c.LogCall(TOWN, "answered", assignment=town))
    assert [clock(case, name).started_at for name in (f"{town}:arrival", TEN)] == [at("09:05")] * 2


def test_a_return_that_is_upheld_takes_back_the_final_breach_of_the_ten_minutes() -> None:
    """The clock is not counted, and says so; nothing of it stays with the unit."""
    walk = Walk()
    town = handed_down(walk)
    walk.act(DISTRICT_ITSELF, c.Deliver(town, BEFORE))
    walk.act("clerk", c.AskReturn(town, "不属本镇"), minutes=9)
    walk.act(DISTRICT_ITSELF, c.NoticeBreach(TEN), minutes=2)
    walk.act(DISTRICT_ITSELF, c.SettleBreach(TEN, "watermark"))
    case = walk.act("operator", c.AnswerReturn(walk.case.requests[-1].id, True), minutes=5)
    found = case.breach(TEN)
    assert clock(case, TEN).verdict is Verdict.NOT_COUNTED
    assert found is not None and found.state is BreachState.WITHDRAWN


def test_what_stood_still_for_a_ruling_is_not_charged_to_whoever_was_switched_off() -> None:
    walk = Walk()
    walk.now_ms = at("09:00")
    walk.act("clerk", c.Report("LY-1", "grid", STALLS, "某事", "路口", TOWN, VILLAGE))
    walk.act("clerk", c.File())
    helps = walk.act("clerk", c.Dispatch(SQUAD, co=(MARKET,))).assignments[1].id

    def returned(leader: str, when: str) -> None:
        lead = walk.case.lead
        assert lead is not None
        walk.now_ms = at(when)
        walk.act(DISTRICT_ITSELF, c.Deliver(lead.id, BEFORE))
        walk.act(leader, c.AskReturn(lead.id, "不属本所"))
        walk.act("clerk", c.AnswerReturn(walk.case.requests[-1].id, True))

    returned("squad-leader", "09:05")
    walk.act("clerk", c.Dispatch(VILLAGE))
    returned("head", "09:20")
    assert walk.case.state is State.AWAITING_RULING
    walk.now_ms = at("09:50")
    walk.act(DISTRICT_ITSELF, c.Deliver(helps, at("09:50")))
    walk.now_ms = at("10:30")
    arrival = clock(walk.act("operator", c.Rule(SQUAD, limit=None)), f"{helps}:arrival")
    assert (arrival.started_at, arrival.due_at) == (at("09:00"), at("11:10")), "it stood still from 09:20 to 10:30"


@pytest.mark.parametrize("went", [True, False])
def test_a_return_that_is_upheld_leaves_nothing_with_a_unit_that_drove_out_all_the_same(went: bool) -> None:
    """Asked after ten minutes, answered after seventy: it is no worse off than one that stayed at home."""
    walk = Walk()
    lead = dispatched(walk)
    walk.act(DISTRICT_ITSELF, c.Deliver(lead))
    walk.act("squad-officer", c.AskReturn(lead, "不属本队"), minutes=10)
    asked = request_of(walk)
    if went:
        walk.act("squad-officer", c.Arrive(lead), minutes=60)
    else:
        walk.act(DISTRICT_ITSELF, c.NoticeBreach(f"{lead}:arrival"), minutes=60)
    case = walk.act("clerk", c.AnswerReturn(asked, True))
    assert clock(case, f"{lead}:arrival").verdict is Verdict.NOT_COUNTED
    assert [b.state for b in case.breaches] == [BreachState.WITHDRAWN]
    assert (clock(case, f"{lead}:arrival").stopped_by != "") and case.history[-1].kind == "case.answer_return"


def test_what_is_void_charges_nobody_who_was_sent_for_it() -> None:
    walk = Walk()
    lead = dispatched(walk)
    walk.act(DISTRICT_ITSELF, c.Deliver(lead))
    walk.act("squad-officer", c.Arrive(lead), minutes=70)
    walk.act("clerk", c.AskVoid("并无此事"))
    case = walk.act("deputy", c.AnswerVoid(request_of(walk), True))
    assert clock(case, f"{lead}:arrival").verdict is Verdict.NOT_COUNTED and not row_of(case).any_late
    assert [b.state for b in case.breaches if b.id.startswith(lead)] == [BreachState.WITHDRAWN]
