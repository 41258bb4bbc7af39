"""`make bench`: ratios against a floor in the same run, each with its goal. None is a gate (these machines are noisy)."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace
from PySide6.QtCore import QRect, Qt, qInstallMessageHandler
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QWidget

from models.case import Case, State
from models.deadline import Limit, LimitUnit, deadline
from models.evidence import Moment, exactly
from models.reference_files import EDITION, load_reference
from models.rules import Rules
from models.store.case_table import ROW_FIELDS, put_cases
from models.store.engine import open_file
from models.store.migrate import migrate
from models.store.search import index_cases
from models.store.work import Work
from models.views import QueuePage, QueueQuery, QueueRow
from services import queue
from services.desk import Desk
from ui.delegates.cells import ROW_HEIGHT
from ui.panels import queue_page as panels_queue

ROOT = Path(__file__).parents[1]
TOWN = "341002102"
NOW_MS = 1_795_399_200_000
ROWS = 100_000
VISIBLE = 40


def median_ms(work: Callable[[], object], times: int) -> float:
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken)


def say(name: str, value: float, floor: float, goal: float) -> None:
    print(f"{name:34s} {value:9.4f} ms  floor {floor:9.4f} ms  ratio {value / floor:6.2f}  goal <= {goal}")


class Still:
    """A present that stands still."""

    def now(self) -> Moment:
        return exactly(NOW_MS)

    def wall_ms(self) -> int:
        return NOW_MS

    def mono_ms(self) -> int:
        return NOW_MS

    def boot_id(self) -> str:
        return "bench"


def cases(count: int) -> list[Case]:
    return [
        Case(
            id=f"c{n:07d}", number=f"黎阳-20261123-A{n}", version=1, state=State.REPORTED, level=TOWN, channel="grid",
            category=f"{EDITION}/matter/09005", title=f"店外经营{n}", place=f"龙山路{n}号", town=TOWN,
            reported_at=exactly(NOW_MS - n * 1000), reported_by="x", reporter_unit=TOWN,
        )
        for n in range(count)
    ]  # fmt: skip


def bench_store(folder: Path, rules: Rules) -> tuple[QueuePage, Work]:
    engine = open_file(folder / "bench.sqlite")
    migrate(engine)
    work = Work(engine, rules, Still(), lambda: "id").__enter__()
    made = cases(ROWS)
    put_cases(work.connection, made, new=True)
    index_cases(work.connection, made[:1000], rules)
    desk = Desk(f"{TOWN}-clerk-1", TOWN, "D", "A")
    query = QueueQuery()
    cursor = work.connection.connection.cursor()
    columns = ", ".join(ROW_FIELDS)
    sql = f"SELECT {columns} FROM case_row WHERE is_open = 1 ORDER BY due_sort, id LIMIT 100"
    count = "SELECT count(*) FROM case_row WHERE is_open = 1"

    def floor() -> None:
        cursor.execute(count).fetchall()
        cursor.execute(sql).fetchall()

    raw = median_ms(floor, 30)
    page = median_ms(lambda: queue.page(work, desk, query, 0, 100), 30)
    say("first page of 100,000 with its count", page, raw, 1.3)
    key = queue.page(work, desk, query, 89_900, 100).last_key
    further = (
        f"SELECT {columns} FROM case_row WHERE is_open = 1 AND (due_sort, id) > (?, ?) ORDER BY due_sort, id LIMIT 100"
    )

    def floor_far() -> None:
        cursor.execute(count).fetchall()
        cursor.execute(further, key).fetchall()

    say(
        "a page read on at place 90,000",
        median_ms(lambda: queue.page(work, desk, query, 90_000, 100, key), 20),
        median_ms(floor_far, 20),
        1.3,
    )
    counts = median_ms(lambda: queue.counts(work, desk), 10)
    scan = median_ms(lambda: cursor.execute("SELECT sum(length(state)) FROM case_row").fetchall(), 10)
    say("all chip figures of 100,000", counts, scan, 2.0)
    return queue.page(work, desk, query, 0, 100), work


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


def bench_deadline(rules: Rules) -> None:
    limit = Limit(1, LimitUnit.WORK_DAY)

    def empty() -> None:
        return None

    def thousand(call: Callable[[], object]) -> Callable[[], None]:
        def run() -> None:
            for _ in range(1000):
                call()

        return run

    due = thousand(lambda: deadline(rules.calendar, NOW_MS, limit))
    say("1,000 deadlines of one working day", median_ms(due, 20), median_ms(thousand(empty), 20), 10)


HELLO = (
    "from PySide6.QtWidgets import QApplication, QWidget; a=QApplication([]); w=QWidget(); w.show(); a.processEvents()"
)
CONSOLE = """
import sys
from pathlib import Path
from PySide6.QtWidgets import QApplication
a = QApplication([])
from desktop.console import Console
from desktop.station import Station
from models.clock import SystemClock
from services.session import Entered
s = Station(Path(sys.argv[1]), "http://127.0.0.1:9", SystemClock())
s.device, s.unit, s.slot = "D", "341002102", "A"
c = Console(s, Entered("341002102-clerk-1", "", True))
c.window.show(); a.processEvents(); c.end()
"""


OPENING = """
import sys
from PySide6.QtWidgets import QApplication
from desktop import commands
from desktop.opening import Opening
a = commands._application()
Opening(a)
"""


def bench_start(folder: Path) -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}

    def start(code: str, *arguments: str) -> None:
        subprocess.run([sys.executable, "-c", code, *arguments], cwd=ROOT, env=environment, check=True, timeout=60)

    from desktop.station import Station
    from models.clock import SystemClock
    from models.store.console_tables import document
    from models.wire import encode

    station = Station(folder / "start", "http://127.0.0.1:9", SystemClock())
    with station.work() as work:
        body = encode(load_reference(ROOT / "resources" / "reference"))
        work.connection.execute(document.insert().values(name="reference", body=body))
        work.commit()
    station.engine.dispose()
    start(CONSOLE, str(folder / "start"))
    hello = median_ms(lambda: start(HELLO), 7)
    say("cold start to the opening window", median_ms(lambda: start(OPENING), 7), hello, 1.4)
    whole = median_ms(lambda: start(CONSOLE, str(folder / "start")), 7)
    say("cold start to the queue, no goal set", whole, hello, float("inf"))


def main() -> None:
    application = QApplication([])
    qInstallMessageHandler(lambda *_: None)
    rules = Rules(load_reference(ROOT / "resources" / "reference"))
    with tempfile.TemporaryDirectory() as base:
        bench_deadline(rules)
        page, work = bench_store(Path(base), rules)
        bench_tick(application, page)
        work.__exit__(None, None, None)
        bench_start(Path(base))
    del application


if __name__ == "__main__":
    main()
