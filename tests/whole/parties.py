"""The parties of a whole-system test: a district centre as a real process, and headless consoles on real files."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import msgspec

from models import commands as c
from models.case import Case
from models.clock import Clock, SystemClock
from models.ids import id_source
from models.rules import Rules
from models.store.case_table import get_case
from models.store.engine import open_file
from models.store.migrate import migrate
from models.store.work import Work
from services import cases
from services.desk import Desk
from services.sync.driver import settle
from services.sync.line import Line
from services.sync.machine import Sync
from services.sync.round import Exchange

T = TypeVar("T")
ROOT = Path(__file__).parents[2]
PASSWORD = "demo-2026"
OPERATOR = "341002-operator-1"


def initialise(database_url: str) -> None:
    """A demo district in an empty database, by the program's own command."""
    command = [sys.executable, "-m", "district", "init", "--database", database_url, "--demo"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


class Centre:
    """A district centre process on loopback, over a database with a demo district in it; `end` and `start` again on the
    same port and database."""

    def __init__(self, database_url: str) -> None:
        self.database_url = database_url
        self.port = 0
        self.process: subprocess.Popen[str] | None = None
        self.start()

    def start(self) -> None:
        serve = ["serve", "--database", self.database_url, "--port", str(self.port), "--with-process", str(os.getpid())]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "district", *serve], cwd=ROOT, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line.startswith("serving http://"), line
        self.port = int(line.rsplit(":", 1)[1])

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def end(self, how: int = signal.SIGTERM) -> None:
        if self.process is not None:
            os.kill(self.process.pid, how)
            self.process.wait(timeout=20)
            if self.process.stdout is not None:
                self.process.stdout.close()
            self.process = None


class Console:
    """A console without a window: the shipped store, services and sync, on a file, registered for a unit."""

    def __init__(self, folder: Path, centre: Centre, unit: str, person: str, clock: Clock | None = None) -> None:
        self.clock = clock or SystemClock()
        self.engine = open_file(folder / f"{unit}-{person}.sqlite")
        migrate(self.engine)
        self.rules: Rules | None = None
        self.unit = unit
        door = Line(centre.address, self.clock)
        made = door.register(OPERATOR, PASSWORD, unit, "test")
        door.close()
        self.line = Line(centre.address, self.clock, made.device, made.token)
        self.desk = Desk(person, unit, made.device, made.slot)
        self.sync = Sync()
        self.exchange = Exchange(self.database, unit, self._rules_arrived, wait_seconds=0)

    def _rules_arrived(self, rules: Rules) -> None:
        self.rules = rules

    def database(self, job: Callable[[Work], T]) -> T:
        with Work(self.engine, self.rules, self.clock, id_source(self.clock)) as work:
            return job(work)

    def as_person(self, person: str) -> None:
        self.desk = msgspec.structs.replace(self.desk, person=person)

    def settle(self) -> Sync:
        """Drive the sync machine until it is quiet."""
        self.sync = settle(self.exchange, self.line, Sync(), lambda: 0.5)
        return self.sync

    def act(self, args: c.Args, case_id: str | None = None) -> cases.Acted:
        def job(work: Work) -> cases.Acted:
            acted = cases.act(work, self.desk, args, case_id)
            work.commit()
            return acted

        return self.database(job)

    def case(self, case_id: str) -> Case | None:
        return self.database(lambda work: get_case(work.connection, case_id))

    def close(self) -> None:
        self.line.close()
        self.engine.dispose()
