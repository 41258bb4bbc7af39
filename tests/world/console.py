"""A workstation of a world: the shipped store, gestures and sync on a real file, which crashes, reboots and is restored.

It runs the two network workers and the timer of desktop/sync_worker.py in simulated time (D24); what a worker waits for is
the line, and meanwhile people act and the other worker goes on.
"""

from __future__ import annotations

import random
import shutil
from collections import deque
from collections.abc import Callable, Collection
from functools import partial
from pathlib import Path
from typing import TypeVar

from models import commands as c
from models.blob_folder import BlobFolder
from models.clock import MINUTE_MS
from models.errors import Refused, Weather
from models.ids import id_source
from models.rules import Reference, Rules
from models.store import cursors, documents
from models.store.cursors import Cursor
from models.store.work import Work
from models.wire import decode
from models.workstations import why_again
from services import attachments, cases, enrolment, past_cases, tray
from services.desk import Desk
from services.sync import machine
from services.sync.driver import fact_of
from services.sync.line import Credentials
from services.sync.machine import Phase, Sync, step
from services.sync.round import Exchange
from tests.world.clocks import WrongClock
from tests.world.door import LONGEST_WAIT_SECONDS
from tests.world.engines import opened, rules_of
from tests.world.enrolling import ADDRESS, MENDED_BY_A_CODE, Called
from tests.world.faults import Crashed, Faults
from tests.world.hub import Dead, Fibre, Hub
from tests.world.line import Answers, Cable, WireOf, WorldLine
from tests.world.screens import facts_shown, own_acts_show, settled_by_the_feed
from tests.world.town import Place
from tests.world.witness import Witness

T = TypeVar("T")


