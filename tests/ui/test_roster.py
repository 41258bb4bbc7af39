"""The roster by keyboard alone: ring a station about a case, send it one, and see what came of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from models import commands as c
from models.case import State
from models.evidence import counting_bounds
from models.light import light_at
from models.pinyin import initials
from models.rules import Rules
from models.views import QueueQuery
from services import queue
from tests.ui.every_state import CLERK, OTHER_STATION, SQUAD, STATION, VICE, EveryState
from ui.main_window import MainWindow
from ui.panels.station_desk import StationDesk

Key = Qt.Key


@pytest.fixture
def store(tmp_path: Path, rules: Rules) -> EveryState:
    made = EveryState(tmp_path, rules)
    made.fill()
    return made


@pytest.fixture
def window(application: QApplication, store: EveryState) -> MainWindow:
    made = store.window(CLERK)
    made.resize(1366, 768)
    made.show()
    made.activateWindow()
    made.show_page("roster")
    QApplication.processEvents()
    return made


def at_station(window: MainWindow, station: str = STATION) -> StationDesk:
    roster = window.roster
    assert roster.table.hasFocus()
    for _ in range(roster.table.rowCount()):
        if roster.desk.station is not None and roster.desk.station.code == station:
            break
        QTest.keyClick(roster.table, Key.Key_Down)
    QTest.keyClick(roster.table, Key.Key_F10)
    assert roster.desk.list.hasFocus() and roster.desk.station is not None
    return roster.desk


def choose(desk: StationDesk, case_id: str) -> None:
    for _ in (None, *desk.cases):
        found = desk.case()
        if found is not None and found.id == case_id:
            return
        QTest.keyClick(desk.list, Key.Key_Down)
    raise AssertionError("the case is not offered")


def test_a_case_is_sent_to_the_station_and_the_station_is_told(window: MainWindow, store: EveryState) -> None:
    case_id = store.filed()
    window.roster.refresh()
    desk = at_station(window)
    choose(desk, case_id)
    told: list[str] = []
    window.panel.acted.connect(told.append)
    QTest.keyClick(desk.list, Key.Key_F5)
    case = store.case(case_id)
    assert case.lead is not None and case.lead.receiver == STATION and case.state is State.DISPATCHED
    assert told == [case_id], "and it is pushed"
    choose(desk, case_id)
    assert not desk.send.isVisible()
    QTest.keyClick(desk.list, Key.Key_2)
    assert store.case(case_id).lead.notified_at is None  # type: ignore[union-attr]
    assert "无人接" in window.roster.table.item(window.roster.table.currentRow(), 5).text()
    store.clock.now_ms += 60_000
    choose(desk, case_id)
    QTest.keyClick(desk.list, Key.Key_3)
    assert desk.who.hasFocus() and "转告给谁" in desk.said.text()
    desk.who.setText("乙")
    QTest.keyClick(desk.who, Key.Key_Return)
    assert store.case(case_id).history[-1].result == "passed_on"
    store.clock.now_ms += 60_000
    choose(desk, case_id)
    QTest.keyClick(desk.list, Key.Key_1)
    lead = store.case(case_id).lead
    assert lead is not None and lead.notified_at is not None, "an answered call starts the station's clocks (D7)"
    assert "接通" in window.roster.table.item(window.roster.table.currentRow(), 5).text()
    QTest.keyClick(desk.list, Key.Key_Escape)
    assert window.roster.table.hasFocus()
    window.close()


def test_only_what_the_rule_book_allows_is_offered(window: MainWindow, store: EveryState) -> None:
    desk = at_station(window)
    sendable = {case.id for case in desk.cases if case.may_dispatch}
    waiting = {i for i in sendable if store.case(i).state is State.AWAITING_DISPATCH}
    assert sendable and sendable == waiting
    window.close()
    other = store.window(VICE)
    other.roster.refresh()
    other.roster.desk.show_station(other.roster._rows[0])
    assert not any(case.may_dispatch for case in other.roster.desk.cases)
    other.close()


def test_a_refusal_is_said_in_place(window: MainWindow, store: EveryState) -> None:
    case_id = store.filed()
    window.roster.refresh()
    desk = at_station(window)
    choose(desk, case_id)
    store.does(CLERK, c.Dispatch(SQUAD), case_id)
    QTest.keyClick(desk.list, Key.Key_F5)
    assert desk.said.text() and store.case(case_id).lead.receiver != STATION  # type: ignore[union-attr]
    window.close()


def test_another_villages_case_is_sent_only_when_asked_for_marked_and_confirmed(
    window: MainWindow, store: EveryState
) -> None:
    case_id = store.filed()
    window.roster.refresh()
    desk = at_station(window, OTHER_STATION)
    assert all(store.case(case.id).station == OTHER_STATION for case in desk.cases), "only its own are offered"
    QTest.keyClick(desk.list, Key.Key_F5)
    assert store.case(case_id).lead is None
    QTest.keyClick(desk.list, Key.Key_4)
    assert desk.elsewhere.isChecked() and desk.case() is None, "shown, and none of them chosen"
    choose(desk, case_id)
    place = store.rules.organisations[STATION].short_name
    assert "外村" in desk.list.currentItem().text() and place in desk.list.currentItem().text()
    QTest.keyClick(desk.list, Key.Key_F5)
    assert store.case(case_id).lead is None and desk.warned.isVisible() and place in desk.warned.text()
    QTest.keyClick(desk.list, Key.Key_F5)
    assert store.case(case_id).lead is None, "the same key again is no answer"
    QTest.keyClick(desk.list, Key.Key_Escape)
    assert not desk.warned.isVisible() and desk.list.hasFocus()
    QTest.keyClick(desk.list, Key.Key_Return)
    assert store.case(case_id).lead is None, "nothing is asked any more"
    QTest.keyClick(desk.list, Key.Key_F5)
    QTest.keyClick(desk.list, Key.Key_Return)
    lead = store.case(case_id).lead
    assert lead is not None and lead.receiver == OTHER_STATION
    QTest.keyClick(desk.list, Key.Key_Escape)
    QTest.keyClick(window.roster.table, Key.Key_Down)
    assert not desk.elsewhere.isChecked(), "asked for at one station, not at all of them"
    window.close()


def test_nothing_is_sent_from_the_line_of_who_answered(window: MainWindow, store: EveryState) -> None:
    case_id = store.filed()
    window.roster.refresh()
    desk = at_station(window)
    choose(desk, case_id)
    desk.who.setFocus()
    QTest.keyClick(desk.who, Key.Key_F5)
    assert store.case(case_id).lead is None
    window.close()


def test_a_dispatch_from_the_roster_is_undone_there(window: MainWindow, store: EveryState) -> None:
    case_id, other = store.filed(), store.filed()
    store.does(CLERK, c.Note("Seen"), other)
    window.roster.refresh()
    desk = at_station(window)
    choose(desk, case_id)
    QTest.keyClick(desk.list, Key.Key_F5)
    assert store.case(case_id).lead is not None and "Ctrl+Z" in desk.said.text()
    QTest.keyClick(window, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert store.case(case_id).lead is None and store.case(other).history[-1].kind == "case.note"
    assert store.case(case_id).number in desk.said.text()


def test_enter_opens_the_open_cases_of_the_place_as_many_as_it_says(window: MainWindow, store: EveryState) -> None:
    roster = window.roster
    for row, found in enumerate(roster._rows):
        roster.table.setFocus()
        roster.table.setCurrentCell(row, 0)
        QTest.keyClick(roster.table, Key.Key_Return)
        assert window.page() == "cases" and window.queue.search.text() == "", "a filter of its own, no search for words"
        assert window.queue.model.rowCount() == found.open_cases
        assert found.name in window.queue.narrowed.text()
        window.queue.widen()
        assert window.queue.query().station == ""
        window.show_page("roster")
    assert max(found.open_cases for found in roster._rows) > 0
    window.close()


def test_lights_of_the_place_and_of_the_stations_own_clocks_are_told_apart(
    window: MainWindow, store: EveryState
) -> None:
    found = next(row for row in window.roster._rows if row.code == STATION)
    with store.work() as work:
        rows = queue.page(work, store.desk, QueueQuery(station=STATION), 0, 200).rows
        bounds = counting_bounds(work.present())
    lights = [(light_at(*bounds, r.row.yellow_at, r.row.due_at).value, r.row.clock_owner) for r in rows]
    assert found.red == sum(light == "red" for light, _owner in lights) > 0
    assert found.yellow == sum(light == "yellow" for light, _owner in lights)
    assert found.own_red == lights.count(("red", STATION)) < found.red
    assert found.own_yellow == lights.count(("yellow", STATION))
    window.close()


def test_who_is_on_duty_today_stands_on_the_roster(window: MainWindow, store: EveryState) -> None:
    for day in range(4):
        store.clock.now_ms += (day > 0) * 86_400_000
        window.tick()
        for row, found in enumerate(window.roster._rows):
            person = store.rules.on_duty(found.code, store.clock.now_ms)
            assert person is not None
            assert window.roster.table.item(row, 1).text() == f"{person.name} {person.title}"
    assert window.roster.table.horizontalHeaderItem(1).text() == "今日值守"
    window.close()


def test_a_person_is_found_by_the_initials_of_his_name(window: MainWindow, store: EveryState) -> None:
    person = store.rules.people[VICE]
    window.roster.search.setText(initials(person.name))
    assert person.unit in {row.code for row in window.roster._rows}
    window.roster.search.setText("zzzz")
    assert window.roster._rows == ()
    window.close()
