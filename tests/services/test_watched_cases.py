"""What alarms are told of a case that has just come: at the desk that has it, before the centre knows that it has."""

from __future__ import annotations

from pathlib import Path

import pytest

from models import commands as c
from models.case import RequestKind, Verdict
from models.errors import Refused
from models.organisation import DISTRICT_CODE
from models.people import DISTRICT_ITSELF
from models.policy import Stage
from models.rules import Rules
from models.views import QueueQuery
from services import cases, queue, watched_cases
from services.alarms import WatchedCase
from services.desk import Desk
from tests.ui.every_state import (
    CLERK,
    CONFIRMER,
    DEPUTY,
    INTAKE,
    MARKET,
    MARKET_LEADER,
    MEMBER,
    OFFICER,
    OPERATOR,
    SECOND_OPERATOR,
    SQUAD,
    TOWN,
    VICE,
    EveryState,
)


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


def all_seen(store: EveryState, person: str, unit: str) -> dict[str, WatchedCase]:
    """A full look: what it does not find is put away."""
    with store.work() as work:
        return {
            seen.id: seen for seen in watched_cases.all_that_may_turn(work, Desk(person, unit, "D-test", "A")).cases
        }


def test_more_time_that_nobody_answered_is_asked_for_until_somebody_does_also_when_the_case_is_closed(
    store: EveryState,
) -> None:
    """A late result would have no verdict for ever."""
    case_id = store.handling()
    lead = store.lead(case_id)
    store.does(OFFICER, c.AskExtension(lead, "Crane"), case_id)
    store.does(OFFICER, c.Feedback(lead, "Cleared"), case_id, minutes=20 * 24 * 60)
    store.does(VICE, c.NameChecker(MEMBER), case_id)
    store.does(VICE, c.CheckOnSite(MEMBER, True, "Clean"), case_id)
    store.does(VICE, c.SubmitCheck(), case_id)
    store.does(CONFIRMER, c.Confirm(), case_id)
    assert not store.case(case_id).is_open
    desk = Desk(CLERK, TOWN, "D-test", "A")
    with store.work() as work:
        (shown,) = queue.page(work, desk, QueueQuery(chip="mine"), 0, 10).rows
    assert (shown.row.id, shown.row.next_code) == (case_id, "case.answer_extension")
    assert all_seen(store, CLERK, TOWN)[case_id].answer == "case.answer_extension"
    assert watched(store, case_id, CLERK, TOWN).answer == "case.answer_extension"
    store.does(CLERK, c.AnswerExtension(store.request(case_id, RequestKind.EXTENSION), False), case_id)
    assert case_id not in all_seen(store, CLERK, TOWN)
    with store.work() as work:
        assert not queue.page(work, desk, QueueQuery(chip="mine"), 0, 10).rows
    assert any(k.verdict is Verdict.LATE for k in store.case(case_id).clocks if k.stage is Stage.HANDLING)


def test_the_second_person_of_a_ruling_is_asked_at_every_look(store: EveryState) -> None:
    """Also while no clock of the case turns for days."""
    store.fill()
    store.clock.now_ms -= 5 * 24 * 3_600_000
    ruling = "case.answer_time_ruling"
    assert [seen.answer for seen in all_seen(store, OPERATOR, DISTRICT_CODE).values()].count(ruling) == 1
    assert ruling not in {seen.answer for seen in all_seen(store, SECOND_OPERATOR, DISTRICT_CODE).values()}, "his own"


def test_what_is_provisional_hides_no_red_that_is_not(store: EveryState) -> None:
    """In a year without its notice: the hour of an office that goes by duty hours is 暂定, the squad's is not."""
    store.clock.now_ms = 1_799_805_600_000  # 2027-01-13 10:00
    case_id = store.dispatched(delivered=False)
    for duty in reversed(store.case(case_id).assignments):
        store.does(DISTRICT_ITSELF, c.Deliver(duty.id), case_id)
    assert [k.provisional for k in store.case(case_id).clocks if k.stage is Stage.ARRIVAL] == [False, True]
    store.clock.now_ms += 2 * 3_600_000
    with store.work() as work:
        desk = Desk(CLERK, TOWN, "D-test", "A")
        (shown,) = queue.page(work, desk, QueueQuery(chip="overdue"), 0, 10).rows
        assert queue.counts(work, desk).red == 1
    assert (shown.row.clock_owner, shown.row.clock_provisional) == (SQUAD, False)


def test_a_report_that_another_case_was_merged_into_is_not_taken_back_before_the_merge(store: EveryState) -> None:
    """Else both would be nowhere until the line is back."""
    first, second = store.reported(), store.reported(CLERK)
    store.does(CLERK, c.Merge(second), first)
    desk = store._desk(CLERK)
    with store.work() as work, pytest.raises(Refused, match="undo_the_later_first"):
        cases.undo_last(work, desk, second)
    with store.work() as work:
        cases.undo_last(work, desk, first)
        cases.undo_last(work, desk, second)
        work.commit()
    assert store.case(first).is_open
