"""The queue by responsible unit (practice.md §2), narrowed from elsewhere, and found again by its place."""

from __future__ import annotations

from collections import Counter

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from models.rules import Rules
from models.views import QueueGroup, QueueQuery, QueueRow
from tests.ui.every_state import CLERK, EveryState
from ui.main_window import MainWindow
from ui.models.queue_model import ROW_ROLE
from ui.panels.queue_page import QueuePage


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, rules: Rules) -> EveryState:
    made = EveryState(tmp_path_factory.mktemp("groups"), rules)
    made.fill()
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


def rows_of(page: QueuePage) -> list[object]:
    return [page.model.index(row, 0).data(ROW_ROLE) for row in range(page.model.rowCount())]


def test_every_case_stands_under_the_unit_that_has_it(window: MainWindow) -> None:
    page = window.queue
    plain = {row.row.id for row in rows_of(page) if isinstance(row, QueueRow)}
    QTest.keyClick(window, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    assert page.grouped.isChecked()
    rows = rows_of(page)
    groups = [row for row in rows if isinstance(row, QueueGroup)]
    assert len(groups) > 2 and len(rows) == len(plain) + len(groups)
    under: Counter[str] = Counter()
    unit = ""
    due: list[int] = []
    for row in rows:
        if isinstance(row, QueueGroup):
            unit, due = row.unit, []
        else:
            assert isinstance(row, QueueRow) and row.row.lead == unit
            under[unit] += 1
            due += [row.row.due_at] if row.row.due_at is not None else []
            assert due == sorted(due), "within a group the chosen order holds"
    assert {group.unit: group.count for group in groups} == under
    now = page._present.now()
    reds = Counter(r.row.lead for r in rows if isinstance(r, QueueRow) and r.row.due_at and r.row.due_at < now.lo)
    assert {group.unit: group.red for group in groups if group.red} == reds
    assert page.table.columnSpan(page.model.headings[1], 0) == page.model.columnCount()
    assert "件" in str(page.model.index(page.model.headings[1], 0).data())
    page.grouped.click()
    assert {row.row.id for row in rows_of(page) if isinstance(row, QueueRow)} == plain
    window.close()


def test_the_cursor_goes_past_headings_and_stays_with_its_case(window: MainWindow) -> None:
    page = window.queue
    wanted = [row for row in rows_of(page) if isinstance(row, QueueRow)][5].row.id
    page.select_case(wanted)
    page.grouped.click()
    found = page.model.row_at(page.table.currentIndex().row())
    assert found is not None and found.row.id == wanted
    seen = set()
    page.table.setFocus()
    page.table.setCurrentIndex(page.model.index(page._first_case(), 0))
    for key in (Qt.Key.Key_Down, Qt.Key.Key_J):
        page.table.setCurrentIndex(page.model.index(page._first_case(), 0))
        for _ in range(page.model.rowCount()):
            current = page.model.row_at(page.table.currentIndex().row())
            assert current is not None, "never on a heading"
            assert window.panel.case_id == current.row.id
            seen.add(current.row.id)
            QTest.keyClick(page.table, key)
    assert len(seen) == page.model.rowCount() - len(page.model.headings)
    for place in range(len(seen)):
        found = page.model.row_at(page.model.row_of(place))
        assert found is not None and page.model.row_of_case(found.row.id) == page.model.row_of(place)
    window.close()


def test_what_narrows_the_list_is_said_and_taken_away_by_key(window: MainWindow) -> None:
    page = window.queue
    whole = page.model.rowCount()
    lead = next(r for r in rows_of(page) if isinstance(r, QueueRow) and r.row.clock_stage == "arrival")
    query = QueueQuery(unit=lead.row.clock_owner, stage="arrival")
    window.open_query(query)
    assert page.narrowed.isVisible() and "到场" in page.narrowed.text()
    assert window._rules.organisations[lead.row.clock_owner].name in page.narrowed.text()
    assert 0 < page.model.rowCount() < whole
    assert window.place().query == query, "another window begins with it too"
    page.search.setText("没有这个")
    assert page.model.rowCount() == 0 and page.narrowed.isVisible(), "words are sought within it"
    page.search.setText("")
    page.table.setFocus()
    QTest.keyClick(page.table, Qt.Key.Key_Escape)
    assert not page.narrowed.isVisible() and page.model.rowCount() == whole
    window.open_query(query)
    page.narrowed.click()
    assert page.model.rowCount() == whole
    window.close()


def test_grouping_goes_with_the_place_to_the_next_window(window: MainWindow, store: EveryState) -> None:
    window.queue.grouped.click()
    place = window.place()
    assert place.query.group_by_unit
    window.close()
    other = store.window(CLERK)
    other.go_to(place)
    assert other.queue.grouped.isChecked() and other.queue.model.headings
    other.open_query(replace(QueueQuery(), chip="overdue"))
    assert other.queue.model.headings, "whoever grouped the list keeps it grouped"
    other.close()
