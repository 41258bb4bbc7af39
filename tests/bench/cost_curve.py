"""What a day costs where a year of cases already lies (sync.md §3.11): it must follow what changes, not what exists.

    python -m tests.bench.cost_curve [SIZE ...]

For each size (10,000 and 100,000 unless said) a real centre process over a year of so many reports, generated first, which takes
longer than anything that is measured; a sub-centre's workstation that syncs for the first time, the district's own, and then a shift's acts between two desks.
"""

from __future__ import annotations

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
from models.organisation import DISTRICT_CODE
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
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as base:
        for size in [int(word) for word in sys.argv[1:]] or SIZES:
            folder = Path(base) / str(size)
            folder.mkdir()
            bench(folder, size, made(folder, size))


if __name__ == "__main__":
    main()
