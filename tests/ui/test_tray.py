"""未生效操作 by keyboard: what may be done instead is one key away; 知道了 keeps the act on record."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from models.rules import Rules
from models.store import outbox
from services import tray
from tests.ui.every_state import CLERK, EveryState
from ui import words
from ui.main_window import MainWindow


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
    made.show_page("tray")
    QApplication.processEvents()
    return made


def buttons(window: MainWindow, text: str) -> list[QPushButton]:
    return [b for b in window.tray.findChildren(QPushButton) if b.text() == text and b.isVisible()]


def test_what_may_be_done_instead_begins_with_a_key(window: MainWindow, store: EveryState) -> None:
    with store.work() as work:
        items = tray.items(work, store.desk)
    item = next(i for i in items if "case.dispatch" in i.allowed)
    button = buttons(window, words.ACTS["case.dispatch"])[0]
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    assert window.page() == "cases" and window.panel.case_id == item.case_id
    assert window.panel.form is not None and window.panel.form.form.kind == "case.dispatch"
    window.close()


def test_seen_goes_and_stays_on_record(window: MainWindow, store: EveryState) -> None:
    with store.work() as work:
        items = tray.items(work, store.desk)
        states = len(list(outbox.states_of_case(work.connection, items[0].case_id)))
    known = buttons(window, "知道了")
    assert len(known) == len(items) > 0
    QTest.keyClick(known[0], Qt.Key.Key_Space)
    with store.work() as work:
        assert len(tray.items(work, store.desk)) == len(items) - 1
        assert len(list(outbox.states_of_case(work.connection, items[0].case_id))) == states
    window.close()
