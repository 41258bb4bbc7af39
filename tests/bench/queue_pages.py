"""Pages and figures of a queue of 100,000 cases, against a raw cursor of the same driver."""

from __future__ import annotations

from pathlib import Path

from models.case import Case, State
from models.evidence import Moment, exactly
from models.reference_files import EDITION
from models.rules import Rules
from models.store.case_table import ROW_FIELDS, put_cases
from models.store.engine import open_file
from models.store.migrate import migrate
from models.store.search import index_cases
from models.store.work import Work
from models.views import QueuePage, QueueQuery
from services import queue
from services.desk import Desk
from tests.bench.measuring import median_ms, say

TOWN = "341002102"
NOW_MS = 1_795_399_200_000
ROWS = 100_000


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
