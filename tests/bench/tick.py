"""A second passes on a shown queue, against forty texts drawn again."""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

from models.evidence import Moment, exactly
from models.views import QueuePage, QueueQuery, QueueRow
from services.desk import Desk
from tests.bench.measuring import median_ms, say
from tests.bench.queue_pages import NOW_MS, TOWN, Still
from ui.delegates.cells import ROW_HEIGHT
from ui.panels import queue_page as panels_queue

VISIBLE = 40


class Once:
    """Runs nothing: the page is put in by hand."""

    def run(self, job: object, done: object, failed: object = None) -> None:
        return None


class Seat:
    desk = Desk(f"{TOWN}-clerk-1", TOWN, "D", "A")


class Turning(Still):
    """A present that goes on by a second each time the hand moves."""

    def __init__(self) -> None:
        self.now_ms = NOW_MS

    def now(self) -> Moment:
        return exactly(self.now_ms)


class Floor(QWidget):
    """Forty texts in a column, drawn again each second: what any widget must do that shows forty countdowns."""

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        for row in range(VISIBLE):
            painter.drawText(QRect(10, row * ROW_HEIGHT, 140, ROW_HEIGHT), Qt.AlignmentFlag.AlignVCenter, "00:12:34")
        painter.end()


def with_clock(found: QueueRow, number: int, to_the_second: bool) -> QueueRow:
    """A row whose clock runs: to the second, or to an hour of a working day."""
    due = NOW_MS + 3_000_000 + number * 60_000 if to_the_second else NOW_MS + 26 * 3_600_000
    row = replace(found.row, due_at=due, yellow_at=due - 60_000, clock_stage="arrival" if to_the_second else "handling")
    return replace(found, row=row)


def bench_tick(application: QApplication, page: QueuePage) -> None:
    """A real queue page in a shown window, 40 rows in sight. A believable queue has one row in four that counts seconds
    (practice.md §4: most open cases are being handled, by working time)."""
    floor = Floor()
    floor.resize(150, VISIBLE * ROW_HEIGHT)
    floor.show()
    present = Turning()
    shown = panels_queue.QueuePage(Once(), Seat(), present)
    shown.resize(1100, VISIBLE * ROW_HEIGHT + 130)
    shown.show()

    def draw() -> None:
        floor.update()
        application.processEvents()

    def tick() -> None:
        present.now_ms += 1_000
        shown.tick()
        application.processEvents()

    for name, every, goal in (("one row in four", 4, 1.8), ("every row", 1, 1.8)):
        rows = tuple(with_clock(found, n, n % every == 0) for n, found in enumerate(page.rows))
        shown.model.cache.restart(QueueQuery())
        shown.model.cache.put(replace(page, rows=rows), shown.model.cache.generation)
        shown.model._resize(page.total)
        application.processEvents()
        draw()
        tick()
        say(f"tick, 40 in sight, {name} to the s", median_ms(tick, 60), median_ms(draw, 60), goal)
    shown.close()
    floor.close()
