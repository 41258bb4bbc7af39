"""A console in a process of its own, without a window or with one on no screen, to be killed: the shipped file at work (desktop/open_file.py) with its
database thread and its two network workers, and people who act on it at random.

`python -m tests.faults.workstation FOLDER`, with told.json in FOLDER. It hears "act", "rest" and "end" on standard input, and
says where it stands on standard output.
"""

from __future__ import annotations

import os
import random
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple, TypeVar

from PySide6.QtCore import QCoreApplication, QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication
from sqlalchemy import func, select

from desktop import logs
from desktop.console import Console
from desktop.open_file import OpenFile, end_all
from desktop.station import Station
from desktop.workers import within
from models import commands as c
from models.clock import Clock, SystemClock
from models.errors import Refused, Weather
from models.rules import Rules
from models.store import blobs, cursors, outbox
from models.store.console_tables import outbox as outbox_table
from models.store.console_tables import personal
from models.store.work import Work
from models.wire import encode
from services import attachments, cases, enrolment, tray
from services.desk import Desk
from services.sealed_file import new_sealed_file, open_sealed_file
from services.secrets import Secrets
from services.session import Entered
from services.vault import Vault
from tests.faults import told
from tests.faults.told import Stands, Told
from tests.world.diligent import goes_on
from tests.world.people import People

T = TypeVar("T")
SAYS_EVERY_MS = 100
PHOTOGRAPHS = 0.06
"""Of what people do, so much is adding a file, beside what the rule book offers."""
AT_RANDOM = 0.5
"""Of the rest, so much; otherwise somebody goes on with what is to be done, or a case would hardly get beyond its dispatch."""
TIMES_LARGER = 37
"""Than the act that a world would make says: so a file is one to three pieces."""
TRIES_AGAIN_SECONDS = 0.2


class Place(NamedTuple):
    """Which workstation of which unit."""

    unit: str
    device: str
    slot: str


class Desks(QObject):
    """Everybody of the unit at this workstation (tests/world/people.py `Seat`), in a thread of their own. What the screens
    would call saved is written down only then."""

    _acted = Signal()
    ended = Signal()

    def __init__(self, file: OpenFile, folder: Path, known: Told, truth: Clock) -> None:
        super().__init__()
        self._file, self._log, self._truth = file, told.Log(folder), truth
        station = file.station
        self.place = Place(station.unit, station.device, station.slot)
        self.clock = station.clock
        self.is_up = True
        self.resting = threading.Event()
        self._pace_seconds = known.pace_ms / 1000
        self._chance = random.Random(f"{known.seed} {time.monotonic_ns()}")
        self._people = People(self._chance, known.most_cases)
        self._acted.connect(file.sync.acted)
        threading.Thread(target=self._act, daemon=True, name="people").start()

    @property
    def rules(self) -> Rules | None:
        return self._file.rules

    def _act(self) -> None:
        self._people.reported = self.database(_reported)
        never = threading.Event()  # waits by the counter: another clock laid under us breaks time.sleep
        while not never.wait(self._chance.expovariate(1 / self._pace_seconds)):
            if self.resting.is_set():
                continue
            try:
                self._somebody_acts()
            except (Refused, Weather) as refused:
                self._log.say("refused", refused.code)
            except Exception as error:  # as on the screen: said to have failed, and people go on
                self._log.say("failed", type(error).__name__)

    def _somebody_acts(self) -> None:
        if self._chance.random() < PHOTOGRAPHS:
            self._people.photograph(self)
        elif self._chance.random() < AT_RANDOM or not goes_on(self._people, self, self._chance):
            self._people.gesture(self)

    def database(self, job: Callable[[Work], T]) -> T:
        return self._file.jobs.wait(job)

    def act(
        self, person: str, args: c.Args, case_id: str | None = None, requester: dict[str, str] | None = None
    ) -> bool:
        desk = self._desk(person)
        if isinstance(args, c.Attach) and case_id is not None:
            return self._attach(desk, args, case_id)

        def job(work: Work) -> cases.Acted:
            if isinstance(args, c.Report) and requester is not None:
                return cases.report(work, desk, args, requester)
            return cases.act(work, desk, args, case_id)

        return self._gesture(job)

    def _attach(self, desk: Desk, args: c.Attach, case_id: str) -> bool:
        body = random.Random(args.sha256).randbytes(args.size * TIMES_LARGER)
        found = attachments.prepare_bytes(self._file.station.blobs, body, len(body))

        def job(work: Work) -> cases.Acted:
            acted = attachments.attach(work, desk, case_id, found, args.kind, args.caption)
            self._log.say("adds", acted.cmd_id)
            return acted

        return self._gesture(job)

    def undo(self, person: str, case_id: str) -> bool:
        desk = self._desk(person)
        return self._gesture(lambda work: cases.undo_last(work, desk, case_id))

    def put_away(self, person: str, cmd_id: str) -> None:
        self._says_of(cmd_id, lambda work: tray.close(work, self._desk(person), cmd_id))

    def hand_on(self, person: str, cmd_id: str, to: str) -> None:
        self._says_of(cmd_id, lambda work: tray.hand_on(work, self._desk(person), cmd_id, to, "请看一下"))

    def _says_of(self, about: str, say: Callable[[Work], str]) -> None:
        self._gesture(lambda work: cases.Acted(say(work), about, ""))

    def _gesture(self, do: Callable[[Work], cases.Acted]) -> bool:
        def job(work: Work) -> cases.Acted:
            since = self._truth.wall_ms()
            acted = do(work)
            self._log.say("making", self.place.device, acted.cmd_id, since, self._truth.wall_ms())
            work.commit()
            return acted

        try:
            acted = self.database(job)
        except (Refused, Weather) as refused:
            self._log.say("refused", refused.code)
            return False
        self._log.say("told", acted.cmd_id)
        self._acted.emit()
        return True

    def _desk(self, person: str) -> Desk:
        return Desk(person, self.place.unit, self.place.device, self.place.slot)


