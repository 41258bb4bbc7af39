"""What happened on another day, or in another year, is told with its day: also what stood on the screen when the day turned."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication, QLabel

from models.clock import DAY_MS, MINUTE_MS
from models.rules import Rules
from models.views import LineState
from tests.ui.conftest import in_front
from tests.ui.every_state import CLERK, EveryState
from tests.ui.test_format import at
from ui import format as fmt
from ui.main_window import MainWindow
from ui.papers.wording import spoken_instant


@pytest.fixture
def store(tmp_path: Path, rules: Rules) -> EveryState:
    return EveryState(tmp_path, rules)


@pytest.fixture
def window(application: QApplication, store: EveryState) -> Iterator[MainWindow]:
    with in_front(store.window(CLERK)) as made:
        yield made


def test_the_last_word_of_the_centre_two_days_ago_is_not_todays(window: MainWindow, store: EveryState) -> None:
    now = store.present.now().shown_at
    heard = now - 2 * DAY_MS
    window.show_line(LineState("offline", heard, heard, 1, heard, 0, 500, ""), 1)
    said = fmt.day_and_minute(heard, now)
    assert said in window.strip.line.full and said in window.sync._lines.text()
    window.show_line(LineState("online", now, now, 1, now, 0, 500, ""), 1)
    assert fmt.clock(now) in window.strip.line.full, "today's to the second"


def test_what_was_read_yesterday_says_so_after_midnight(window: MainWindow, store: EveryState) -> None:
    case_id = store.filed()
    window.open_case(case_id)
    reported = store.case(case_id).history[0].at.shown_at
    store.clock.now_ms = fmt.midnight_after(store.present.now().shown_at) + MINUTE_MS
    window.tick()
    QApplication.processEvents()
    said = " ".join(label.text() for label in window.panel.sheet.findChildren(QLabel) if label.isVisible())
    assert fmt.day_and_minute(reported, store.present.now().shown_at) in said


def test_of_another_year_the_year_is_told() -> None:
    now = at("2026-11-23 15:42:07")
    assert spoken_instant(at("2025-11-25 17:30:00"), now) == "2025年11月25日17时30分"
    assert spoken_instant(at("2026-11-25 17:30:00"), now) == "11月25日17时30分"
    assert spoken_instant(now, now) == "今日15时42分"
