"""First syncs over HTTP, by the shipped exchange into an encrypted store, against the least it can be: the same parts downloaded
and the same rows inserted, synced to the disk (tests/bench/newcomer.py).

    python -m tests.bench.first_sync [--cases 10000] [--database FILE]

The centre is a process with a generated past year; a workstation is given what goes on and what ended in the last 90 days
(models/retention.py): the district's own unit of every town, a sub-centre its own. `--cases` says how many are at the centre;
`--database` measures at a district made before (tests/bench/history.py) instead, with its keys in `keys` beside it.
"""

from __future__ import annotations

import argparse
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import requests

from models.clock import SystemClock
from models.organisation import DISTRICT_CODE
from models.wire import SnapshotManifest, decode
from services.enrolment import enrol
from services.sync.line import Credentials, Line
from tests.bench.history import cases_of, made
from tests.bench.measuring import note, say
from tests.bench.memory import forget_peak, peak_mb
from tests.bench.newcomer import Told
from tests.whole.parties import KEYS, ROOT, Centre

TOWN = "341002102"
FOR_BENCH = 40_000
"""Of which a quarter goes on, or ended in the last 90 days: a little over 10,000 cases are held."""
TIMES, GOAL = 3, 2.0
PATIENCE_SECONDS = 600


def registered(centre: Centre, unit: str) -> Credentials:
    """A workstation of the unit."""
    told = enrol(centre.address, centre.code(unit), SystemClock()).registered
    return Credentials(told.device, told.token)


def taken(line: Line) -> tuple[SnapshotManifest, float]:
    """The unit's snapshot, waited for as long as it takes the centre to make it, and how many ms that was."""
    began = time.perf_counter()
    headers = dict(line._session.headers)
    answer = requests.get(f"{line.address}/v1/snapshot", headers=headers, timeout=PATIENCE_SECONDS)
    return decode(answer.content, SnapshotManifest), (time.perf_counter() - began) * 1_000


def bench_unit(folder: Path, centre: Centre, unit: str) -> None:
    """First syncs of one unit, and what they take of memory on both sides."""
    known = registered(centre, unit)
    line = Line(centre.address, SystemClock(), known)
    assert centre.process is not None and centre.process.pid is not None
    forget_peak(centre.process.pid)
    before = peak_mb(centre.process.pid)
    manifest, making = taken(line)
    kept = taken(line)[1]
    made_with = peak_mb(centre.process.pid)
    forget_peak(centre.process.pid)
    folder.mkdir(parents=True)
    command = [sys.executable, "-m", "tests.bench.newcomer", str(folder), centre.address, known.device, known.token]
    said = subprocess.run([*command, unit, str(TIMES)], cwd=ROOT, check=True, stdout=subprocess.PIPE, timeout=3_600)
    told = decode(said.stdout, Told)
    took, floor = statistics.median(told.took_ms), statistics.median(told.floor_ms)
    say(f"first sync of {told.held:,} cases, {unit}", took, floor, GOAL)
    note(
        f"    snapshot: made in {making:,.0f} ms, {len(manifest.parts)} parts, asked for again {kept:.1f} ms;"
        f" {told.wire_bytes / 1e6:.2f} MB on the line, {told.plain_bytes / 1e6:.1f} MB unpacked"
    )
    note(
        f"    memory: console {told.before_mb:.0f} → {told.peak_mb:.0f} MB; centre {before:.0f} → {made_with:.0f} MB making"
        f" it, {peak_mb(centre.process.pid):.0f} MB giving it out"
    )
    line.close()


def bench_first_sync(folder: Path, cases: int = FOR_BENCH, units: tuple[str, ...] = (DISTRICT_CODE,)) -> None:
    """A district with so many cases, and the first workstation of each of these units."""
    bench_database(folder, made(folder / "district", cases), KEYS, units)


def bench_database(folder: Path, database: str, keys: Path, units: tuple[str, ...]) -> None:
    """The same at a district that is there already."""
    centre = Centre(database, keys)
    try:
        size = Path(database.removeprefix("sqlite:///")).stat().st_size
        note(f"{cases_of(database):,} cases at the centre, database {size / 1e6:,.0f} MB")
        for unit in units:
            bench_unit(folder / unit, centre, unit)
    finally:
        centre.end(signal.SIGKILL)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.first_sync")
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--database", type=Path)
    asked = parser.parse_args()
    units = (TOWN, DISTRICT_CODE)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as base:
        if asked.database is None:
            bench_first_sync(Path(base), asked.cases, units)
        else:
            file = asked.database.absolute()
            bench_database(Path(base), f"sqlite:///{file}", file.parent / "keys", units)


if __name__ == "__main__":
    main()
