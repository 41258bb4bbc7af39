"""我所的: each column shows the clock of its own move; what nobody has told the office of says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from models import commands as c
from models.case import AssignmentRole, Case
from models.people import DISTRICT_ITSELF
from models.policy import Stage
from models.row import row_of
from models.rules import Rules
from models.views import DutyLine
from services import duties
from tests.ui.every_state import CLERK, CONFIRMER, MARKET, MARKET_LEADER, MEMBER, OFFICER, SQUAD, VICE, EveryState
from ui import format as fmt
from ui import words


@pytest.fixture
def store(tmp_path: Path, rules: Rules) -> EveryState:
    return EveryState(tmp_path, rules)


def lines(store: EveryState, person: str, case_id: str) -> dict[str, DutyLine]:
    desk = store._desk(person)
    with store.work() as work:
        groups = duties.duties(work, desk)
    return {g.name: line for g in groups for line in g.lines if line.case_id == case_id}


def due(case: Case, unit: str, stage: Stage) -> int:
    found = next(k.due_at for k in case.clocks if k.owner == unit and k.stage is stage and k.stopped is None)
    assert found is not None
    return found


def test_each_column_has_its_own_clock(store: EveryState) -> None:
    case_id = store.dispatched()
    case = store.case(case_id)
    lead = case.lead
    assert lead is not None and lead.delivered_at is not None
    found = lines(store, OFFICER, case_id)
    assert found["acknowledge"].due_at is None
    assert (found["acknowledge"].since_at, found["acknowledge"].since_kind) == (lead.delivered_at.shown_at, "delivered")
    store.does(OFFICER, c.Acknowledge(lead.id), case_id)
    arrive = lines(store, OFFICER, case_id)["arrive"]
    assert (arrive.stage, arrive.due_at) == ("arrival", due(store.case(case_id), SQUAD, Stage.ARRIVAL))
    handling = due(store.case(case_id), SQUAD, Stage.HANDLING)
    found = lines(store, OFFICER, case_id)
    assert found["answer_today"].due_at == handling != arrive.due_at, "the earliest of what must be answered today"
    co = lines(store, MARKET_LEADER, case_id)["co_handling"]
    mine = [k for k in store.case(case_id).clocks if k.owner == MARKET and k.due_at is not None]
    assert co.due_at == min(k.due_at or 0 for k in mine)


def test_a_call_tells_as_delivery_does_and_nobody_told_says_so(application: QApplication, store: EveryState) -> None:
    case_id = store.dispatched(delivered=False)
    assert lines(store, OFFICER, case_id)["acknowledge"].since_at is None
    window = store.window(OFFICER)
    window.show_page("duties")
    column = window.duties.lists["acknowledge"]
    assert column.item(0).text().startswith(f"{words.SHAPES['waiting']} 已到本机")
    clerk = f"{store.rules.reference_towns()[6]}-clerk-1"
    store.does(clerk, c.LogCall(SQUAD, "answered", "x", store.lead(case_id)), case_id)
    line = lines(store, OFFICER, case_id)["acknowledge"]
    assert line.since_kind == "notified"
    store.clock.now_ms += 7 * 60_000
    window.duties.refresh()
    told = column.item(0).text()
    assert fmt.clock(line.since_at or 0)[:5] in told and "电话通知起" in told and "7 分" in told
    co = store.case(case_id).active(AssignmentRole.CO)[0]
    store.does(DISTRICT_ITSELF, c.Deliver(co.id), case_id)
    assert lines(store, MARKET_LEADER, case_id)["acknowledge"].since_kind == "delivered"
    window.close()


def test_a_station_sees_the_clock_of_its_check(store: EveryState) -> None:
    case_id = store.fed_back()
    case = store.case(case_id)
    check = lines(store, VICE, case_id)["check"]
    assert (check.stage, check.due_at) == ("check", due(case, case.station, Stage.CHECK))


def test_a_unit_that_must_come_again_is_told_so_on_its_own_page(store: EveryState) -> None:
    """The check failed: it owes another arrival, and is charged with it."""
    case_id = store.submitted(passed=False)
    lead = store.lead(case_id)
    store.does(DISTRICT_ITSELF, c.Deliver(lead), case_id)
    store.does(OFFICER, c.Acknowledge(lead), case_id)
    assert store.case(case_id).round == 2
    arrive = lines(store, OFFICER, case_id)["arrive"]
    assert arrive.due_at == due(store.case(case_id), SQUAD, Stage.ARRIVAL)


def typed_arrival(store: EveryState) -> str:
    case_id = store.dispatched()
    store.does(CLERK, c.Arrive(store.lead(case_id), on_behalf=OFFICER), case_id)
    return case_id


def test_what_was_typed_for_a_unit_waits_on_its_page_for_one_working_day(
    application: QApplication, store: EveryState
) -> None:
    window = store.window(OFFICER)
    window.show_page("duties")
    window.duties.refresh()
    assert not window.duties.lists["ratify"].isVisibleTo(window), (
        "a column that stands there only while it holds something"
    )
    case_id = typed_arrival(store)
    case = store.case(case_id)
    typed = case.history[-1]
    due_ms = store.rules.calendar.close_of_next_working_day(typed.at.hi, 1)
    line = lines(store, OFFICER, case_id)["ratify"]
    assert (line.due_at, line.stage, line.yellow_at) == (due_ms, "", None)
    assert "ratify" not in lines(store, MARKET_LEADER, case_id), "it is not the co-handler's word"
    window.duties.refresh()
    found = window.duties.lists["ratify"]
    assert found.isVisibleTo(window) and "追认" in found.item(0).text()
    assert found.item(0).text().startswith(words.SHAPES["green"])
    store.clock.now_ms = due_ms + 60_000
    window.duties.tick()
    assert found.item(0).text().startswith(words.SHAPES["red"])
    store.does(OFFICER, c.Ratify(typed.cmd_id), case_id)
    assert "ratify" not in lines(store, OFFICER, case_id)
    window.close()


def test_a_case_that_is_over_waits_for_its_unit_as_well(store: EveryState) -> None:
    case_id = typed_arrival(store)
    lead, typed = store.lead(case_id), store.case(case_id).history[-1].cmd_id
    store.does(OFFICER, c.Feedback(lead, "Cleared"), case_id)
    store.does(VICE, c.NameChecker(MEMBER), case_id)
    store.does(VICE, c.CheckOnSite(MEMBER, True, "Clean"), case_id)
    store.does(VICE, c.SubmitCheck(), case_id)
    store.does(CONFIRMER, c.Confirm(), case_id)
    row = row_of(store.case(case_id))
    assert (row.is_open, row.next_code, row.next_unit) == (False, "case.ratify", SQUAD)
    assert "ratify" in lines(store, OFFICER, case_id)
    store.does(OFFICER, c.Ratify(typed), case_id)
    assert row_of(store.case(case_id)).next_code == ""
    assert "ratify" not in lines(store, OFFICER, case_id)
