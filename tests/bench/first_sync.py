"""A first sync of 10,000 cases over HTTP, by the shipped exchange, against the least it can be: the same parts downloaded
and the same rows inserted, synced to the disk.

The centre is a process with a generated past year; the district's own unit sees every case of it that a snapshot holds
(models/retention.py). The centre has taken its snapshot before, in both: what is measured is the console.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, TypeVar

import requests

from models.clock import SystemClock
from models.ids import id_source
from models.store.case_table import case_row, values_of
from models.store.engine import open_file
from models.store.migrate import migrate
from models.store.work import Work
from models.wire import SnapshotManifest, decode_case
from services.enrolment import enrol
from services.sync import machine
from services.sync.line import Credentials, Line
from services.sync.round import Exchange
from tests.bench.measuring import in_turn_ms, say
from tests.whole.parties import ROOT, Centre, initialise

T = TypeVar("T")
DISTRICT = "341002"
REPORTS = 40_000
"""Of which a quarter went on, or ended in the last 90 days: a little over 10,000 cases."""
TIMES = 5


class NewConsole:
    """A workstation of the district's unit with nothing in its store yet but the reference data."""

    def __init__(self, file: Path, line: Line) -> None:
        self._clock = SystemClock()
        self.engine = open_file(file)
        migrate(self.engine)
        self._line = line
        self._rules: Any = None
        self.database(lambda work: (work.write_meta("device", line.device), work.commit()))
        self.exchange = Exchange(self.database, DISTRICT, self._rules_arrived, wait_seconds=0)
        self.exchange.do(machine.FetchReference(), line)

    def _rules_arrived(self, rules: Any) -> None:
        self._rules = rules

    def database(self, job: Any) -> Any:
        with Work(self.engine, self._rules, self._clock, id_source(self._clock)) as work:
            return job(work)

    def sync(self) -> None:
        assert isinstance(self.exchange.do(machine.TakeSnapshot(), self._line), machine.SnapshotTaken)


def _download(line: Line, address: str, manifest: SnapshotManifest) -> list[bytes]:
    with requests.Session() as session:
        session.trust_env = False
        session.headers.update(line._session.headers)
        return [session.get(f"{address}/v1/snapshot/{part.sha256}").content for part in manifest.parts]


def bench_first_sync(folder: Path) -> None:
    database = f"sqlite:///{folder}/district.sqlite"
    initialise(database)
    year = [sys.executable, "-m", "district.year", "--database", database, "--reports", str(REPORTS)]
    subprocess.run(year, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=900)
    centre = Centre(database)
    try:
        told = enrol(centre.address, centre.code(DISTRICT), SystemClock()).registered
        line = Line(centre.address, SystemClock(), Credentials(told.device, told.token))
        _compare(folder, line, centre.address)
    finally:
        centre.end(signal.SIGKILL)


def _compare(folder: Path, line: Line, address: str) -> None:
    manifest = line.snapshot()
    lines = [line for body in _download(line, address, manifest) for line in body.splitlines()]
    rows = [values_of(decode_case(document)) for document in lines]
    empty = open_file(folder / "floor.sqlite")
    migrate(empty)
    names = ", ".join(column.name for column in case_row.columns)
    insert = f"INSERT INTO case_row ({names}) VALUES ({', '.join('?' * len(case_row.columns))})"

    def floor() -> None:
        _download(line, address, manifest)
        with empty.connect() as connection:
            connection.exec_driver_sql("DELETE FROM case_row")
            connection.exec_driver_sql(insert, rows)
            connection.commit()

    console = NewConsole(folder / "first.sqlite", line)
    least, taken = in_turn_ms(floor, console.sync, TIMES)
    say(f"first sync of {len(lines):,} cases", taken, least, 2.0)
