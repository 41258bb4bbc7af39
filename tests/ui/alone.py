"""A console of the sub-centre with nobody to talk to: its centre does not answer, and two clerks may sign in without it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from desktop.console import Console
from desktop.open_file import OpenFile
from desktop.station import Station
from models import commands as c
from models.clock import SystemClock
from models.errors import Refused, Weather
from models.store.work import Work
from services import cases
from services.secrets import Secrets
from services.session import Entered, keep_pass
from services.vault import Vault
from tests.store.make_sample import CLERK, STALLS, STATION, TOWN, Workstation
from tests.ui.conftest import until
from tests.whole.parties import PASSWORD

SECOND = CLERK.replace("clerk-1", "clerk-2")
NOBODY = "http://127.0.0.1:9"
YEARS_DAYS = 3_650


def alone(folder: Path) -> Console:
    """Not begun yet; the first clerk sits at it."""
    made = Workstation(folder / "store.sqlite")
    with made.work() as work:
        for person in (CLERK, SECOND):
            keep_pass(work, person, PASSWORD, YEARS_DAYS)
    made.close()
    station = Station(folder, NOBODY, SystemClock(), Secrets(folder, NOBODY, Vault(None)))
    return Console(station, Entered(CLERK, "", True))


@contextmanager
def begun(console: Console) -> Iterator[Console]:
    """In front, until it is ended."""
    console.window.resize(1366, 768)
    console.start()
    console.window.activateWindow()
    until(console.window.isActiveWindow)
    try:
        yield console
    finally:
        console.end()
        console.window.close()


def stored(file: OpenFile, job: Callable[[Work], Any]) -> Any:
    """What a job answers, after everything asked before it."""
    found: list[Any] = []
    file.jobs.run(job, found.append)
    until(lambda: found)
    return found[0]


def dispatched_case(console: Console) -> str:
    """Reported here, filed and with the squad."""
    desk = console.desk

    def job(work: Work) -> str:
        acted = cases.report(work, desk, c.Report("", "volunteer", STALLS, "占道", "路口", TOWN, STATION), {})
        cases.act(work, desk, c.File(), acted.case_id)
        cases.act(work, desk, c.Dispatch(f"{TOWN}-squad"), acted.case_id)
        work.commit()
        return acted.case_id

    return str(stored(console.file, job))


def store_is_full(*_args: object) -> Any:
    """In the place of something that writes."""
    raise Refused("store_full")


def store_is_busy(*_args: object) -> Any:
    """In the place of something that writes."""
    raise Weather("store_busy")


class Held:
    """The database thread kept busy, as by a long snapshot, until it is let go."""

    def __init__(self, file: OpenFile) -> None:
        self._go = threading.Event()
        file.jobs.run(lambda _work: self._go.wait(30), lambda _none: None)

    def let_go(self) -> None:
        self._go.set()
