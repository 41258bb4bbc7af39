"""A page that stands open does not freeze: cases that change and minutes that pass are on it, and nobody loses his place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from models.rules import Rules
from tests.ui.conftest import in_front
from tests.ui.every_state import CLERK, MARKET_LEADER, STATION, EveryState
from ui import format as fmt
from ui.main_window import MainWindow
from ui.panels.alerts_page import CHANGE


@pytest.fixture
def store(tmp_path: Path, rules: Rules) -> EveryState:
    made = EveryState(tmp_path, rules)
    made.fill()
    return made


@pytest.fixture
def window(application: QApplication, store: EveryState) -> Iterator[MainWindow]:
    with in_front(store.window(CLERK)) as made:
        yield made


def total(window: MainWindow) -> str:
    table = window.alerts.table
    return table.item(table.rowCount() - 1, table.columnCount() - 1).text()


def test_alerts_follow_a_change_and_the_minute(window: MainWindow, store: EveryState) -> None:
    window.show_page("alerts")
    table = window.alerts.table
    unit = table.item(2, 0).text()
    table.setCurrentCell(2, 4)
    window.alerts.next.setCurrentRow(1)
    chosen = window.alerts.next.currentItem().data(CHANGE)
    before = total(window)
    window.changed(frozenset({store.filed()}))
    window.tick()
    assert total(window) != before
    assert table.hasFocus() and table.item(table.currentRow(), 0).text() == unit and table.currentColumn() == 4
    kept = window.alerts.next.currentItem().data(CHANGE)
    assert (kept.case_id, kept.to) == (chosen.case_id, chosen.to)
    turning = window.alerts.next.count()
    store.clock.now_ms += 50 * 60_000
    window.tick()
    assert window.alerts.next.count() != turning, "nothing changed but the time"
    assert fmt.clock(store.present.now().shown_at)[:5] in window.alerts._matrix_card._head.text()


def test_many_changes_in_one_second_are_read_once(
    window: MainWindow, store: EveryState, monkeypatch: pytest.MonkeyPatch
) -> None:
    window.show_page("alerts")
    window.tick()
    read: list[int] = []
    monkeypatch.setattr(window.alerts, "refresh", lambda: read.append(1))
    for _ in range(20):
        window.changed(frozenset())
    window.tick()
    window.tick()
    assert read == [1]


def test_the_roster_follows_and_keeps_the_station_chosen(window: MainWindow, store: EveryState) -> None:
    window.show_page("roster")
    roster = window.roster
    row = next(n for n, found in enumerate(roster._rows) if found.code == STATION)
    for _ in range(row):
        QTest.keyClick(roster.table, Qt.Key.Key_Down)
    before = roster._rows[row].open_cases
    window.changed(frozenset({store.filed()}))
    window.tick()
    assert roster._rows[row].open_cases == before + 1
    assert roster.table.hasFocus() and roster.table.currentRow() == row
    assert fmt.clock(store.present.now().shown_at)[:5] in roster.note.text()


def test_what_the_office_owes_follows(application: QApplication, store: EveryState) -> None:
    window = store.window(MARKET_LEADER)
    window.show()
    window.show_page("duties")
    before = window.duties.lists["acknowledge"].count()
    window.changed(frozenset({store.dispatched()}))
    window.tick()
    assert window.duties.lists["acknowledge"].count() == before + 1
    window.close()
