"""What a day costs where a year of cases already lies (sync.md §3.11): it must follow what changes, not what exists.

    python -m tests.bench.cost_curve [--earlier CASES] [SIZE ...]

For each size (10,000 and 100,000 unless said) a real centre process over a year of so many reports, generated first, which takes
longer than anything that is measured; a sub-centre's workstation that syncs for the first time, the district's own, and then a
shift's acts between two desks. `--earlier`: beside that year, copies of its ended cases as bulk rows, as many as make so many
cases in all, ended years before; and older cases are looked for.
"""

from __future__ import annotations

import argparse
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import text

from models import commands as c
from models.clock import DAY_MS
from models.organisation import DISTRICT_CODE
from models.store.case_table import case_row
from models.store.engine import open_engine
from models.views import QueueQuery
from services import queue
from tests.bench.measuring import note
from tests.bench.outage import MATTER
from tests.bench.start import ROOT
from tests.whole.bad_line import bad_line
from tests.whole.parties import Centre, Console, initialise

TOWN = "341002102"
SIZES = (10_000, 100_000)
ACTS = 40
UNCUT, TRIES = 1 << 50, 30


def made(folder: Path, size: int) -> str:
    """A district with a generated year of so many reports."""
    database = f"sqlite:///{folder}/{size}.sqlite"
    initialise(database)
    year = [sys.executable, "-m", "district.year", "--database", database, "--reports", str(size)]
    subprocess.run(year, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=3_600)
    return database


def add_earlier_years(database: str, wanted: int) -> None:
    """Copies of the ended cases, each round a year earlier, until there are so many cases. Their documents are those of the
    originals: nobody reads them but whoever looks for older cases."""
    engine = open_engine(database)
    with engine.begin() as connection:
        have = int(connection.execute(text("SELECT count(*) FROM case_row")).scalar_one())
        last = int(connection.execute(text("SELECT max(rowid) FROM case_row")).scalar_one())
        columns = [c.name for c in case_row.columns if c.name not in ("id", "ended_by", "reported_at", "closed_at")]
        names, year = ", ".join(columns), 365 * DAY_MS
        round_of = 0
        while have < wanted:
            round_of += 1
            back = round_of * year
            mine = f"WHERE rowid <= {last} AND is_open = 0 LIMIT {wanted - have}"
            copied = connection.execute(
                text(
                    f"INSERT INTO case_row (id, ended_by, reported_at, closed_at, {names}) SELECT id || '-{round_of}',"
                    f" ended_by - {back}, reported_at - {back}, closed_at - {back}, {names} FROM case_row {mine}"
                )
            )
            have += copied.rowcount
        connection.execute(
            text(
                "INSERT INTO case_scope (case_id, scope) SELECT r.id, s.scope FROM case_row r"
                " JOIN case_scope s ON s.case_id = substr(r.id, 1, 36) WHERE length(r.id) > 36"
            )
        )
        connection.execute(text("ANALYZE"))
    engine.dispose()


def timed_ms(job: Callable[[], object]) -> float:
    """How long it takes."""
    began = time.perf_counter()
    job()
    return (time.perf_counter() - began) * 1_000


def count(console: Console) -> int:
    """Cases of its store."""
    return int(
        console.database(lambda work: work.connection.execute(text("SELECT count(*) FROM case_row")).scalar_one())
    )


def until_it_has_cases(console: Console) -> None:
    """A large snapshot takes the centre longer to make than a request waits; the next try finds it made."""
    for _ in range(TRIES):
        console.settle()
        if count(console):
            return


def first_sync(folder: Path, centre: Centre, unit: str, person: str) -> tuple[Console, str]:
    """A new workstation takes its snapshot, through a counting line."""
    with bad_line(centre.port, UNCUT, 1) as line:
        console = Console(folder, centre, unit, person)
        console.line.address = f"http://127.0.0.1:{line.port}"
        took = timed_ms(lambda: until_it_has_cases(console))
        told = f"{count(console):,} cases in {took / 1_000:.2f} s, {line.received / 1e6:.2f} MB down"
        console.line.address = centre.address
    return console, told


def looked_for(console: Console, words: str) -> str:
    """Older cases, asked of the centre."""
    began = time.perf_counter()
    found = console.line.past_cases(words)
    told = f"{len(found.cases)} found{', and more' if found.more else ''}"
    return f"{told}, {(time.perf_counter() - began) * 1_000:.0f} ms"


def shift(one: Console, other: Console) -> dict[str, list[float]]:
    """A report at a time: saved here, handed in, heard of there, and the first page of the queue read again."""
    found: dict[str, list[float]] = {"save": [], "hand in": [], "hear of it": [], "queue page": []}
    for number in range(ACTS):
        report = c.Report("", "volunteer", MATTER, f"店外堆放 {number}", "龙山路口", one.unit, f"{one.unit}003")
        found["save"].append(timed_ms(lambda told=report: one.act(told)))
        found["hand in"].append(timed_ms(one.settle_acts))
        found["hear of it"].append(timed_ms(other.settle))
        page = lambda: other.database(lambda work: queue.page(work, other.desk, QueueQuery(), 0, 50))  # noqa: E731
        found["queue page"].append(timed_ms(page))
    return found


def bench(folder: Path, size: int, database: str) -> None:
    """One size."""
    centre = Centre(database)
    try:
        note(
            f"{size:,} reports; district database {Path(database.removeprefix('sqlite:///')).stat().st_size / 1e6:,.0f} MB"
        )
        district, told = first_sync(folder, centre, DISTRICT_CODE, f"{DISTRICT_CODE}-operator-1")
        note(f"    first sync, the district's own: {told}")
        one, told = first_sync(folder, centre, TOWN, f"{TOWN}-clerk-1")
        note(f"    first sync, a sub-centre: {told}")
        for words in ("龙山", "不会有的字"):
            note(f"    older cases with “{words}”: {looked_for(one, words)}")
        other = Console(folder, centre, TOWN, f"{TOWN}-clerk-2")
        other.settle()
        for name, took in shift(one, other).items():
            ordered = sorted(took)
            note(f"    {name}: p50 {statistics.median(took):.1f} ms, p95 {ordered[int(len(took) * 0.95)]:.1f} ms")
        for console in (district, one, other):
            console.close()
    finally:
        centre.end(signal.SIGKILL)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.cost_curve")
    parser.add_argument("--earlier", type=int, default=0)
    parser.add_argument("sizes", type=int, nargs="*")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as base:
        for size in asked.sizes or SIZES:
            folder = Path(base) / str(size)
            folder.mkdir()
            database = made(folder, size)
            add_earlier_years(database, asked.earlier)
            bench(folder, size, database)


if __name__ == "__main__":
    main()
