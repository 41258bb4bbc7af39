"""I22 by itself: a store that is not sound is missed; and what a disk may hold after a power cut."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from models.store.opening import open_store
from tests.faults import told
from tests.faults.disk_image import SECTOR, Disk, Step, steps
from tests.faults.rest import STORE, stores_are_whole
from tests.faults.told import Told
from tests.invariants.at_rest import Violation

NOW_MS = 1_795_402_800_000


@pytest.fixture
def workstation(tmp_path: Path) -> Path:
    told.keep(tmp_path, Told("http://127.0.0.1:1", "341002102", "", "0:0:1", "test"))
    open_store(tmp_path / STORE, NOW_MS).dispose()
    stores_are_whole([tmp_path])
    return tmp_path


def test_a_torn_page_is_missed(workstation: Path) -> None:
    store = workstation / STORE
    raw = bytearray(store.read_bytes())
    raw[4096 * 3 : 4096 * 3 + 100] = bytes(100)
    store.write_bytes(raw)
    with pytest.raises(Violation) as missed:
        stores_are_whole([workstation])
    assert missed.value.rule == "I22"


def test_a_store_that_was_set_aside_is_missed(workstation: Path) -> None:
    store = workstation / STORE
    store.with_name("store.damaged-20261123-113000.sqlite").write_bytes(b"")
    with pytest.raises(Violation, match="taken for damaged"):
        stores_are_whole([workstation])


def test_a_store_that_should_be_encrypted_and_is_not_is_missed(workstation: Path) -> None:
    known = told.read(workstation)
    (workstation / told.FILE).unlink()
    told.keep(workstation, Told(known.address, known.unit, "", known.clock, known.seed, passphrase="sealed sealed"))
    from services.sealed_file import new_sealed_file

    new_sealed_file(workstation / told.STATION / "sealed", "sealed sealed")
    with pytest.raises(Violation, match="encrypted or not"):
        stores_are_whole([workstation])


TRACE = r"""
100 openat(AT_FDCWD</x>, "\x2f\x64\x2f\x61", O_RDWR|O_CREAT|O_CLOEXEC, 0644) = 5</d/a>
100 pwrite64(5</d/a>, "\x41\x42", 2, 510) = 2
100 fdatasync(5</d/a>) = 0
101 pwrite64(5</d/a>, "\x43", 1, 512) = 1
101 pwrite64(7</elsewhere/b>, "\x43", 1, 512) = 1
101 pwrite64(5</d/a>, "\x43", 1, 0) = -1 ENOSPC (No space left on device)
100 write(1<pipe:[1]>, "\x69\x64\x0a", 3) = 3
100 ftruncate(5</d/a>, 0) = 0
"""


def test_a_trace_is_read() -> None:
    assert list(steps(TRACE, Path("/d"))) == [
        Step("create", "/d/a"),
        Step("write", "/d/a", 510, b"AB"),
        Step("sync", "/d/a"),
        Step("write", "/d/a", 512, b"C"),
        Step("said", "", 0, b"id\n"),
        Step("truncate", "/d/a", 0),
    ]


def test_what_was_synced_is_always_there_and_the_rest_sometimes(tmp_path: Path) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    before.mkdir()
    after.mkdir()
    (before / "a").write_bytes(b"old")
    disk = Disk(before)
    place = str(before / "a")
    for step in (Step("write", place, 0, b"new"), Step("sync", place), Step("write", place, 3, bytes(2 * SECTOR - 3))):
        disk.take(step)
    found = set()
    for seed in range(60):
        disk.after_a_cut(random.Random(seed), after)
        body = (after / "a").read_bytes()
        assert body.startswith(b"new")
        found.add(len(body))
    assert found >= {3, 3 + SECTOR, 2 * SECTOR}, "nothing, one sector, everything"