def _reported(work: Work) -> int:
    kind = c.kind_of(c.Report("", "", "", "", "", ""))
    mine = select(func.count()).select_from(outbox_table).where(outbox_table.c.kind == kind)
    return int(work.connection.execute(mine).scalar_one())


def _stands(work: Work, unit: str, phase: str, reason: str, resting: bool) -> Stands:
    open_ = (outbox_table.c.state != outbox.SETTLED) | (outbox_table.c.outcome == "deferred")
    acts = work.connection.execute(select(func.count()).select_from(outbox_table).where(open_)).scalar_one()
    records = work.connection.execute(
        select(func.count()).select_from(personal).where(personal.c.sent.is_(False))
    ).scalar_one()
    files = len(blobs.waiting(work.connection))
    place = cursors.read(work.connection, unit)
    at = (place.epoch, place.sseq, place.chain) if place is not None else (0, 0, "")
    return Stands(phase, reason, int(acts) + int(records) + files, *at, resting)


def _opened(folder: Path, known: Told, clock: Clock) -> Station:
    """The file, let in with its code the first time; waits for the centre as long as it takes."""
    folder = folder / told.STATION
    folder.mkdir(exist_ok=True)
    place = folder / "sealed"
    sealed = None
    if known.passphrase:
        opens = open_sealed_file if place.exists() else new_sealed_file
        sealed = opens(place, known.passphrase)
    secrets = Secrets(folder, known.address, Vault(within if sealed else None, sealed))
    station = Station(folder, known.address, clock, secrets)
    while True:
        try:
            if not station.device:
                station.keep_registration(enrolment.enrol(known.address, known.code, clock, known.unit))
            station.fetch_reference()
            return station
        except Weather:
            threading.Event().wait(TRIES_AGAIN_SECONDS)


def _window(station: Station, rules: Rules) -> Console:
    """The whole console, in front of which somebody of the unit has signed in; it stands on no screen."""
    somebody = rules.people_at(station.unit)[0].id
    made = Console(station, Entered(somebody, "", True))
    made.start()
    return made


def _hear(desks: Desks) -> None:
    for line in sys.stdin:
        word = line.strip()
        if word == "end":
            desks.ended.emit()
            return
        (desks.resting.clear if word == "act" else desks.resting.set)()
    os._exit(1)  # whoever started this is gone


def main(folder: Path) -> None:
    """Until it is told to end, or killed."""
    known = told.read(folder)
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    application = (QApplication if known.window else QCoreApplication)(["workstation"])
    truth = told.clock_of(known.clock)
    logs.begin(folder / "logs")
    station = _opened(folder, known, SystemClock() if known.machine_clock else truth)
    assert station.rules is not None
    console = _window(station, station.rules) if known.window else None
    file = console.file if console is not None else OpenFile(station, station.rules)
    if console is None:
        file.sync.start()
    desks = Desks(file, folder, known, truth)
    desks.ended.connect(application.quit)

    def say() -> None:
        line = file.line
        phase, reason, resting = line.state if line else "", line.reason if line else "", desks.resting.is_set()
        file.jobs.run(lambda work: _stands(work, station.unit, phase, reason, resting), print_line)

    def print_line(found: Stands) -> None:
        sys.stdout.write(encode(found).decode() + "\n")
        sys.stdout.flush()

    timer = QTimer()
    timer.timeout.connect(say)
    timer.start(SAYS_EVERY_MS)
    threading.Thread(target=_hear, args=(desks,), daemon=True).start()
    application.exec()
    timer.stop()
    end_all([file])
    os._exit(0)  # a worker may still wait for the centre's answer: it holds nothing (D24)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
