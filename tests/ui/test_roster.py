"""The roster by keyboard alone: ring a station about a case, send it one, and see what came of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from models import commands as c
from models.case import State
from models.rules import Rules
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
    window.close()
