"""A requester's record does not stay on a workstation for ever: gone from its bytes, while the case, its chain and the centre's
copy stand (D2, R79)."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from models import commands as c
from models.clock import DAY_MS
from models.reference_files import EDITION
from models.store import personal
from models.store.work import Work
from services import cases, requester
from tests.whole.parties import Centre, Console

TOWN = "341002102"
REPORT = c.Report("", "volunteer", f"{EDITION}/matter/09005", "店外堆放", "龙山路口", TOWN, f"{TOWN}006")


@pytest.fixture
def centre(demo_sqlite_url: str) -> Iterator[Centre]:
    found = Centre(demo_sqlite_url)
    yield found
    found.end(signal.SIGKILL)


def reported(console: Console, name: str) -> str:
    def job(work: Work) -> str:
        done = cases.report(work, console.desk, REPORT, {"name": name, "phone": "0559-0000123"})
        work.commit()
        return done.case_id

    return console.database(job)


def names_kept(console: Console, case_ids: list[str]) -> list[bool]:
    return [bool(console.database(lambda w, i=i: personal.of_case(w.connection, i))) for i in case_ids]  # type: ignore[misc]


def file_bytes(console: Console, folder: Path) -> bytes:
    with console.engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    return b"".join(file.read_bytes() for file in folder.glob("*.sqlite*"))


def test_what_the_centre_has_of_ended_cases_goes_and_nothing_else(centre: Centre, tmp_path: Path) -> None:
    desk = tmp_path / "desk"
    desk.mkdir()
    console = Console(desk, centre, TOWN, f"{TOWN}-clerk-1")
    console.settle()
    ended, running = reported(console, "Ended Caller"), reported(console, "Open Caller")
    console.act(c.Decline("不属受理范围"), ended)
    console.settle()
    waiting = reported(console, "Unsent Caller")
    console.act(c.Decline("不属受理范围"), waiting)
    cases_here = [ended, running, waiting]
    assert console.database(lambda w: requester.erase_old(w, desk / "store.sqlite")) == 0, "all of it is young"
    assert names_kept(console, cases_here) == [True, True, True]

    soon = console.clock.wall_ms() + DAY_MS

    def erase(work: Work) -> int:
        gone = personal.erase(work.connection, soon)
        work.commit()
        return gone

    assert b"Ended Caller" in file_bytes(console, desk)
    assert console.database(erase) == 1
    assert names_kept(console, cases_here) == [False, True, True]
    left = file_bytes(console, desk)
    assert b"Ended Caller" not in left and b"Open Caller" in left and b"Unsent Caller" in left
    console.settle()
    assert console.database(erase) == 1 and names_kept(console, cases_here) == [False, True, False]
    kept = centre.asked("SELECT count(*) FROM personal")
    assert kept == [(3,)], "the centre keeps its own, by its own rule"
    case = console.case(ended)
    assert case is not None and case.personal, "the act still says by hash whose it was"
    console.close()
