"""What alarms are told of a case that has just come: at the desk that has it, before the centre knows that it has."""

from __future__ import annotations

from pathlib import Path

import pytest

from models import commands as c
from models.organisation import DISTRICT_CODE
from models.rules import Rules
from models.views import QueueQuery
from services import cases, queue, watched_cases
from services.alarms import WatchedCase
from services.desk import Desk
from tests.ui.every_state import CLERK, DEPUTY, INTAKE, MARKET, MARKET_LEADER, OPERATOR, SQUAD, TOWN, EveryState


@pytest.fixture
def store(tmp_path: Path, rules: Rules) -> EveryState:
    return EveryState(tmp_path, rules)


def watched(store: EveryState, case_id: str, person: str, unit: str) -> WatchedCase:
    with store.work() as work:
        return watched_cases.these(work, Desk(person, unit, "D-test", "A"), frozenset({case_id})).cases[0]


def test_a_town_that_was_handed_a_case_is_called_at_night_for_its_ten_minutes(store: EveryState) -> None:
    case_id = store.reported(INTAKE, "hotline")
    store.does(INTAKE, c.File(), case_id)
    store.does(OPERATOR, c.Dispatch(TOWN), case_id)
    seen = watched(store, case_id, CLERK, TOWN)
    assert not seen.clocks, "nothing runs before it has come"
    assert (seen.arrived, seen.ten_minutes) == (True, True)
    store.does(CLERK, c.Dispatch(SQUAD), case_id)
    seen = watched(store, case_id, DEPUTY, TOWN)
    assert (seen.arrived, seen.ten_minutes) == (False, False)
    assert not watched(store, case_id, OPERATOR, DISTRICT_CODE).ten_minutes


def test_lead_and_co_handler_are_told_what_was_given_to_them(store: EveryState) -> None:
    case_id = store.filed()
    store.does(CLERK, c.Dispatch(SQUAD, (MARKET,)), case_id)
    assert watched(store, case_id, f"{SQUAD}-officer-1", SQUAD).arrived
    seen = watched(store, case_id, MARKET_LEADER, MARKET)
    assert (seen.arrived, seen.ten_minutes) == (True, False)
    assert not watched(store, case_id, CLERK, TOWN).arrived, "its own clerk sent it"


def test_what_is_here_is_the_leads_own_move_and_the_clerks_call_elsewhere(store: EveryState) -> None:
    case_id = store.filed()
    store.does(CLERK, c.Dispatch(MARKET), case_id)
    asked = QueueQuery(chip="mine")
    for person, unit, code in ((MARKET_LEADER, MARKET, "case.acknowledge"), (CLERK, TOWN, "case.log_call")):
        with store.work() as work:
            desk = Desk(person, unit, "D-test", "A")
            (shown,) = queue.page(work, desk, asked, 0, 10).rows
            panel = cases.panel(work, desk, case_id)
            assert queue.counts(work, desk).chips["mine"] == 1
            seen = watched_cases.all_that_may_turn(work, desk).cases
        assert panel is not None and (shown.row.next_code, panel.row.next_code) == (code, code)
        assert (shown.row.next_unit, panel.row.next_unit) == (unit, unit)
        assert [(found.id, found.arrived) for found in seen] == [(case_id, unit == MARKET)]
