"""When the list puts another case under the keys, nothing is done to it by a press that was meant for the last one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from models import commands as c
from models.case import State
from models.rules import Rules
from tests.ui.every_state import CLERK, SECOND, EveryState
from ui.main_window import MainWindow
from ui.widgets.in_use import ON_ITS_WAY_MS


@pytest.fixture
def store(tmp_path: Path, rules: Rules) -> EveryState:
    return EveryState(tmp_path, rules)


@pytest.fixture
def window(application: QApplication, store: EveryState) -> Iterator[MainWindow]:
    ids = [store.reported() for _ in range(4)]
    made = store.window(CLERK)
    made.resize(1366, 768)
    made.show()
    made.activateWindow()
    made.show_page("cases")
    made.queue.chips["to_file"].click()
    made.open_case(ids[1])
    QApplication.processEvents()
    yield made
    made.close()


def press(window: MainWindow, key: Qt.Key) -> None:
    """As the program does it: what changed is told to every screen."""
    before = window.panel.case_id
    window.queue.table.setFocus()
    QTest.keyClick(window.queue.table, key)
    window.queue.use.rest()
    window.changed(frozenset({before}))
    QApplication.processEvents()


def states(store: EveryState, window: MainWindow) -> list[State]:
    with store.work() as work:
        ids = [str(row[0]) for row in work.connection.exec_driver_sql("SELECT id FROM case_row ORDER BY id")]
    return [store.case(case_id).state for case_id in ids]


def test_a_key_pressed_twice_files_one_case(window: MainWindow, store: EveryState) -> None:
    first = window.panel.case_id
    press(window, Qt.Key.Key_F4)
    assert store.case(first).state is State.AWAITING_DISPATCH and window.panel.case_id != first, "on to the next"
    press(window, Qt.Key.Key_F4)
    assert states(store, window).count(State.AWAITING_DISPATCH) == 1
    assert window.panel.said.isVisible()
    QTest.qWait(ON_ITS_WAY_MS + 50)
    press(window, Qt.Key.Key_F4)
    assert states(store, window).count(State.AWAITING_DISPATCH) == 2, "whoever has seen it presses again"


def test_whoever_moves_the_cursor_himself_may_press_at_once(window: MainWindow, store: EveryState) -> None:
    press(window, Qt.Key.Key_F4)
    QTest.keyClick(window.queue.table, Qt.Key.Key_Down)
    press(window, Qt.Key.Key_F4)
    assert states(store, window).count(State.AWAITING_DISPATCH) == 2


def test_a_case_taken_away_by_a_colleague_puts_no_other_under_the_keys(window: MainWindow, store: EveryState) -> None:
    meant = window.panel.case_id
    store.does(SECOND, c.File(), meant)
    window.changed(frozenset({meant}))
    QApplication.processEvents()
    QTest.qWait(ON_ITS_WAY_MS + 50)
    press(window, Qt.Key.Key_F4)
    assert window.panel.case_id == meant and states(store, window).count(State.AWAITING_DISPATCH) == 1


def test_also_when_it_was_the_last_of_the_list(window: MainWindow, store: EveryState) -> None:
    for _ in range(4):
        window.queue.step(1)
    meant = window.panel.case_id
    window.queue.use.rest()
    store.does(SECOND, c.File(), meant)
    window.changed(frozenset({meant}))
    QApplication.processEvents()
    assert window.panel.case_id == meant
