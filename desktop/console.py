"""One console put together: a store file, its database thread, its network workers, and the window over them."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer, Signal
from sqlalchemy import delete, insert, select

from desktop.jobs import DatabaseThread
from desktop.present import PresentClock
from desktop.sync_worker import SyncWorker
from desktop.workers import within
from models.clock import Clock
from models.errors import Refused, Weather
from models.ids import id_source
from models.people import Person
from models.rules import Reference, Rules
from models.store import confirmed
from models.store.console_tables import document
from models.store.fresh import salvage_to_tell, salvage_was_told
from models.store.identity import Identity, keep_identity
from models.store.opening import open_store
from models.store.work import Work
from models.wire import Malformed, decode
from services import session
from services.cases import replay
from services.desk import Desk
from services.secrets import Secrets
from services.sync.line import Line, Registered
from services.sync.round import Exchange, keep_anchor
from ui.dialogs.sign_in import SignInDialog
from ui.main_window import MainWindow

TICK_MS = 1_000
APP = "0.1.0"


class Station:
    """A workstation's file before anybody sits at it: opened, migrated, registered with its centre."""

    def __init__(self, folder: Path, address: str, clock: Clock) -> None:
        self.folder = folder
        self.address = address
        self.clock = clock
        self._file = folder / "store.sqlite"
        self.engine = open_store(self._file, clock.wall_ms())
        self.secrets = Secrets(folder, address, within)
        self.rules: Rules | None = None
        with self.work() as work:
            self.device = work.read_meta("device")
            self.unit = work.read_meta("unit")
            self.slot = work.read_meta("slot")
            body = work.connection.execute(select(document.c.body).where(document.c.name == "reference")).scalar()
            self.salvage = salvage_to_tell(work.connection)
        if self.device:
            with contextlib.suppress(Refused, OSError):  # the next start will do
                keep_identity(self._file, Identity(self.device, self.unit, self.slot))
        if body is not None:
            self._read_reference(bytes(body))

    def _read_reference(self, body: bytes) -> None:
        """A document that cannot be read is fetched again, like one that was never there."""
        try:
            self.rules = Rules(decode(body, Reference))
        except Malformed:
            with self.work() as work:
                work.connection.execute(delete(document).where(document.c.name == "reference"))
                work.forget_meta("reference")
                work.commit()

    def salvage_was_told(self) -> None:
        """The person knows what the damage took. What was salvaged shows on the screen before the centre answers."""
        with self.work() as work:
            if self.rules is not None:
                for case_id in confirmed.touched(work.connection):
                    replay(work, case_id)
            salvage_was_told(work.connection)
            work.commit()
        self.salvage = None

    def work(self) -> Work:
        """A unit of work for the time before the database thread runs."""
        return Work(self.engine, self.rules, self.clock, id_source(self.clock))

    def line(self) -> Line:
        """A connection as this device."""
        return Line(self.address, self.clock, self.device, self.secrets.read(self.device) if self.device else "")

    def keep_registration(self, made: Registered) -> None:
        """Remember who this device is; its token goes to the keyring."""
        self.secrets.store(made.device, made.token)
        with self.work() as work:
            for name, value in (("device", made.device), ("unit", made.unit), ("slot", made.slot)):
                work.write_meta(name, value)
            work.write_meta("address", self.address)
            work.commit()
        self.device, self.unit, self.slot = made.device, made.unit, made.slot
        keep_identity(self._file, Identity(made.device, made.unit, made.slot))

    def fetch_reference(self) -> Rules:
        """The reference data: from the file, or the first time from the centre."""
        if self.rules is None:
            line = self.line()
            try:
                name, body = line.reference()
            finally:
                line.close()
            rules = Rules(decode(body, Reference))
            with self.work() as work:
                work.connection.execute(insert(document).values(name="reference", body=body))
                work.write_meta("reference", name)
                work.commit()
            self.rules = rules
        return self.rules


