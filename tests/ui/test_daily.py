"""A console that nobody closes erases what it need not keep once a day, by the second's tick of the program."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QApplication

from desktop.open_file import OpenFile
from desktop.station import Station
from models.clock import DAY_MS, SystemClock
from models.evidence import Anchor
from models.ids import uuid7
from models.rules import Rules
from models.store import personal, settings
from models.store.migrate import copy_before_upgrade, copy_whole
from models.store.work import Work
from services import drafts
from services.secrets import Secrets
from services.vault import Vault
from tests.store.make_sample import unpacked

NOW_MS = 1_800_000_000_000
ADDRESS = "http://127.0.0.1:9"
KEPT_DAYS = 90


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


def test_for_how_many_days_is_the_districts_to_say(file: OpenFile) -> None:
    reference = file.rules.reference
    shorter = replace(reference, policy=replace(reference.policy, personal_kept_at_console_days=30))
    file.jobs.rules = Rules(shorter)
    old, young = keep(file, "old", 31), keep(file, "young", 29)
    next_day(file, 1)
    assert (is_kept(file, old), is_kept(file, young)) == (False, True)


def next_day(file: OpenFile, day: int) -> None:
    file.tick(file.station.clock.mono_ms() + day * DAY_MS)
    file.jobs.wait(lambda _work: None)


def test_the_copy_made_before_an_upgrade_goes_too_when_it_is_old(file: OpenFile) -> None:
    """It is whole: what has been erased from the store stands in it."""
    store = file.station.folder / "store.sqlite"
    old = keep(file, "Old Caller", KEPT_DAYS + 1)
    copy = copy_before_upgrade(store)
    copy_whole(file.station.engine, copy)
    beside = [copy.with_name(copy.name + part) for part in ("-wal", "-shm", ".making")]
    for left in beside:
        left.write_bytes(b"left over")
    aside = store.with_name("store.damaged-20261123-113000.sqlite")
    aside.write_bytes(b"acts that nobody could read")

    def are_from(days: float) -> None:
        for found in (copy, *beside, aside):
            os.utime(found, (NOW_MS / 1_000 - days * 86_400,) * 2)

    are_from(KEPT_DAYS - 0.1)
    next_day(file, 1)
    assert not is_kept(file, old) and b"Old Caller" in copy.read_bytes(), "it is young"
    are_from(KEPT_DAYS + 0.1)
    next_day(file, 2)
    assert [found.name for found in (copy, *beside) if found.exists()] == []
    assert aside.exists() and store.exists(), "a damaged store may hold acts that are nowhere else"


TYPED = {"title": "占道", "name": "Draft Caller", "phone": "0559-0000123"}


def draft(file: OpenFile, person: str) -> drafts.Values:
    return file.jobs.wait(lambda work: drafts.read(work, person, drafts.NEW_REPORT))


def put_aside(file: OpenFile, person: str, days: int, typed: drafts.Values = TYPED) -> None:
    """A report that was begun so many days ago and not finished."""
    clock = file.station.clock
    then = Anchor(NOW_MS - days * DAY_MS, clock.mono_ms(), 10, clock.boot_id())

    def job(work: Work) -> None:
        now = work.anchor()
        assert now is not None
        work.keep_anchor(then)
        drafts.keep(work, person, drafts.NEW_REPORT, typed, ())
        work.keep_anchor(now)
        work.commit()

    file.jobs.wait(job)


def test_a_report_nobody_finished_goes_after_the_same_time(file: OpenFile) -> None:
    put_aside(file, "old", KEPT_DAYS + 1)
    put_aside(file, "young", KEPT_DAYS - 1)
    file.jobs.wait(lambda work: drafts.keep(work, "old", "some-case:case.note", {"reason": "begun"}))
    next_day(file, 1)
    assert (draft(file, "old"), draft(file, "young")) == ({}, TYPED)
    assert file.jobs.wait(lambda work: drafts.read(work, "old", "some-case:case.note")) == {"reason": "begun"}


def test_of_several_each_has_its_own_time(file: OpenFile) -> None:
    for days in (KEPT_DAYS - 2, KEPT_DAYS + 1, KEPT_DAYS - 1):
        put_aside(file, "p", days, {"title": str(days)})
    next_day(file, 1)
    kept = file.jobs.wait(lambda work: settings.beginning_with(work.connection, "draft"))
    assert len(kept) == 4, "two reports, and when each was put aside"
    assert draft(file, "p") == {"title": str(KEPT_DAYS - 2)}


def test_one_of_which_nobody_wrote_down_when_has_all_its_time(file: OpenFile) -> None:
    """A store of the program before this one, or one that was salvaged."""
    put_aside(file, "p", KEPT_DAYS + 1)

    def forget(work: Work) -> None:
        settings.write(work.connection, "p", "draft_kept_at:report", "")
        work.commit()

    file.jobs.wait(forget)
    next_day(file, 1)
    assert draft(file, "p") == TYPED
    kept_at = file.jobs.wait(lambda work: settings.read(work.connection, "p", "draft_kept_at:report"))
    assert kept_at is not None and abs(int(kept_at) - NOW_MS) < DAY_MS


def test_a_finished_report_leaves_nothing_of_its_draft_in_the_store(file: OpenFile) -> None:
    put_aside(file, "p", 0)
    file.jobs.wait(lambda work: drafts.keep(work, "p", drafts.NEW_REPORT, {"title": "", "name": ""}))
    file.jobs.wait(lambda _work: None)
    with file.station.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    assert b"Draft Caller" not in (file.station.folder / "store.sqlite").read_bytes()
