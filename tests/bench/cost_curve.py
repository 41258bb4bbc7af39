"""What a day costs where years of cases already lie (sync.md §3.11): it must follow what changes, not what exists.

    python -m tests.bench.cost_curve [--a-year CASES] [--earlier CASES] [--database FILE] [SIZE ...]

For each size (10,000 and 100,000 unless said) a real centre process over so many cases of real acts, generated first, which takes
longer than anything that is measured: 10,000 of them in the year that ends now (`--a-year`), the rest in the five before. Then a
sub-centre's workstation that syncs for the first time, with as many own acts of those years in its outbox as its share of the
cases is worth, and the parts of a day (tests/bench/day.py). `--earlier`: beside those, copies of ended cases as bulk rows, as many
as make so many cases in all. `--database`: at a district made before, with its keys in `keys` beside it.
"""

from __future__ import annotations

import argparse
import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from sqlalchemy import text

from models.errors import Weather
from tests.bench.day import bench_day, own_past
from tests.bench.history import add_earlier_years, cases_of, made
from tests.bench.measuring import note
from tests.bench.newcomer import KEY
from tests.whole.bad_line import bad_line
from tests.whole.parties import KEYS, Centre, Console

TOWN = "341002102"
SIZES = (10_000, 100_000)
TOWNS, OWN_ACTS_A_CASE = 9, 4
UNCUT, TRIES = 1 << 50, 30


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
        console = Console(folder, centre, unit, person, key=KEY)
        console.line.address = f"http://127.0.0.1:{line.port}"
        took = timed_ms(lambda: until_it_has_cases(console))
        told = f"{count(console):,} cases in {took / 1_000:.2f} s, {line.received / 1e6:.2f} MB down"
        console.line.address = centre.address
    return console, told


def looked_for(console: Console, words: str) -> str:
    """Older cases, asked of the centre."""
    began = time.perf_counter()
    try:
        found = console.line.past_cases(words)
    except Weather:
        return f"none heard of in {time.perf_counter() - began:.0f} s"
    told = f"{len(found.cases)} found{', and more' if found.more else ''}"
    return f"{told}, {(time.perf_counter() - began) * 1_000:.0f} ms"


def bench(folder: Path, database: str, keys: Path) -> None:
    """One district."""
    centre = Centre(database, keys)
    try:
        size = cases_of(database)
        own = size // TOWNS * OWN_ACTS_A_CASE
        stored = Path(database.removeprefix("sqlite:///")).stat().st_size
        note(f"{size:,} cases at the centre, database {stored / 1e6:,.0f} MB; {own:,} own acts on a workstation")
        one, told = first_sync(folder, centre, TOWN, f"{TOWN}-clerk-1")
        note(f"    first sync: {told}")
        for words in ("龙山", "不会有的字"):
            note(f"    older cases with “{words}”: {looked_for(one, words)}")
        own_past(one, database, own)
        other = Console(folder, centre, TOWN, f"{TOWN}-clerk-2", key=KEY)
        until_it_has_cases(other)
        bench_day(folder, one, other, database)
        for console in (one, other):
            console.close()
    finally:
        centre.end(signal.SIGKILL)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.cost_curve")
    parser.add_argument("--a-year", type=int, default=10_000)
    parser.add_argument("--earlier", type=int, default=0)
    parser.add_argument("--database", type=Path)
    parser.add_argument("sizes", type=int, nargs="*")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as base:
        if asked.database is not None:
            file = asked.database.absolute()
            add_earlier_years(f"sqlite:///{file}", asked.earlier)
            bench(Path(base), f"sqlite:///{file}", file.parent / "keys")
            return
        for size in asked.sizes or SIZES:
            folder = Path(base) / str(size)
            database = made(folder, size, asked.a_year)
            add_earlier_years(database, asked.earlier)
            bench(folder, database, KEYS)


if __name__ == "__main__":
    main()
