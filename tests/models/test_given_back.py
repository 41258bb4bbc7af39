"""退单 by town after town, and while the town's own is open (plan 四(四); practice.md §3)."""

from __future__ import annotations

from models import commands as c
from models.case import RequestKind, State
from models.row import next_step
from tests.models.small_town import MARKET, OTHER_TOWN, SQUAD, TOWN
from tests.models.stories import asked, dispatched, filed, given_back, handed_down, of


def test_two_towns_that_give_a_case_back_leave_it_with_the_district_to_send_on() -> None:
    """A ruling names no town: the case stayed with the last that had denied it."""
    walk = filed("intake", "hotline")
    for town, clerk in ((TOWN, "clerk"), (OTHER_TOWN, "other-clerk")):
        dispatched(walk, "operator", town)
        given_back(walk, town, clerk, "operator")
    assert walk.case is not None and next_step(walk.case).code == "case.dispatch"
    dispatched(walk, "operator", TOWN)


def test_two_units_of_a_town_that_give_it_back_are_ruled_on_whatever_the_town_asked_before() -> None:
    walk = handed_down()
    walk.act("clerk", c.AskReturn(of(walk, TOWN), "不属本镇"))
    of_the_town = asked(walk)
    for unit, officer in ((SQUAD, "squad-officer"), (MARKET, "market-officer")):
        dispatched(walk, "clerk", unit)
        given_back(walk, unit, officer)
    assert walk.case is not None and walk.case.state is State.AWAITING_RULING
    assert next_step(walk.case).code == "case.rule"
    assert walk.refused("operator", c.AnswerReturn(of_the_town, True)) == "not_the_giver"
    assert walk.case.open_request(RequestKind.RULING) is not None
