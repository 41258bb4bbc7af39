"""撤销 belongs to the case in sight: never to what was done to another one a moment ago (D3)."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from models.case import State
from models.rules import Rules
from models.store import outbox
from tests.ui.every_state import CLERK, CONFIRMER, EveryState
from ui import words
from ui.main_window import MainWindow


@pytest.fixture
def store(tmp_path: Path, rules: Rules) -> EveryState:
    return EveryState(tmp_path, rules)


def window_of(store: EveryState) -> MainWindow:
    made = store.window(CLERK)
    made.resize(1366, 768)
    made.show()
    made.show_page("cases")
    made.activateWindow()
    QApplication.processEvents()
    return made


def undo(window: MainWindow) -> None:
    QTest.keyClick(window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    QApplication.processEvents()


def test_what_was_done_to_another_case_is_not_undone_here(application: QApplication, store: EveryState) -> None:
    first, second = store.reported(), store.reported()
    window = window_of(store)
    window.open_case(first)
    window.panel.begin("case.file")
    window.open_case(second)
    undo(window)
    assert store.case(first).state is State.AWAITING_DISPATCH and store.case(second).state is State.REPORTED
    assert window.panel.said.text() == words.REFUSALS["not_undoable"]
    window.open_case(first)
    undo(window)
    assert store.case(first).state is State.REPORTED
    assert store.case(first).number in window.panel.said.text()
    window.close()


def test_acts_on_one_case_are_undone_one_by_one_and_anothers_never(
    application: QApplication, store: EveryState
) -> None:
    case_id = store.reported()
    window = window_of(store)
    window.open_case(case_id)
    for kind in ("case.file", "case.note"):
        window.panel.begin(kind)
        if window.panel.form is not None:
            window.panel.form.restore({"reason": "Seen"})
            window.panel.form.submit()
    assert store.case(case_id).history[-1].kind == "case.note"
    undo(window)
    assert store.case(case_id).history[-1].kind == "case.file"
    undo(window)
    assert store.case(case_id).state is State.REPORTED
    undo(window)
    assert window.panel.said.text() == words.REFUSALS["not_undoable"], "the report is the station's"
    window.close()
    other = store.filed()
    seat = store.window(CONFIRMER)
    seat.open_case(other)
    seat.panel.undo()
    assert store.case(other).state is State.AWAITING_DISPATCH
    seat.close()


def test_what_was_done_is_not_said_to_wait_when_the_centre_has_it(application: QApplication, store: EveryState) -> None:
    """Line up, nothing unsent, and the panel went on saying 待上报 and offering to take it back."""
    case_id = store.reported()
    window = window_of(store)
    window.open_case(case_id)
    window.panel.begin("case.file")
    assert window.panel.said.text() == "立案:已存本机·待上报　撤销 Ctrl+Z"
    with store.work() as work:
        for row in outbox.states_of_case(work.connection, case_id):
            outbox.settle(work.connection, row.cmd_id, "accepted", None, 7)
        work.commit()
    window.changed(frozenset({case_id}))
    assert window.panel.said.text() == "立案:已生效"
    window.panel.say("正在读取")
    window.changed(frozenset({case_id}))
    assert window.panel.said.text() == "正在读取", "what says something else stays"
    window.close()
