"""A case that is called for (from the tray, a number, similar cases) and that the list does not hold stays open until somebody moves
on: nobody acts on another one unawares."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from models import commands as c
from models.rules import Rules
from tests.ui.conftest import until
from tests.ui.every_state import CLERK, SECOND, EveryState
from tests.ui.test_case_cards import press
from ui.main_window import MainWindow


@pytest.fixture
def store(tmp_path: Path, rules: Rules) -> EveryState:
    return EveryState(tmp_path, rules)


@pytest.fixture
def window(application: QApplication, store: EveryState) -> MainWindow:
    only = store.reported()
    made = store.window(CLERK)
    made.resize(1366, 768)
    made.show()
    made.activateWindow()
    made.open_case(only)
    until(lambda: selected(made) == 1)
    return made


def ended(store: EveryState) -> str:
    case_id = store.reported()
    store.does(CLERK, c.Decline("不属受理范围"), case_id)
    assert not store.case(case_id).is_open
    return case_id


def selected(window: MainWindow) -> int:
    return len(window.queue.table.selectionModel().selectedRows())


@pytest.mark.parametrize("key", [Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_J, Qt.Key.Key_K])
def test_it_stays_open_however_the_list_is_filled_again(window: MainWindow, store: EveryState, key: Qt.Key) -> None:
    only = window.panel.case_id
    called = ended(store)
    window.open_case(called)
    for _ in range(3):
        window.changed(frozenset({called}))
        QTest.qWait(20)
        QApplication.processEvents()
        assert window.panel.case_id == called and selected(window) == 0
    window.queue.table.setFocus()
    press(window, key)
    assert window.panel.case_id == only and selected(window) == 1, "one key, also where the list has one row"


def test_a_click_comes_back(window: MainWindow, store: EveryState) -> None:
    only = window.panel.case_id
    window.open_case(ended(store))
    QApplication.processEvents()
    table = window.queue.table
    middle = table.visualRect(table.model().index(0, 0)).center()
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=middle)
    QApplication.processEvents()
    assert window.panel.case_id == only


def test_one_that_the_list_holds_stays_too_when_somebody_else_takes_it_out(
    window: MainWindow, store: EveryState
) -> None:
    """Called for, then ended elsewhere while it is open: no other comes under the keys in its place."""
    only = window.panel.case_id
    called = store.reported()
    window.open_case(called)
    QApplication.processEvents()
    store.does(SECOND, c.Decline("不属受理范围"), called)
    for _ in range(3):
        window.changed(frozenset({called}))
        QTest.qWait(20)
        QApplication.processEvents()
        assert window.panel.case_id == called and selected(window) == 0
    window.queue.table.setFocus()
    press(window, Qt.Key.Key_Down)
    assert window.panel.case_id == only


def test_after_an_act_of_ones_own_the_next_is_open(window: MainWindow, store: EveryState) -> None:
    only = window.panel.case_id
    called = store.reported()
    window.open_case(called)
    QApplication.processEvents()
    window.panel.begin("case.decline")
    form = window.panel.form
    assert form is not None
    form.restore({"reason": "不属受理范围"})
    form.submit()
    window.changed(frozenset({called}))
    QApplication.processEvents()
    assert window.panel.case_id == only
