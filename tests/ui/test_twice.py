"""Pressed twice before the store has answered, an act is done once: two reports would be two cases, two calls two testimonies."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from models import commands as c
from models.rules import Rules
from services import cases, papers
from tests.ui.alone import store_is_full
from tests.ui.conftest import in_front
from tests.ui.every_state import CLERK, STALLS, STATION
from tests.ui.slow_store import SlowStore
from ui.main_window import MainWindow
from ui.widgets.form_view import FormView

Key = Qt.Key


@pytest.fixture
def store(tmp_path: Path, rules: Rules) -> SlowStore:
    return SlowStore(tmp_path, rules)


@pytest.fixture
def window(application: QApplication, store: SlowStore) -> Iterator[MainWindow]:
    with in_front(store.window(CLERK)) as made:
        yield made


def kinds(store: SlowStore, case_id: str) -> list[str]:
    return [step.kind for step in store.case(case_id).history]


def form_of(window: MainWindow, kind: str = "case.note") -> FormView:
    """One on the case in sight."""
    window.panel.begin(kind)
    form = window.panel.form
    assert form is not None
    return form


def test_a_form(window: MainWindow, store: SlowStore) -> None:
    case_id = store.reported()
    window.open_case(case_id)
    form = form_of(window)
    form.restore({"reason": "Once"})
    store.hold()
    for _ in range(2):
        QTest.keyClick(form._inputs["reason"], Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    store.go()
    assert kinds(store, case_id).count("case.note") == 1


def test_a_form_that_was_refused_is_sent_again(window: MainWindow, store: SlowStore) -> None:
    case_id = store.reported()
    window.open_case(case_id)
    form = form_of(window)
    form.submit()
    assert not form.problem.isHidden()
    form.restore({"reason": "Once"})
    form.submit()
    assert kinds(store, case_id).count("case.note") == 1


def handed_over_after(window: MainWindow, store: SlowStore, act: str) -> FormView:
    """A note on its way to a store that has not yet answered what was asked before it."""
    window.open_case(store.reported())
    first = form_of(window, "case.decline")
    first.restore({"reason": "Not ours"})
    store.hold()
    if act == "a form":
        first.submit()
    elif act == "undo":
        window.panel.undo()
    else:
        window.panel.refresh()
    form = form_of(window)
    form.restore({"reason": "Once"})
    form.submit()
    return form


@pytest.mark.parametrize("act", ["a form", "undo", "a read"])
def test_a_form_is_not_offered_again_for_what_was_refused_before_it(
    window: MainWindow, store: SlowStore, monkeypatch: pytest.MonkeyPatch, act: str
) -> None:
    """It seemed refused, was sent once more, and was two acts."""

    form = handed_over_after(window, store, act)
    with monkeypatch.context() as busy:
        for name in ("act", "undo_last", "panel"):
            busy.setattr(cases, name, store_is_full)
        store.step()
    assert form.is_handed_over and form.problem.isHidden()
    assert window.panel.said.isVisible() and ("没有办成" in window.panel.said.text()) == (act != "a read")
    store.go()
    assert kinds(store, window.panel.case_id).count("case.note") == 1


def test_enter_held_down_in_a_form(window: MainWindow, store: SlowStore) -> None:
    case_id = store.filed()
    window.open_case(case_id)
    window.panel.begin("case.dispatch")
    form = window.panel.form
    assert form is not None
    held = QKeyEvent(QEvent.Type.KeyPress, Key.Key_Return, Qt.KeyboardModifier.NoModifier, "\r", True)
    QApplication.sendEvent(form._inputs["to"], held)
    assert store.case(case_id).lead is None, "it is the Enter of whatever was before"


def test_a_report(window: MainWindow, store: SlowStore) -> None:
    window.reporting.begin()
    dialog = window.reporting.dialog
    assert dialog is not None
    dialog.title.setText("Broken lamp")
    for box, value in ((dialog.category, STALLS), (dialog.station, STATION)):
        box.setCurrentIndex(box.findData(value))
    store.hold()
    dialog.submit()
    dialog.submit()
    store.go()
    with store.work() as work:
        count = work.connection.exec_driver_sql("SELECT count(*) FROM case_row").scalar()
    assert count == 1


def test_a_call(window: MainWindow, store: SlowStore) -> None:
    case_id = store.dispatched(delivered=False)
    window.open_case(case_id)
    window.panel.open_call_card()
    card = window.panel.card
    assert card is not None
    store.hold()
    for _ in range(2):
        QTest.keyClick(card.list, Key.Key_2)
    store.go()
    assert kinds(store, case_id).count("case.log_call") == 1


@pytest.mark.parametrize("fails", [False, True])
def test_a_call_while_the_card_is_read_again(
    window: MainWindow, store: SlowStore, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    """Asked for each minute; its answer comes before that of the call."""

    case_id = store.dispatched(delivered=False)
    window.open_case(case_id)
    window.panel.open_call_card()
    card = window.panel.card
    assert card is not None
    store.hold()
    window.panel._renew_card()
    QTest.keyClick(card.list, Key.Key_2)
    with monkeypatch.context() as busy:
        if fails:
            busy.setattr(papers, "call_card", store_is_full)
        store.step()
    QTest.keyClick(card.list, Key.Key_2)
    store.go()
    assert kinds(store, case_id).count("case.log_call") == 1
    QTest.keyClick(card.list, Key.Key_2)
    assert kinds(store, case_id).count("case.log_call") == 2


def test_a_call_from_the_roster(window: MainWindow, store: SlowStore) -> None:
    case_id = store.filed()
    store.does(CLERK, c.Dispatch(STATION), case_id)
    window.show_page("roster")
    desk = window.roster.desk
    desk.show_station(next(row for row in window.roster._rows if row.code == STATION))
    desk.list.setCurrentRow(next(n for n, case in enumerate(desk.cases) if case.id == case_id))
    store.hold()
    for _ in range(2):
        desk.ring("no_answer")
    store.go()
    assert kinds(store, case_id).count("case.log_call") == 1
