"""The second turns: every countdown in sight says what is so now, and only those that say something new are painted."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from models.rules import Rules
from tests.ui.every_state import CLERK, EveryState
from ui.delegates.cells import QueueDelegate
from ui.main_window import MainWindow

MINUTE_MS, HOUR_MS = 60_000, 3_600_000


@pytest.fixture
def store(application: QApplication, tmp_path: Path, rules: Rules) -> EveryState:
    made = EveryState(tmp_path, rules)
    made.fill()
    return made


class Painted(QueueDelegate):
    """Counts the countdowns that were painted, by row."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window.queue._present, window.queue.font())
        self.cells: list[int] = []

    def paint(self, painter, option, index) -> None:  # type: ignore[no-untyped-def]
        if index.column() == 0:
            self.cells.append(index.row())
        super().paint(painter, option, index)


def test_only_what_says_something_new_is_painted_and_it_is_right(store: EveryState) -> None:
    window = store.window(CLERK)
    window.resize(1366, 768)
    window.show()
    page = window.queue
    delegate = Painted(window)
    page._delegate = delegate
    page.table.setItemDelegate(delegate)
    QApplication.processEvents()
    page.tick()
    QApplication.processEvents()
    rows = range(page.sight.rows()[0], min(page.sight.rows()[1] + 1, page.model.rowCount()))

    def says(place: int) -> object:
        found = page.model.row_at(place)
        assert found is not None
        return delegate.countdown_of(found.row, page._present.now())

    kept_still = 0
    for step in (0, 1_000, 1_000, MINUTE_MS, 20 * MINUTE_MS, HOUR_MS, 12 * HOUR_MS, 24 * HOUR_MS, 72 * HOUR_MS):
        before = [says(place) for place in rows]
        store.clock.now_ms += step
        delegate.cells.clear()
        page.tick()
        QApplication.processEvents()
        changed = {place for place, old in zip(rows, before, strict=True) if says(place) != old}
        assert changed <= set(delegate.cells), step
        if step <= 1_000:
            assert set(delegate.cells) <= changed, "nothing else is painted each second"
            kept_still += len(rows) - len(changed)
        assert all(page.countdowns.said[place].words == says(place) for place in rows), step
    assert kept_still, "some rows count by the day and keep still"
    window.close()