class Console(QObject):
    """A running console. `seat.desk` changes when the user does; the network never waits for the screen."""

    signed_in = Signal()
    _entered = Signal(object)

    def __init__(self, station: Station, entered: session.Entered, pace: int = 0) -> None:
        super().__init__()
        rules = station.fetch_reference()
        self.station = station
        self.desk = Desk(entered.person, station.unit, station.device, station.slot, entered.session, APP)
        self.present = PresentClock(station.clock)
        self.jobs = DatabaseThread(station.engine, rules, station.clock, id_source(station.clock))
        exchange = Exchange(self.jobs.wait, station.unit, self._rules_arrived)
        self.sync = SyncWorker(exchange, station.line, self.jobs, station.clock, station.secrets.plain)
        self.window = MainWindow(self.jobs, self, self.present, self.sync, rules, pace)
        self.jobs.changed.connect(self.window.changed)
        self.window.panel.acted.connect(lambda _id: self.sync.acted())
        self.sync.line.connect(self._line_told)
        self.window.change_user.connect(self.change_user)
        self._entered.connect(self._sat_down)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._tick)
        self._hear_anchor()

    def start(self) -> None:
        """Show the window and begin to talk to the centre."""
        self.window.show()
        self._timer.start(TICK_MS)
        self.sync.start()

    def end(self) -> None:
        """Stop; nothing is lost, and nobody waits longer than a second."""
        self._timer.stop()
        self.sync.end()
        self.jobs.end()

    def _rules_arrived(self, rules: Rules) -> None:
        self.jobs.rules = rules

    def _tick(self) -> None:
        self.window.tick()

    def _line_told(self, state: object) -> None:
        self._hear_anchor()
        self.window.show_line(state)  # type: ignore[arg-type]

    def _hear_anchor(self) -> None:
        self.jobs.run(lambda work: (work.anchor(), work.proven_ms()), lambda known: self.present.heard(*known))

    # Changing user (D4: always possible, line or no line)

    def change_user(self) -> None:
        """Somebody else sits down: drafts and unsent acts stay with the device."""
        rules = self.station.fetch_reference()
        unit = rules.organisations[self.station.unit]
        people = people_at(rules, self.station.unit)
        dialog = SignInDialog(unit.name, people)
        dialog.setParent(self.window, dialog.windowFlags())
        dialog.entered.connect(lambda person, password, new: self._enter(dialog, person, password, new))
        self._entered.connect(dialog.accept)
        dialog.open()

    def _enter(self, dialog: SignInDialog, person: str, password: str, new: str) -> None:
        from ui import words

        def failed(error: Exception) -> None:
            code = error.code if isinstance(error, Refused | Weather) else "bug"
            text = words.REFUSALS.get(code, code)
            (dialog.ask_new_password if code == "change_password_first" else dialog.refuse)(text)

        def job(work: Work) -> session.Entered:
            return session.sign_in_offline(work, person, password)

        def offline(_error: Exception) -> None:
            self.jobs.run(job, self._entered.emit, failed)

        self._online(person, password, new, offline, failed)

    def _online(
        self,
        person: str,
        password: str,
        new: str,
        offline: Callable[[Exception], None],
        failed: Callable[[Exception], None],
    ) -> None:
        def serve() -> None:
            line = self.station.line()
            try:
                entered = session.sign_in_online(line, person, password, new)
                self.jobs.wait(lambda work: keep(work, line, person, new or password))
                self._entered.emit(entered)
            except Weather as error:
                offline(error)
            except Exception as error:
                self.jobs.run(partial(_raise, error), lambda _n: None, failed)
            finally:
                line.close()

        threading.Thread(target=serve, daemon=True).start()

    def _sat_down(self, entered: session.Entered) -> None:
        self.desk = replace(self.desk, person=entered.person, session=entered.session)
        self.window.show_user()
        self.signed_in.emit()


def _raise(error: Exception, _work: Work) -> None:
    raise error


def keep(work: Work, line: Line, person: str, password: str) -> None:
    """After a sign-in that the centre accepted: its clock, and a verifier for days without the line."""
    if line.anchor is not None:
        keep_anchor(work, line.anchor)
    session.keep_pass(work, person, password, work.rules.policy.offline_pass_days)


def people_at(rules: Rules, unit: str) -> tuple[Person, ...]:
    """Who may sit at a unit's desk: its staff, and officers seconded to it."""
    seconded = [p for p in rules.reference.people if unit in p.seconded_to and p.active]
    return tuple(rules.staff(unit) + seconded)
