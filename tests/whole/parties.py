"""The parties of a whole-system test: a district centre as a real process, and headless consoles on real files."""

from __future__ import annotations

import atexit
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TypeVar

import msgspec
from sqlalchemy import text

from district import enrolment as district_enrolment
from district.certificates import authority_bytes, authority_of
from models import commands as c
from models.attachment import AttachmentKind
from models.case import Case
from models.clock import Clock, SystemClock
from models.enrolment_code import pin_of
from models.ids import SYSTEM_RANDOM, id_source
from models.rules import Rules
from models.sealed_blobs import SealedBlobFolder
from models.store.case_table import get_case
from models.store.engine import open_engine, open_file, take_order_lock
from models.store.identity import Identity
from models.store.migrate import migrate
from models.store.store_key import StoreKey
from models.store.work import Work
from services import attachments, cases, enrolment
from services.desk import Desk
from services.sync.driver import settle
from services.sync.line import Credentials, Line
from services.sync.machine import Push, Sync
from services.sync.round import Exchange
from services.sync.succession import trusted
from tests.whole import centre_process

T = TypeVar("T")
ROOT = Path(__file__).parents[2]
PASSWORD = "demo-2026"
BLOBS_KEY = bytes(range(32))
OPERATOR = "341002-operator-1"
KEYS = Path(tempfile.mkdtemp(prefix="centre-keys-"))
"""One folder of keys for all centres of a run: their databases are copies of one another."""
atexit.register(shutil.rmtree, KEYS, ignore_errors=True)


def initialise(database_url: str, keys: Path = KEYS) -> None:
    """A demo district in an empty database, by the program's own command."""
    command = [sys.executable, "-m", "district", "init", "--database", database_url, "--keys", str(keys), "--demo"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr


def keys_of(database_url: str) -> Path:
    """The folder of keys of one database: all have the same keys, but each its own history, which is watched from there."""
    folder = KEYS / hashlib.sha256(database_url.encode()).hexdigest()[:16]
    if not folder.exists():
        shutil.copytree(KEYS, folder, ignore=lambda at, _names: [p.name for p in Path(at).iterdir() if p.is_dir()])
    return folder


class Centre:
    """A district centre process on loopback, over a database with a demo district in it; `end` and `start` again on the
    same port and database."""

    def __init__(self, database_url: str, keys: Path = KEYS, tls_host: str = "", port: int = 0) -> None:
        """`tls_host`: serve under TLS, at this address."""
        self.database_url = database_url
        self.port = port
        self._keys = keys if keys != KEYS else keys_of(database_url)
        self._tls_host = tls_host
        self.process: BaseProcess | None = None
        self.start()

    def start(self) -> None:
        serve = ["serve", "--database", self.database_url, "--keys", str(self._keys)]
        serve += ["--tls", "--host", self._tls_host] if self._tls_host else []
        serve += ["--port", str(self.port), "--with-process", str(os.getpid())]
        self.process, line = centre_process.start(serve)
        assert line.startswith("serving http"), line
        self.port = int(line.rsplit(":", 1)[1])

    def code(self, unit: str) -> str:
        """A one-time code for a workstation of the unit: what `python -m district enrol` does, in this process."""
        pin = pin_of(authority_bytes(authority_of(self._keys))) if self._tls_host else ""
        engine = open_engine(self.database_url)
        with engine.begin() as connection:
            take_order_lock(connection)
            now = SystemClock().wall_ms()
            code, _ = district_enrolment.make(connection, unit, "test", "test", 60, pin, now, SYSTEM_RANDOM)
        engine.dispose()
        return code.shown()

    def asked(self, query: str) -> list[tuple[object, ...]]:
        """What a question to its database is answered, past the service."""
        engine = open_engine(self.database_url)
        with engine.connect().execution_options(read_only=True) as connection:
            found = [tuple(row) for row in connection.execute(text(query))]
        engine.dispose()
        return found

    @property
    def address(self) -> str:
        return f"https://{self._tls_host}:{self.port}" if self._tls_host else f"http://127.0.0.1:{self.port}"

    def end(self, how: int = signal.SIGTERM) -> None:
        if self.process is not None:
            assert self.process.pid is not None
            os.kill(self.process.pid, how)
            self.process.join(20)
            assert self.process.exitcode is not None, "it has ended"
            self.process = None


def acting(desk: Desk, args: c.Args, case_id: str | None) -> Callable[[Work], cases.Acted]:
    """A gesture, saved; Refused as `cases.act` says."""

    def job(work: Work) -> cases.Acted:
        acted = cases.act(work, desk, args, case_id)
        work.commit()
        return acted

    return job


class Console:
    """A console without a window: the shipped store, services and sync, on a file, registered for a unit."""

    def __init__(
        self,
        folder: Path,
        centre: Centre,
        unit: str,
        person: str,
        clock: Clock | None = None,
        key: StoreKey | None = None,
    ) -> None:
        self.clock = clock or SystemClock()
        self.engine = open_file(folder / f"{unit}-{person}.sqlite", key)
        migrate(self.engine)
        self.rules: Rules | None = None
        self.unit = unit
        made = enrolment.enrol(centre.address, centre.code(unit), self.clock, unit)
        self.identity = enrolment.identity_of(made)
        told = made.registered
        self.known = Credentials(told.device, told.token, made.key)
        self.line = Line(centre.address, self.clock, self.known, trusted(self.identity))
        self.desk = Desk(person, unit, told.device, told.slot)
        self.sync = Sync()
        self.blobs = SealedBlobFolder(folder / f"{unit}-{person}.blobs", BLOBS_KEY)
        told = (self.database, unit, self._rules_arrived)
        self.exchange = Exchange(*told, wait_seconds=0, blobs=self.blobs, trusts=self._trusts)
        self.database(lambda work: (enrolment.keep(work, made, centre.address), work.commit()))

    def let_in_again(self, centre: Centre, why: str) -> None:
        """As the console does it (desktop/let_in_again.py): another device, on the same file."""
        former = self.known
        made = enrolment.enrol(centre.address, centre.code(self.unit), self.clock, self.unit, former=former, why=why)
        self.database(lambda work: (enrolment.keep_anew(work, made, centre.address), work.commit()))
        self.identity = enrolment.identity_of(made)
        told = made.registered
        self.line.close()
        self.known = Credentials(told.device, told.token, made.key)
        self.line = Line(centre.address, self.clock, self.known, trusted(self.identity))
        self.desk = msgspec.structs.replace(self.desk, device=told.device, slot=told.slot)

    def _trusts(self, identity: Identity) -> None:
        self.identity = identity
        self.line = Line(self.line.address, self.clock, self.known, trusted(identity))

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

    def settle_acts(self) -> None:
        """Push, and nothing else: files stay where they are."""
        self.exchange.do(Push(), self.line)

    def act(self, args: c.Args, case_id: str | None = None) -> cases.Acted:
        return self.database(acting(self.desk, args, case_id))

    def attach(self, case_id: str, source: Path, kind: AttachmentKind = AttachmentKind.AFTER) -> cases.Acted:
        found = attachments.prepare(self.blobs, source, 200 * 1024 * 1024)

        def job(work: Work) -> cases.Acted:
            acted = attachments.attach(work, self.desk, case_id, found, kind)
            work.commit()
            return acted

        return self.database(job)

    def case(self, case_id: str) -> Case | None:
        return self.database(lambda work: get_case(work.connection, case_id))

    def close(self) -> None:
        self.line.close()
        self.engine.dispose()
