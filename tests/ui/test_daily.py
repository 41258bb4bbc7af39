"""A console that nobody closes erases what it need not keep once a day, by the second's tick of the program."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from desktop.open_file import OpenFile
from desktop.station import Station
from models.clock import DAY_MS, SystemClock
from models.evidence import Anchor
from models.ids import uuid7
from models.rules import Rules
from models.store import personal
from models.store.work import Work
from services.requester import KEPT_DAYS
from services.secrets import Secrets
from services.vault import Vault
from tests.store.make_sample import unpacked

NOW_MS = 1_800_000_000_000
ADDRESS = "http://127.0.0.1:9"


@pytest.fixture
def file(application: QApplication, rules: Rules, tmp_path: Path) -> Iterator[OpenFile]:
    unpacked(tmp_path)
    station = Station(tmp_path, ADDRESS, SystemClock(), Secrets(tmp_path, ADDRESS, Vault(None)))
    with station.work() as work:
        work.keep_anchor(Anchor(NOW_MS, station.clock.mono_ms(), 10, station.clock.boot_id()))
        work.commit()
    made = OpenFile(station, rules)
    yield made
    made.end()
    station.engine.dispose()


def keep(file: OpenFile, name: str, days: int) -> str:
    """A record the centre has, of a case that ended, reported so many days ago."""
    case_id = uuid7(NOW_MS - days * DAY_MS, name.encode().ljust(10)[:10])

    def job(work: Work) -> None:
        personal.keep(work.connection, name, case_id, name.encode())
        personal.mark_sent(work.connection, name)
        work.commit()

    file.jobs.wait(job)
    return case_id


def is_kept(file: OpenFile, case_id: str) -> bool:
    return bool(file.jobs.wait(lambda work: personal.of_case(work.connection, case_id)))


def test_old_records_go_once_a_day_while_the_program_runs(file: OpenFile) -> None:
    began_ms = file.station.clock.mono_ms()
    old, young = keep(file, "old", KEPT_DAYS + 1), keep(file, "young", KEPT_DAYS - 1)
    file.tick(began_ms)
    assert is_kept(file, old), "the start has just done it"
    file.tick(began_ms + DAY_MS)
    assert (is_kept(file, old), is_kept(file, young)) == (False, True)
    another = keep(file, "another", KEPT_DAYS + 1)
    file.tick(began_ms + DAY_MS + 1_000)
    assert is_kept(file, another), "once a day"
    file.tick(began_ms + 2 * DAY_MS)
    assert (is_kept(file, another), is_kept(file, young)) == (False, True)
