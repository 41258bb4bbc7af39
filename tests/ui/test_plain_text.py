"""What people write is shown as they wrote it: nothing in it is taken for HTML, nor & for a key of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QWidget

from models import commands as c
from models.rules import Rules
from tests.ui.conftest import in_front
from tests.ui.every_state import CLERK, MEMBER, OFFICER, STALLS, STATION, TOWN, EveryState
from ui.main_window import MainWindow
from ui.widgets.elided import Elided
from ui.widgets.plain import tip

EVIL = '<img src="//elsewhere/picture.png"> <b>A&B</b> shop'


@pytest.fixture
def store(tmp_path: Path, rules: Rules) -> EveryState:
    return EveryState(tmp_path, rules)


@pytest.fixture
def window(application: QApplication, store: EveryState) -> Iterator[MainWindow]:
    with in_front(store.window(CLERK)) as made:
        yield made


def reported(store: EveryState) -> str:
    return store.does(MEMBER, c.Report("", "grid", STALLS, EVIL, EVIL, TOWN, STATION, EVIL))


def read_as_html(window: QWidget) -> list[str]:
    """Labels and tool tips in which Qt would see elements that somebody typed."""
    found = []
    for label in window.findChildren(QLabel):
        raw = "<img" in label.text() and label.textFormat() is not Qt.TextFormat.PlainText
        found += [label.text()] if raw else []
    return found + [w.toolTip() for w in window.findChildren(QWidget) if "<img" in w.toolTip()]


def test_a_case_on_every_page(window: MainWindow, store: EveryState) -> None:
    first, second = reported(store), reported(store)
    assert first != second
    window.open_case(second)
    for page in ("cases", "roster", "alerts", "tray", "sync"):
        window.show_page(page)
        QApplication.processEvents()
        assert read_as_html(window) == [], page
    window.panel.sheet.follow_similar(window.panel.panel.similar)  # type: ignore[union-attr]
    lines = [b.text() for b in window.panel.sheet.findChildren(QPushButton) if "shop" in b.text()]
    assert lines and all("A&&B" in line for line in lines)


def test_a_reason_in_the_form_that_answers_it(window: MainWindow, store: EveryState) -> None:
    case_id = store.dispatched(co=())
    store.does(OFFICER, c.AskReturn(store.lead(case_id), EVIL), case_id)
    window.open_case(case_id)
    window.panel.begin("case.answer_return")
    assert window.panel.form is not None
    hints = [label for label in window.panel.form.findChildren(QLabel) if EVIL in label.text()]
    assert hints and read_as_html(window) == []


def test_a_refusal_that_quotes_what_somebody_wrote(window: MainWindow, store: EveryState) -> None:
    case_id = store.dispatched(co=())
    window.open_case(case_id)
    window.panel.say(EVIL)
    window.panel.begin("case.redispatch")
    assert window.panel.form is not None
    window.panel.form.show_problem(EVIL)
    window.panel.open_call_card()
    assert window.panel.card is not None
    window.panel.card.show_problem(EVIL)
    window.roster.desk.said.setText(EVIL)
    assert read_as_html(window) == []


def test_a_tool_tip(application: QApplication) -> None:
    line = Elided()
    line.resize(40, 20)
    line.show_text(EVIL)
    assert "<img" not in line.toolTip() and "shop" in line.toolTip()
    assert tip("A & B\nC") == "<p>A &amp; B<br>C</p>" and tip("占道") == "占道"
    line.deleteLater()
