"""The alerts page without a mouse, and in a doubtful time."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from models.clock import HOUR_MS
from models.rules import Rules
from models.views import QueueQuery
from services import alerts
from tests.ui.every_state import CLERK, EveryState
from ui.main_window import MainWindow

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
    made.show_page("alerts")
    QApplication.processEvents()
    return made


def test_a_day_is_chosen_by_key_said_in_words_and_opened(window: MainWindow) -> None:
    page = window.alerts
    assert page._plots is not None
    bars, rates = page._plots
    assert bars.focusPolicy() == Qt.FocusPolicy.StrongFocus == rates.focusPolicy()
    days = page._days
    assert page.day == len(days) - 1 and days[page.day].day[5:] in page.day_said.text()
    for plot in (bars, rates):
        plot.setFocus()
        QTest.keyClick(plot, Key.Key_Home)
        assert page.day == 0
        QTest.keyClick(plot, Key.Key_Left)
        assert page.day == 0, "it stops at the end"
        QTest.keyClick(plot, Key.Key_Right)
        assert page.day == 1 and days[1].day[5:] in page.rates_said.text()
    closed = max(range(len(days)), key=lambda n: days[n].closed)
    assert days[closed].closed
    QTest.keyClick(bars, Key.Key_Home)
    for _ in range(closed):
        QTest.keyClick(bars, Key.Key_Right)
    assert f"办结 {days[closed].closed} 件" in page.day_said.text()
    assert bars.accessibleDescription() == page.day_said.text()
    asked: list[QueueQuery] = []
    page.opened.connect(asked.append)
    QTest.keyClick(bars, Key.Key_Return)
    assert asked == [QueueQuery(chip="closed", day=days[closed].day)]
    assert window.queue.model.rowCount() == days[closed].closed, "the figure and its cases agree"
    window.close()


def test_the_rates_agree_with_a_plain_sum(window: MainWindow) -> None:
    page = window.alerts
    last = page._days[-7:]
    met = sum(day.met.get("dispatch", 0) for day in last)
    missed = sum(day.missed.get("dispatch", 0) for day in last)
    assert met + missed and f"({met}/{met + missed})" in page.rates_said.text()
    window.close()


def test_in_a_doubtful_time_nothing_is_said_to_turn_that_may_have_turned(
    store: EveryState, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.reported()
    with store.work() as work:
        sure = alerts.changes(work)
        known = work.present()
    assert sure and not any(change.possibly for change in sure)
    monkeypatch.setattr(store.clock, "boot_id", lambda: "another boot")
    with store.work() as work:
        present, doubted = work.present(), alerts.changes(work)
    assert present.hi > present.lo and present.lo <= known.shown_at
    assert doubted and all(change.possibly == (change.at < present.hi) for change in doubted)
    assert all(present.lo <= change.at <= present.lo + 2 * HOUR_MS for change in doubted)
    assert any(change.possibly for change in doubted)
