"""The alerts page without a mouse: each figure opens its cases, as many as it says; and in a doubtful time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from models import commands as c
from models.clock import HOUR_MS
from models.rules import Rules
from models.views import QueueQuery
from services import alerts
from services.alerts import PROMISES as STAGES
from tests.ui.conftest import in_front
from tests.ui.desks import START_MS
from tests.ui.every_state import CLERK, CONFIRMER, EveryState
from ui import theme
from ui.main_window import MainWindow
from ui.panels.thirty_days import DASHES, FIRST, KEYS, MARKERS, PROMISES, ThirtyDays

Key = Qt.Key


@pytest.fixture
def store(tmp_path: Path, rules: Rules) -> EveryState:
    made = EveryState(tmp_path, rules)
    made.fill()
    made.does(CONFIRMER, c.Confirm(), made.submitted(), minutes=6 * 60)
    made.does(CLERK, c.Dispatch(f"{made.rules.reference_towns()[6]}-squad"), made.filed(), minutes=45)
    return made


@pytest.fixture
def window(application: QApplication, store: EveryState) -> Iterator[MainWindow]:
    with in_front(store.window(CLERK), "alerts") as made:
        yield made


def number(text: str) -> int:
    return int("".join(sign for sign in text.split("件")[0] if sign.isdigit()))


def days_of(window: MainWindow) -> ThirtyDays:
    assert window.alerts.days.plots is not None
    return window.alerts.days


def opens(window: MainWindow) -> int:
    """How many cases the queue shows after a figure was opened; then back to the alerts."""
    assert window.page() == "cases"
    found = window.queue.model.rowCount()
    window.show_page("alerts")
    return found


def test_every_cell_and_total_opens_as_many_cases_as_it_says(window: MainWindow) -> None:
    table = window.alerts.table
    assert table.hasFocus(), "turning to the page begins at the matrix"
    figures = 0
    for row in range(table.rowCount()):
        for column in range(1, table.columnCount()):
            item = table.item(row, column)
            if item is not None and item.text() != "·":
                said = number(item.text())
                table.setCurrentCell(row, column)
                QTest.keyClick(table, Key.Key_Return)
                assert opens(window) == said, (row, column)
                figures += 1
    assert figures > 8 and table.item(table.rowCount() - 1, 0).text() == "合计"


def test_the_lights_of_the_head_open_their_cases(window: MainWindow) -> None:
    opened = 0
    for light, button in window.header.lights.items():
        if button.isVisible():
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)
            assert opens(window) == number(button.text()), light
            opened += number(button.text())
    assert opened


def test_closed_and_late_of_every_day_open_their_cases(window: MainWindow) -> None:
    page = days_of(window)
    closed = late = 0
    for day in range(FIRST, len(page.figures)):
        page.choose_day(day)
        for button in (page.closed, page.late):
            QTest.mouseClick(button, Qt.MouseButton.LeftButton)
            assert opens(window) == number(button.text()), (day, button.text())
        closed, late = closed + page.figures[day].closed, late + page.figures[day].closed_late
    assert closed > late > 0


def test_each_promise_of_every_day_opens_the_cases_behind_its_rate(window: MainWindow) -> None:
    page = days_of(window)
    missed_in_all = 0
    for day in range(FIRST, len(page.figures)):
        page.choose_day(day)
        for promise in PROMISES:
            met, missed = page._window(promise)
            for button, found in ((page.met[promise], met), (page.missed[promise], missed)):
                QTest.mouseClick(button, Qt.MouseButton.LeftButton)
                assert opens(window) == number(button.text()) == len(set(found)), (day, promise)
            missed_in_all += len(missed)
            if met or missed:
                assert f"({len(met)}/{len(met) + len(missed)} 次)" in page.rate(promise)
    assert missed_in_all


def test_enter_and_a_click_on_a_point_open_what_was_judged(window: MainWindow) -> None:
    page = days_of(window)
    _bars, rates = page.plots  # type: ignore[misc]
    for promise in PROMISES:
        judged = len(set(page._window(promise)[0]) | set(page._window(promise)[1]))
        rates.setFocus()
        for _ in PROMISES:
            QTest.keyClick(rates, Key.Key_Up)
        for _ in range(PROMISES.index(promise)):
            QTest.keyClick(rates, Key.Key_Down)
        assert page.promise == promise and "<b>" in page.keys[promise].text()
        QTest.keyClick(rates, Key.Key_Return)
        assert opens(window) == judged > 0
        assert f"截至 {page.figures[page.day].day}" in window.queue.narrowed.text()
    lines = [item for item in rates.getPlotItem().listDataItems() if len(item.scatter.points())]
    assert len(lines) == len(PROMISES)
    points = lines[0].scatter.points()[-1:]
    lines[0].sigPointsClicked.emit(lines[0], points, None)
    assert opens(window) == len(set(sum(page._window(PROMISES[0]), ())))


def test_a_day_is_chosen_by_key_said_in_words_and_opened(window: MainWindow) -> None:
    page = days_of(window)
    bars, rates = page.plots  # type: ignore[misc]
    assert bars.focusPolicy() == Qt.FocusPolicy.StrongFocus == rates.focusPolicy()
    days = page.figures
    assert page.day == len(days) - 1 and days[page.day].day[5:] in page.day_said.text()
    for plot in (bars, rates):
        plot.setFocus()
        QTest.keyClick(plot, Key.Key_Home)
        assert page.day == FIRST
        QTest.keyClick(plot, Key.Key_Left)
        assert page.day == FIRST, "it stops at the end"
        QTest.keyClick(plot, Key.Key_Right)
        assert page.day == FIRST + 1 and days[FIRST + 1].day[5:] in page.until_said.text()
    closed = max(range(len(days)), key=lambda n: days[n].closed)
    page.choose_day(closed)
    assert f"办结 {days[closed].closed} 件" in bars.accessibleDescription()
    bars.setFocus()
    QTest.keyClick(bars, Key.Key_Return)
    assert window.queue.query() == QueueQuery(chip="closed", day=days[closed].day)


def test_the_three_lines_differ_by_more_than_colour_and_their_key_can_be_read() -> None:
    for marks in (DASHES, MARKERS, KEYS):
        assert set(marks) == {stage.value for stage in STAGES} and len(set(marks.values())) == len(PROMISES)
    for tokens in theme.THEMES.values():
        assert len(set(tokens.series)) == len(PROMISES)
        assert all(contrast(colour, tokens.base) >= 4.5 for colour in tokens.series)


def contrast(first: str, second: str) -> float:
    """Of two colours #RRGGBB, 1 to 21 (WCAG 2)."""
    bright, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_what_turns_next_names_whose_clock_it_is(window: MainWindow, store: EveryState) -> None:
    store.filed()
    window.alerts.refresh()
    with store.work() as work:
        changes = alerts.changes(work)
    assert changes
    for place, change in enumerate(changes):
        clocks = store.case(change.case_id).clocks
        assert any(change.at in (k.yellow_at, k.due_at) and k.stage.value == change.stage for k in clocks)
        assert change.unit_name and change.unit_name in window.alerts.next.item(place).text()


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


def test_a_figure_counts_the_lights_as_the_queue_does(store: EveryState) -> None:
    store.clock.now_ms = max(store.clock.now_ms, START_MS)
    window = store.window(CLERK)
    for light in ("red", "yellow", "green", "doubtful"):
        window.open_query(QueueQuery(light=light))
        assert window.queue.model.rowCount() == number(window.header.lights[light].text()), light
    assert not any(isinstance(b, QPushButton) and not b.text() for b in window.header.lights.values())
    window.close()