class WorldConsole:
    """One workstation, at which anybody of the unit may sit. `is_up` while its program runs; `is_falling`: that ends now."""

    def __init__(
        self, hub: Hub, chance: random.Random, faults: Faults, folder: Path, mould: Path, place: Place,
        wire: WireOf, witness: Witness, operators: Called,
    ) -> None:  # fmt: skip
        self.hub, self.chance, self.faults, self.place, self.witness = hub, chance, faults, place, witness
        self.name = f"{place.unit}/{place.number}"
        self.clock = WrongClock(hub, chance, self.name)
        self.operators = operators
        self.file = folder / f"{place.unit}-{place.number}.sqlite"
        shutil.copyfile(mould, self.file)
        self.engine = opened(self.file)
        self.blobs = BlobFolder(self.file.with_suffix(".blobs"))
        self.cable, self._wire = Cable(hub), wire
        self._places = {place.device: place} if place.device else {}
        self._image: tuple[Path, int] | None = None
        self._random_bytes = random.Random(chance.random()).randbytes
        self.new_id = id_source(self.clock, self._random_bytes)
        self._workers: list[Fibre | None] = [None, None]
        self._coming_in: Fibre | None = None
        self._asking: list[Fibre] = []
        self.is_up = self.is_falling = self.is_gone = False
        self.start()

    # The program

    def start(self) -> None:
        """Begin, as after a power cut: nothing is known but what is in the file."""
        self.is_up, self.is_falling = True, False
        self.rules: Rules | None = None
        body = self.database(lambda work: documents.read(work.connection, documents.REFERENCE))
        if body is not None:
            self.rules = rules_of(decode(body, Reference))
        told = (self.database, self.place.unit, self._rules_arrived, LONGEST_WAIT_SECONDS)
        self.exchange = Exchange(*told, blobs=self.blobs)
        self.sync = Sync()
        self._queues: list[deque[machine.Effect]] = [deque(), deque()]
        self._workers = [None, None]
        self._timer = 0
        self._go_on_as(self.database(lambda work: work.read_meta("device")))

    def _go_on_as(self, device: str) -> None:
        """The file says which device it is; what that proves itself with lies in the keyring, which no image of the disk holds."""
        known: Credentials | None = None
        if device:
            self.place = self._places[device]
            known = Credentials(device, self.place.token, self.place.key)
        self._known = known
        self.lines = [WorldLine(self.clock, known, self._wire(self.cable, known)) for _ in range(2)]
        self.take(machine.TimerFired())

    def stop(self) -> None:
        """The program is gone, whatever it was doing."""
        if not self.is_up:
            return
        self.is_up = False
        for worker in (*self._workers, self._coming_in, *self._asking):
            if worker is not None:
                self.hub.end(worker)
        self._asking.clear()
        self._coming_in = None
        self.engine.dispose()

    def crash(self, for_ms: int = 20_000) -> None:
        """kill -9, and somebody starts it again."""
        if self.is_up:
            self.faults.played["console crashed"] += 1
            self.stop()
            self.hub.after(for_ms, self.switch_on)

    def reboot(self, for_ms: int) -> None:
        """The machine is switched off and on again."""
        if self.is_up:
            self.faults.played["console rebooted"] += 1
            self.stop()
            self.clock.boot()
            self.hub.after(for_ms, self.switch_on)

    def switch_on(self) -> None:
        """Somebody starts the program, if it does not run and the machine still works."""
        if not self.is_up and not self.is_gone:
            self.start()

    def _rules_arrived(self, rules: Rules) -> None:
        self.rules = rules

    # The one database thread

    def database(self, job: Callable[[Work], T]) -> T:
        """Run a job in a unit of work; now and then the program ends at its commit, before or after."""
        if not self.is_up or self.is_falling:
            raise Dead
        with Work(self.engine, self.rules, self.clock, self.new_id) as work:
            commit = work.commit

            def risky() -> None:
                how = self.chance.random() if self.faults.crash_at_commit else 1.0
                if how < self.faults.crash_at_commit / 2:
                    raise self._crashes("before")
                commit()
                if how < self.faults.crash_at_commit:
                    raise self._crashes("after")

            work.commit = risky  # type: ignore[method-assign]
            return job(work)

    def _crashes(self, when: str) -> Crashed:
        self.faults.played[f"console crashed {when} a commit"] += 1
        self.is_falling = True
        self.hub.after(0, partial(self.crash, self.chance.randrange(1_000, 600_000)))
        return Crashed()

    # The machine and its workers

    def take(self, fact: machine.Fact) -> None:
        """Step, and begin what the machine asks for; somebody calls when only a code helps."""
        if not self.is_up or self.is_falling:
            return
        effects: tuple[machine.Effect, ...] = ()
        if self._known is not None:
            self.sync, effects = step(self.sync, fact)
        if self.needs_a_code:
            self.operators.called(self)
        for effect in effects:
            if isinstance(effect, machine.Wait):
                self._timer += 1
                self.hub.after(self._pause_ms(effect.seconds), partial(self._time, self._timer))
            else:
                number = 0 if isinstance(effect, machine.Pull) else 1
                self._queues[number].append(effect)
                if self._workers[number] is None:
                    self._workers[number] = self.hub.start(partial(self._serve, number))

    def _pause_ms(self, seconds: float) -> int:
        """As long as the machine says; in a long cut most of the tries that must fail are left out, and while only a code
        helps."""
        left = self.cable.cut_until_ms - self.hub.now_ms
        if self.needs_a_code:
            left = 20 * MINUTE_MS
        return max(int(seconds * 1000), left if self.chance.random() < 0.5 else 0)

    def _time(self, timer: int) -> None:
        if timer == self._timer:
            self.take(machine.TimerFired())

    def _serve(self, number: int) -> None:
        try:
            while self._queues[number]:
                self._serve_one(number, self._queues[number].popleft())
        finally:
            self._workers[number] = None  # whoever did this does something else for somebody else next

    def _serve_one(self, number: int, effect: machine.Effect) -> None:
        asked_from = self._place() if isinstance(effect, machine.Pull) else None
        try:
            fact = fact_of(effect, partial(self.exchange.do, effect, self.lines[number]), self.chance.random)
        except Crashed:
            raise Dead from None
        self.witness.exchanged(self, effect, fact)
        if isinstance(effect, machine.Pull) and isinstance(fact, machine.SnapshotNeeded):
            place = self._place()
            if place is None or not place.is_doubted:  # else it gave it up itself meanwhile
                self.witness.lost_its_place(self.name, self.place.unit, asked_from)
        self._look()
        self.take(fact)

    def work_offline(self, on: bool) -> None:
        """The drill switch of the sync page."""
        if self.is_up:
            self.exchange.cut = on
            self.take(machine.WorkOffline(on))

    @property
    def is_stopped(self) -> bool:
        """True when only a person can help it."""
        return self._known is None or self.sync.phase is Phase.REFUSED

    @property
    def needs_a_code(self) -> bool:
        """True when it is nobody yet, or the centre will not have it as the device it is (sync-R4, R5)."""
        return self._known is None or (self.is_stopped and self.sync.reason in MENDED_BY_A_CODE)

    @property
    def devices(self) -> Collection[str]:
        """All that it has been at the centre."""
        return self._places.keys()

    def come_in(self, code: str) -> None:
        """Somebody types a one-time code: it is let in, or in again, as another device on the same file
        (desktop/let_in_again.py)."""
        if self._coming_in is None and self.is_up:
            self._coming_in = self.hub.start(partial(self._come_in, code))

    def _come_in(self, code: str) -> None:
        former, unit, why = self._known, self.place.unit, why_again(self.sync.reason)
        try:
            made = enrolment.enrol(ADDRESS, code, self.clock, unit, self._random_bytes, former, why)
            told = made.registered
            self._places[told.device] = self.place._replace(
                device=told.device, slot=told.slot, token=told.token, key=made.key
            )
            keep = enrolment.keep if former is None else enrolment.keep_anew
            self.database(lambda work: (keep(work, made, ADDRESS), work.commit()))
        except (Refused, Weather):
            self.operators.called(self)
            return
        except Crashed:
            raise Dead from None
        finally:
            self._coming_in = None
        self.faults.played["workstation let in" + (f" again: {why}" if former is not None else "")] += 1
        self._go_on_as(told.device)

    # People

    def ask_for_older(self) -> None:
        """Somebody looks for cases that ended long ago (desktop/past_cases_desk.py)."""
        if self._known and self.is_up and not self.is_falling:
            self._asking.append(self.hub.start(self._ask_for_older))

    def _ask_for_older(self) -> None:
        try:
            found = WorldLine(self.clock, self._known, self._wire(self.cable, self._known)).past_cases("2026")
            held = self.database(lambda work: past_cases.take_in(work, self.place.unit, found))
            self.faults.played["older cases fetched"] += held or 0
        except (Refused, Weather):
            pass
        except Crashed:
            raise Dead from None
        finally:
            self._asking.remove(self.hub.current)

    def act(
        self, person: str, args: c.Args, case_id: str | None = None, requester: dict[str, str] | None = None
    ) -> bool:
        """Somebody acts; True when the screen said that it is saved. A crash on the way leaves it open whether it is."""
        desk = self._desk(person)

        def job(work: Work) -> cases.Acted:
            shown = facts_shown(work, args, case_id)
            acted = self._acted(work, desk, args, case_id, requester)
            self.witness.making(self, acted.cmd_id, self.hub.now_ms, shown)
            work.commit()
            return acted

        return self._gesture(job)

    def _acted(
        self, work: Work, desk: Desk, args: c.Args, case_id: str | None, requester: dict[str, str] | None
    ) -> cases.Acted:
        if isinstance(args, c.Report) and requester is not None:
            return cases.report(work, desk, args, requester)
        if isinstance(args, c.Attach) and case_id is not None:
            found = attachments.prepare_bytes(self.blobs, random.Random(args.sha256).randbytes(args.size), args.size)
            acted = attachments.attach(work, desk, case_id, found, args.kind, args.caption)
            self.witness.files.add(acted.cmd_id)
            return acted
        return cases.act(work, desk, args, case_id)

    def undo(self, person: str, case_id: str) -> bool:
        """撤销 of the last own act on the case."""
        desk = self._desk(person)

        def job(work: Work) -> cases.Acted:
            acted = cases.undo_last(work, desk, case_id)
            self.witness.making(self, acted.cmd_id, self.hub.now_ms)
            work.commit()
            return acted

        return self._gesture(job)

    def put_away(self, person: str, cmd_id: str) -> None:
        """知道了 in the tray."""
        self._says_of(cmd_id, lambda work: tray.close(work, self._desk(person), cmd_id))

    def hand_on(self, person: str, cmd_id: str, to: str) -> None:
        """转交 in the tray."""
        self._says_of(cmd_id, lambda work: tray.hand_on(work, self._desk(person), cmd_id, to, "请看一下"))

    def _says_of(self, about: str, say: Callable[[Work], str]) -> None:
        def job(work: Work) -> cases.Acted:
            said = say(work)
            self.witness.making(self, said, self.hub.now_ms)
            work.commit()
            return cases.Acted(said, about, "")

        self._gesture(job)

    def _gesture(self, job: Callable[[Work], cases.Acted]) -> bool:
        try:
            acted = self.database(job)
        except Refused as refused:
            self.witness.refused(refused.code)
            return False
        except Crashed:
            return False
        self.witness.saved(self, acted.cmd_id)
        self._look()
        self.take(machine.Acted())
        return True

    def _look(self) -> None:
        """Now and then somebody compares his screen with what he remembers."""
        if self.is_up and not self.is_falling and self.rules is not None and self.chance.random() < 0.2:
            with Work(self.engine, self.rules, self.clock, self.new_id) as work:
                place = cursors.read(work.connection, self.place.unit)
                own_acts_show(work, self.name, place, self.witness.feeds, self.witness.made_under)
                settled_by_the_feed(work, self.name, place, self.witness.feeds)

    def _place(self) -> Cursor | None:
        """Read past the store's own way: it is asked before every pull."""
        connection = self.engine.raw_connection()
        wanted = "SELECT scope, epoch, sseq, chain FROM cursor WHERE scope = ?"
        row = connection.cursor().execute(wanted, (self.place.unit,)).fetchone()
        connection.close()
        return None if row is None else Cursor(*row)

    def _desk(self, person: str) -> Desk:
        return Desk(person, self.place.unit, self.place.device, self.place.slot)

    # The disk

    def take_image(self) -> None:
        """Somebody images the disk."""
        if not self.is_up:
            return
        connection = self.engine.raw_connection()
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        place = self.file.with_suffix(".image")
        shutil.copyfile(self.file, place)
        self._image = (place, self.witness.length_of(self))

    def put_image_back(self) -> bool:
        """The disk is as it was then: what was made since is gone from it."""
        if self._image is None or not self.is_up:
            return False
        self.stop()
        for suffix in ("-wal", "-shm"):
            self.file.with_name(self.file.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(self._image[0], self.file)
        self.clock.boot()
        self.faults.played["disk put back to an image"] += 1
        self.witness.disk_restored(self, self._image[1])
        self.start()
        return True


__all__ = ["Answers", "WorldConsole"]
