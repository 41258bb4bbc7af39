"""A workstation with nothing in its store yet, in a process of its own, so that its memory is its own too.

    python -m tests.bench.newcomer FOLDER ADDRESS DEVICE TOKEN UNIT TIMES

Each time a first sync by the shipped exchange into a new encrypted store; then as often the least it can be: the same parts
downloaded by plain HTTP, and the same rows inserted by the driver into such a store, in one synced transaction. One line of JSON.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import requests

from models.clock import SystemClock
from models.ids import id_source
from models.store.case_table import case_row, values_of
from models.store.engine import open_file
from models.store.migrate import migrate
from models.store.store_key import StoreKey
from models.store.work import Work
from models.wire import SnapshotManifest, decode_case, encode
from services.sync import machine
from services.sync.line import Credentials, Line
from services.sync.round import Exchange
from tests.bench.measuring import note
from tests.bench.memory import forget_peak, peak_mb

T = TypeVar("T")
KEY = StoreKey("4d" * 32)
_NAMES = ", ".join(column.name for column in case_row.columns)
_INSERT = f"INSERT INTO case_row ({_NAMES}) VALUES ({', '.join('?' * len(case_row.columns))})"


class Told(msgspec.Struct):
    """What it found: ms, MB, bytes."""

    held: int
    took_ms: list[float]
    floor_ms: list[float]
    before_mb: float
    peak_mb: float
    wire_bytes: int
    plain_bytes: int


class NewConsole:
    """A workstation of the unit with nothing in its store yet but the reference data."""

    def __init__(self, file: Path, line: Line, unit: str) -> None:
        self._clock = SystemClock()
        self.engine = open_file(file, KEY)
        migrate(self.engine)
        self._line = line
        self._rules: Any = None
        self.exchange = Exchange(self.database, unit, self._rules_arrived, wait_seconds=0)
        self.database(lambda work: (work.write_meta("device", line.device), work.commit()))
        self.exchange.do(machine.FetchReference(), line)

    def _rules_arrived(self, rules: Any) -> None:
        self._rules = rules

    def database(self, job: Any) -> Any:
        with Work(self.engine, self._rules, self._clock, id_source(self._clock)) as work:
            return job(work)

    def sync(self) -> None:
        assert isinstance(self.exchange.do(machine.TakeSnapshot(), self._line), machine.SnapshotTaken)


def downloaded(line: Line, manifest: SnapshotManifest) -> tuple[list[bytes], int]:
    """The parts by plain HTTP, and how many bytes of answers came over the line."""
    parts, wire = [], 0
    with requests.Session() as session:
        session.trust_env = False
        session.headers.update(line._session.headers)
        for part in manifest.parts:
            answer = session.get(f"{line.address}/v1/snapshot/{part.sha256}")
            parts.append(answer.content)
            wire += answer.raw.tell()
    return parts, wire


def inserted(file: Path, rows: list[tuple[Any, ...]]) -> float:
    """ms that the rows take into a new encrypted store."""
    engine = open_file(file, KEY)
    migrate(engine)
    began = time.perf_counter()
    with engine.connect() as connection:
        connection.exec_driver_sql(_INSERT, rows)
        connection.commit()
    took = (time.perf_counter() - began) * 1_000
    engine.dispose()
    return took


def synced(file: Path, line: Line, unit: str) -> float:
    """ms that a first sync takes into a new store."""
    console = NewConsole(file, line, unit)
    began = time.perf_counter()
    console.sync()
    took = (time.perf_counter() - began) * 1_000
    console.engine.dispose()
    return took


def measured(folder: Path, line: Line, unit: str, times: int) -> Told:
    """First syncs and their floor, in turn."""
    NewConsole(folder / "empty.sqlite", line, unit).engine.dispose()
    forget_peak(os.getpid())
    before = peak_mb(os.getpid())
    took, floor = [synced(folder / "0.sqlite", line, unit)], []
    peak = peak_mb(os.getpid())
    manifest = line.snapshot()
    parts, wire = downloaded(line, manifest)
    rows = [values_of(decode_case(line)) for body in parts for line in body.splitlines()]
    for number in range(1, times + 1):
        began = time.perf_counter()
        downloaded(line, manifest)
        fetched = (time.perf_counter() - began) * 1_000
        floor.append(fetched + inserted(folder / f"floor-{number}.sqlite", rows))
        if number < times:
            took.append(synced(folder / f"{number}.sqlite", line, unit))
    return Told(len(rows), took, floor, before, peak, wire, sum(part.size for part in manifest.parts))


def main() -> None:
    folder, address, device, token, unit, times = sys.argv[1:]
    line = Line(address, SystemClock(), Credentials(device, token))
    note(encode(measured(Path(folder), line, unit, int(times))).decode())


if __name__ == "__main__":
    main()
