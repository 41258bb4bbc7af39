"""A disk with no room left: a small memory disk when this machine lets us mount one, else SQLite's own limit of pages.

An act is then said to be not saved, nothing of it is kept, and the same act works when there is room again.
"""

from __future__ import annotations

import errno
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from desktop.first_run import start_words
from desktop.jobs import DatabaseThread
from models import commands as c
from models.errors import Refused
from models.ids import id_source
from models.store import outbox
from models.store.opening import is_damaged, open_store
from models.store.trouble import worded
from models.store.work import Work
from services import cases
from services.secrets import Secrets
from services.sync import machine
from services.sync.driver import fact_of
from services.vault import Vault
from tests.faults.disks import fill
from tests.store.make_sample import STALLS, STATION, TOWN, Workstation
from ui import words

NOW_MS = 1_795_402_800_000
REPORT = c.Report("", "grid", STALLS, "店外堆放", "龙山路口", TOWN, STATION, words="占道" * 3_000)


@pytest.fixture
def small_disk() -> Iterator[Path]:
    """A disk of 3 MB of its own."""
    with tempfile.TemporaryDirectory() as folder:
        mounted = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", folder], capture_output=True, check=False
        )
        if mounted.returncode:
            pytest.skip("a memory disk cannot be mounted here")
        yield Path(folder)
        subprocess.run(["umount", "-l", folder], check=True)


def counts(station: Workstation) -> tuple[int, int, int]:
    """How many acts, cases and indexed cases the store holds."""
    with station.engine.connect().execution_options(read_only=True) as connection:
        asked = ("outbox", "case_row", "case_search")
        found = [int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() or 0) for table in asked]
        assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    return found[0], found[1], found[2]


class Seat:
    """The console's own database thread, asked as the screens ask it."""

    def __init__(self, station: Workstation) -> None:
        self.station = station
        self.jobs = DatabaseThread(station.engine, station.rules, station.clock, id_source(station.clock))

    def act(self, args: c.Args = REPORT) -> cases.Acted:
        def job(work: Work) -> cases.Acted:
            acted = cases.act(work, self.station.desk, args)
            work.commit()
            return acted

        return self.jobs.wait(job)

    def until_refused(self) -> tuple[int, Refused]:
        """Act until it is refused; how many acts were promised, and the refusal."""
        for promised in range(2_000):
            try:
                self.act()
            except Refused as error:
                return promised, error
        raise AssertionError("the disk never filled")


def test_an_act_on_a_full_disk_is_refused_whole_and_works_again(small_disk: Path) -> None:
    station = Workstation(small_disk / "store.sqlite")
    seat = Seat(station)
    seat.act()
    filler = fill(small_disk, leave=200_000)
    promised, error = seat.until_refused()
    assert error.code == "store_full" and "磁盘已满" in words.refusal(error.code, error.args_by_name, {})
    assert counts(station) == (promised + 1,) * 3, "what was promised is there, nothing of the refused act is"
    again, error = seat.until_refused()
    assert (again, error.code) == (0, "store_full"), "it stays refused, and reading goes on"
    filler.unlink()
    acted = seat.act()
    assert counts(station) == (promised + 2,) * 3
    with station.work() as work:
        assert outbox.unsent(work.connection).count == promised + 2
        assert outbox.head(work.connection)[0] == promised + 2, "the chain has no hole"
    assert acted.number.endswith(f"{promised + 2:03d}"), "no number was lost either"
    seat.jobs.end()
    station.close()
    assert not is_damaged(station.file)


@pytest.mark.parametrize("leave", [0, 4096, 40_960])
def test_opening_on_a_full_disk_says_so_and_touches_nothing(small_disk: Path, leave: int) -> None:
    station = Workstation(small_disk / "store.sqlite")
    station.case(1)
    station.close()
    before = station.file.read_bytes()
    filler = fill(small_disk, leave)
    try:
        open_store(station.file, NOW_MS).dispose()
    except Refused as error:
        assert error.code == "store_full"
    assert station.file.read_bytes() == before
    with pytest.raises(Refused) as caught:
        open_store(small_disk / "second" / "store.sqlite", NOW_MS)
    assert caught.value.code == "store_full"
    filler.unlink()
    again = Workstation(station.file)
    assert counts(again)[0] == 3
    again.close()
    open_store(small_disk / "second" / "store.sqlite", NOW_MS).dispose()


def test_a_damaged_store_on_a_full_disk_waits_for_room(small_disk: Path) -> None:
    """The salvage needs room of its own; until there is some, the damaged file stays where and as it is."""
    station = Workstation(small_disk / "store.sqlite")
    station.case(1)
    station.close()
    raw = station.file.read_bytes()
    station.file.write_bytes(bytes(4096) + raw[4096:])
    filler = fill(small_disk, leave=50_000)
    with pytest.raises(Refused) as caught:
        open_store(station.file, NOW_MS)
    assert caught.value.code == "store_full" and station.file.read_bytes()[4096:] == raw[4096:]
    filler.unlink()
    again = Workstation(station.file)
    assert counts(again)[0] == 3
    again.close()


def test_a_small_file_is_there_whole_or_as_it_was(small_disk: Path) -> None:
    token = small_disk / "token"
    secrets = Secrets(small_disk, "http://127.0.0.1:1", Vault(_no_keyring))
    secrets.store("D-1", "first")
    before = token.read_bytes()
    filler = fill(small_disk)
    with pytest.raises(Refused) as caught:
        secrets.store("D-1", "second" * 10_000)
    assert caught.value.code == "store_full" and token.read_bytes() == before
    assert not list(small_disk.glob("*.making"))
    filler.unlink()
    secrets.store("D-1", "second")
    assert secrets.read("D-1") == "second" and oct(token.stat().st_mode)[-3:] == "600"


def _no_keyring(call: object, seconds: float) -> None:
    raise TimeoutError


def test_the_same_with_the_limit_of_pages_alone(tmp_path: Path) -> None:
    """Runs everywhere: SQLite answers SQLITE_FULL at its page limit, as it does for a disk."""
    station = Workstation(tmp_path / "store.sqlite")
    with station.engine.connect() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count = {int(pages) + 25}"))
    promised: list[str] = []
    with pytest.raises(DBAPIError) as caught:
        while len(promised) < 1_000:
            promised.append(station.act(REPORT).cmd_id)
    refused = worded(caught.value, station.file)
    assert isinstance(refused, Refused) and refused.code == "store_full"
    assert counts(station) == (len(promised),) * 3
    with station.engine.connect() as connection:
        connection.execute(text("PRAGMA max_page_count = 1000000"))
    station.act(REPORT)
    assert counts(station) == (len(promised) + 1,) * 3
    station.close()


@pytest.mark.parametrize("code", ["store_full", "store_io"])
def test_the_exchange_with_the_centre_goes_on_by_itself_when_the_disk_does(code: str) -> None:
    def full() -> machine.Fact:
        raise Refused(code)

    fact = fact_of(machine.Pull(), full, lambda: 0.5)
    sync, effects = machine.step(machine.Sync(phase=machine.Phase.ONLINE, pulling=True), fact)
    assert sync.phase is machine.Phase.WAITING and sync.reason == code
    assert isinstance(effects[0], machine.Wait)
    sync, effects = machine.step(sync, machine.TimerFired())
    assert effects == (machine.SayHello(),)


def test_a_full_disk_is_told_at_the_start() -> None:
    assert "磁盘已满" in start_words(Refused("store_full"))
    assert "磁盘已满" in start_words(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    told = start_words(PermissionError(errno.EACCES, "denied", "/data/console.log"))
    assert "/data" in told and "权限" in told
