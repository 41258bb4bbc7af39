"""The list never jumps under the cursor, nor under the mouse; figures stay right when only time passes; the arrow is true."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from models import commands as c
from models.rules import Rules
from models.views import SORTS, QueueQuery
from services import queue
from tests.ui.every_state import CLERK, MARKET, SQUAD, EveryState
from ui.dialogs.palette import Palette
from ui.main_window import MainWindow
from ui.models.queue_model import COLUMNS
from ui.panels.queue_page import QueuePage

SPOT = QPoint(300, 200)
MINUTE_MS = 60_000


@pytest.fixture
def store(tmp_path: Path, rules: Rules) -> EveryState:
    made = EveryState(tmp_path, rules)
    for _ in range(40):
        made.filed()
    return made


@pytest.fixture
def window(application: QApplication, store: EveryState) -> MainWindow:
    made = store.window(CLERK)
    made.resize(1366, 768)
    made.show()
    made.show_page("cases")
    made.activateWindow()
    QApplication.processEvents()
    return made


def wheel(page: QueuePage, turns: int) -> None:
    where, down = QPointF(SPOT), QPoint(0, -120)
    for _ in range(turns):
        turn = QWheelEvent(
            where, where, down, down, Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier,
            Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(page.table.viewport(), turn)
    QApplication.processEvents()


def under(page: QueuePage) -> tuple[str, int]:
    """The case under the mouse, and how high its row stands."""
    row = page.table.rowAt(SPOT.y())
    found = page.model.row_at(row)
    assert found is not None
    return found.row.id, page.table.rowViewportPosition(row)


def above(page: QueuePage, row: int = 3) -> str:
    found = page.model.row_at(row)
    assert found is not None
    return found.row.id


def move(page: QueuePage) -> None:
    QTest.mouseMove(
        page.table.viewport(), SPOT + QPoint(9, 0)
    )  # Qt tells nobody of a move to where the mouse already is
    page.use.rest()
    QTest.mouseMove(page.table.viewport(), SPOT)


def bar(page: QueuePage) -> None:
    QTest.mousePress(page.table.verticalScrollBar(), Qt.MouseButton.LeftButton)


def press(page: QueuePage) -> None:
    QTest.mousePress(page.table.viewport(), Qt.MouseButton.LeftButton, pos=SPOT)


def key(page: QueuePage) -> None:
    QTest.keyClick(page.table, Qt.Key.Key_J)


@pytest.mark.parametrize("use", [move, bar, press, key, lambda page: wheel(page, 1)])
def test_while_it_is_used_a_row_changes_where_it_stands(window: MainWindow, store: EveryState, use) -> None:  # type: ignore[no-untyped-def]
    page = window.queue
    wheel(page, 6)
    page.use.rest()
    use(page)
    assert page.use.on()
    before, rows = under(page), page.model.rowCount()
    changed = page.model.row_at(page.table.rowAt(SPOT.y()) + 1)
    assert changed is not None
    store.does(CLERK, c.Dispatch(SQUAD), changed.row.id)
    store.does(CLERK, c.Decline("Not ours"), store.reported())
    fresh = store.filed()
    window.changed(frozenset({changed.row.id, fresh}))
    QApplication.processEvents()
    assert under(page) == before and page.model.rowCount() == rows
    newer = page.model.row_at(page.table.rowAt(SPOT.y()) + 1)
    assert newer is not None and newer.row.lead == SQUAD, "what is in sight is true"
    assert page.news.isVisible() and "2" in page.news.text()
    page.tick()
    assert page.news.isVisible() and page.model.rowCount() == rows
    QTest.keyClick(page.table, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)
    QApplication.processEvents()
    assert not page.news.isVisible() and page.model.rowCount() == rows + 1
    assert page.model.row_of_case(fresh) is not None
    assert under(page) == before, "and what was in sight stays where it was"
    window.close()


def test_rows_that_come_and_go_above_move_nothing_in_sight(window: MainWindow, store: EveryState) -> None:
    page = window.queue
    page.chips["to_dispatch"].click()
    wheel(page, 6)
    assert page.table.verticalScrollBar().value() > 0
    before, rows = under(page), page.model.rowCount()
    for row in (3, 5):
        store.does(CLERK, c.Dispatch(SQUAD), above(page, row))
    window.changed(frozenset())
    page.use.rest()
    window.tick()
    QApplication.processEvents()
    assert page.model.rowCount() == rows - 2 and under(page) == before
    window.close()


def test_at_the_top_of_a_list_at_rest_the_most_urgent_is_seen(window: MainWindow, store: EveryState) -> None:
    page = window.queue
    page.sort_by("reported")
    page.sort_by("reported")
    page.use.rest()
    page.table.verticalScrollBar().setValue(0)
    fresh = store.filed()
    window.changed(frozenset({fresh}))
    QApplication.processEvents()
    assert above(page, page.table.rowAt(1)) == fresh
    window.close()


def test_a_list_that_goes_on_does_not_close_the_form_on_its_case(window: MainWindow, store: EveryState) -> None:
    page = window.queue
    page.chips["to_dispatch"].click()
    case_id = above(page, 0)
    window.open_case(case_id)
    window.panel.begin("case.dispatch")
    store.does(CLERK, c.Dispatch(MARKET), case_id)
    page.use.rest()
    window.changed(frozenset({case_id}))
    QApplication.processEvents()
    assert page.model.row_of_case(case_id) is None
    assert window.panel.case_id == case_id and window.panel.form is not None
    window.close()


# Time alone


def number(text: str) -> int:
    return int(text.rsplit(" ", 1)[-1])


def figures(window: MainWindow) -> tuple[int, int, int]:
    """超时 and 临期 in the header, and the chip 已超时."""
    lights = window.header.lights
    chip = window.queue.chips["overdue"]
    return number(lights["red"].text()), number(lights["yellow"].text()), number(chip.text())


def test_figures_lists_and_headings_are_right_when_only_time_passes(window: MainWindow, store: EveryState) -> None:
    page = window.queue
    page.chips["overdue"].click()
    page.grouped.click()
    asked = []
    count = page.count
    page.count = lambda: (asked.append(store.clock.now_ms), count())  # type: ignore[method-assign, assignment]
    for _ in range(90):
        store.clock.now_ms += MINUTE_MS
        for _ in range(2):
            window.tick()
        with store.work() as work:
            true = queue.counts(work, store.desk)
        assert figures(window) == (true.red, true.yellow, true.chips["overdue"])
        assert page.model.rowCount() == true.chips["overdue"] + len(page.model.headings)
        assert sum(group.red for group in page.model.groups) == true.red
    assert true.red > 0
    asked.clear()
    for _ in range(29):
        store.clock.now_ms += 1_000
        window.tick()
    assert len(asked) <= 2, "no scan each second"
    window.close()


def test_a_light_that_turns_is_counted_in_that_second(window: MainWindow, store: EveryState) -> None:
    with store.work() as work:
        known = queue.counts(work, store.desk)
        at = known.next_change_at
    assert at is not None
    turned = 0
    while at is not None and turned < 5:
        store.clock.now_ms = max(store.clock.now_ms, at) + 1_000
        window.tick()
        with store.work() as work:
            true = queue.counts(work, store.desk)
        assert true != known
        assert figures(window) == (true.red, true.yellow, true.chips["overdue"])
        known, at, turned = true, true.next_change_at, turned + 1
    assert turned
    window.close()


# Order


def arrow(page: QueuePage) -> tuple[str, bool]:
    header = page.table.horizontalHeader()
    section = header.sortIndicatorSection()
    descending = header.sortIndicatorOrder() is Qt.SortOrder.DescendingOrder
    return (COLUMNS[section] if section >= 0 else "", descending)


def test_the_arrow_follows_whoever_orders_the_list(window: MainWindow, store: EveryState) -> None:
    page = window.queue
    page.table.horizontalHeader().setSortIndicator(2, Qt.SortOrder.DescendingOrder)
    assert page.query().sort == "title" and arrow(page) == ("title", True)
    window.open_query(QueueQuery(unit=SQUAD, stage="arrival"))
    assert page.query().sort == "due" and arrow(page) == ("due", False)
    page.sort_by("lead")
    place = window.place()
    other = store.window(CLERK)
    other.go_to(place)
    assert other.queue.query().sort == "lead" and arrow(other.queue) == ("lead", False)
    other.close()
    window.close()


def test_every_order_is_reached_by_key(window: MainWindow) -> None:
    page = window.queue
    for name in SORTS:
        for descending in (False, True):
            window.show_page("alerts")
            window.open_palette()
            palette = window.findChildren(Palette)[-1]
            palette.picked.emit(f"sort:{name}")
            palette.close()
            wanted = descending is not (name == "due")  # by what is due it is ordered at first
            assert page.query().sort == name and page.query().descending is wanted
            assert arrow(page) == (name if name in COLUMNS else "", wanted)
    window.close()
