"""The centre of a world: the shipped centre over a SQLite file, served, ended, fallen, copied and put back."""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from district import breaches, parsing, recovery, restored
from district.api.answers import Lanes
from district.deferred import settle_deferred
from district.keys import CentreKeys
from district.opening import open_centre
from district.store.reader import Reader
from models.blob_folder import BlobFolder
from models.clock import MINUTE_MS
from models.commands import Command, kind_of
from models.wire import PullReply, PullRequest, UnknownKind, decode, decode_command
from tests.district.parties import CENTRE_KEY
from tests.world import door
from tests.world.clocks import RightClock
from tests.world.door import Reply
from tests.world.engines import opened
from tests.world.faults import Faults
from tests.world.hub import Dead, Fibre, Hub, Sleep

WATCH_HEAD_MS = 5_000
WATCH_DUE_MS = 10 * MINUTE_MS
"""The service looks every five seconds; so often is enough to find everything."""

WATCH_RECOVERY_MS = MINUTE_MS
"""The service looks every second."""

NOT_KNOWN_TO_THE_OLD = ("case.log_call", "case.first_response", "case.note", "case.describe")
"""What an older program of the centre would have to defer (D12)."""


class Fallen(BaseException):
    """The centre's process ended in the middle of a request."""


class WorldCentre:
    """One centre. `app` is what the service's calls ask for their centre; None while nobody serves."""

    def __init__(self, hub: Hub, chance: random.Random, faults: Faults, folder: Path, mould: Path) -> None:
        self.hub, self.chance, self.faults = hub, chance, faults
        self.clock = RightClock(hub)
        self.folder = folder
        self.file = folder / "district.sqlite"
        self._blobs = folder / "district.blobs"
        shutil.copyfile(mould, self.file)
        self.app: Any = None
        self.is_old = False
        self.restorations = 0
        self.served: dict[str, dict[str, int]] = {}
        self.asked: dict[str, list[tuple[int, int]]] = {}
        self.put_back_ms = 0
        self._busy: dict[Fibre, None] = {}
        self._bells: dict[int, tuple[Any, Sleep]] = {}
        self._watching_head = self._aimed = False
        self._slowest_bell_ms = chance.choice((400, 5_000, 60_000))
        self._copy: tuple[Path, Path] | None = None
        self.before_put_back: Callable[[], None] = lambda: None
        self.desks_changed: set[str] = set()
        self.start()
        self._watch_due()
        self._watch_recovery()

    # Serving

    def start(self) -> None:
        """Begin to serve; what the database has forgotten is noticed now."""
        self._has_written = True
        engine = opened(self.file, self._may_die)
        random_bytes = random.Random(self.chance.random()).randbytes
        centre = open_centre(engine, self.clock, random_bytes, CentreKeys(CENTRE_KEY), BlobFolder(self._blobs))
        if restored.look_for_restore(centre, self.folder) is not None:
            self.restorations += 1
        self._epoch = centre.epoch
        centre.loop = SimpleNamespace(is_closed=lambda: False, call_soon_threadsafe=self._rung)  # type: ignore[assignment]
        self.app = SimpleNamespace(state=SimpleNamespace(centre=centre, lanes=Lanes()))

    @property
    def centre(self) -> Any:
        """The shipped centre that serves now."""
        return self.app.state.centre

    def newest(self) -> int:
        """The last place of the order."""
        with self.centre.reading() as connection:
            return Reader(connection).log_head()[0]

    def stop(self, in_order: bool) -> None:
        """End the service, in order or not; whoever is being answered gets nothing."""
        if self.app is None:
            return
        centre, self.app = self.centre, None
        for fibre in list(self._busy):
            self.hub.end(fibre)
        if in_order:
            restored.watch_head(centre, self.folder)
        centre.engine.dispose()

    def crash(self, for_ms: int) -> None:
        """Gone without a word, and back after a while."""
        if self.app is None:
            return
        self.faults.played["centre crashed"] += 1
        self.stop(in_order=False)
        self.hub.after(for_ms, self._back)

    def _back(self) -> None:
        if self.app is None:
            self.start()

    def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Reply | None:
        """What it answers, in the fibre of whoever asks; None when it is not there, or fell over it."""
        if self.app is None:
            return None
        fibre, served_by = self.hub.current, self.app
        self._busy[fibre] = None
        try:
            self._struck(path)
            if path == "/v1/pull":
                self._note_asked(headers["X-Device"], decode(body, PullRequest))
            reply = door.answered(served_by, method, path, headers, body, self._wait)
            if path == "/v1/pull" and reply.status_code == 200:
                self._note_served(headers["X-Device"], reply)
            return reply
        except Dead:
            if self.app is served_by:
                raise  # whoever asked is no more; otherwise the service is
            return None
        except Fallen:
            self.hub.after(0, lambda: self.crash(self.chance.randrange(1_000, 10 * MINUTE_MS)))
            return None
        finally:
            self._busy.pop(fibre, None)

    def _note_asked(self, device: str, wanted: PullRequest) -> None:
        """From where a workstation asked on: it may have gone before it is answered."""
        if wanted.epoch == self.epoch():
            self.asked.setdefault(device, []).extend((self.hub.now_ms, place) for place in wanted.cursors.values())

    def _note_served(self, device: str, reply: Reply) -> None:
        """Which entries the centre let out to it, when first: read from the bytes of its answer."""
        known = self.served.setdefault(device, {})
        for items in decode(reply.content, PullReply).items.values():
            for item in items:
                known.setdefault(item.entry.chain, self.hub.now_ms)

    def _wait(self, bell: Any, seconds: float) -> bool:
        if bell is None:
            if self.chance.random() < 0.1:
                self.hub.sleep(self.chance.randrange(1, 60))
            return False
        if bell.is_set():
            return True
        key = id(bell)
        try:
            self.hub.sleep(int(seconds * 1000), lambda sleep: self._bells.update({key: (bell, sleep)}))
        finally:
            self._bells.pop(key, None)
        return bool(bell.is_set())

    def _rung(self, ring: Callable[..., None], scopes: frozenset[str]) -> None:
        ring(scopes)
        for bell, sleep in list(self._bells.values()):
            if bell.is_set():
                self.hub.after(self.chance.randrange(5, self._slowest_bell_ms), sleep.end)
        if not self._watching_head:
            self._watching_head = True
            self.hub.after(WATCH_HEAD_MS, self._watch_head)

    def _may_die(self) -> None:
        self._has_written = True
        if self.app is not None and self.chance.random() < self.faults.centre_dies_at_commit:
            self.faults.played["centre fell before a commit"] += 1
            raise Fallen

    # Watching

    def _watch_head(self) -> None:
        self._watching_head = False
        if self.app is not None:
            restored.watch_head(self.centre, self.folder)

    def _watch_due(self) -> None:
        if self.app is not None:
            try:
                breaches.look(self.centre)
            except Fallen:
                self.crash(MINUTE_MS)
        self.hub.after(WATCH_DUE_MS, self._watch_due)

    def _watch_recovery(self) -> None:
        if self.app is not None:
            try:
                recovery.advance(self.centre)
                if self._has_written:  # else nothing can be decided that could not be a minute ago
                    self._has_written = False
                    settle_deferred(self.centre)
            except Fallen:
                self.crash(MINUTE_MS)
        self.hub.after(WATCH_RECOVERY_MS, self._watch_recovery)

    # Copies

    def copy(self) -> None:
        """Last night's copy: the whole file, with what the log beside it holds."""
        if self.app is None:
            return
        connection = self.centre.engine.raw_connection()
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.close()
        place = self.folder / "copy.sqlite"
        shutil.copyfile(self.file, place)
        shutil.rmtree(files := self.folder / "copy.blobs", ignore_errors=True)
        if self._blobs.exists():
            shutil.copytree(self._blobs, files)
        self._copy = (place, files)

    def aim(self) -> None:
        """The copy is put back just when a workstation is in the middle of finding out where it stands."""
        self._aimed = True

    def _struck(self, path: str) -> None:
        if path.startswith("/v1/personal/") and self.chance.random() < self.faults.copy_at_record:
            self.copy()
            self.aim()
        if self._aimed and path in ("/v1/status", "/v1/snapshot"):
            self._aimed = False
            self.hub.after(0, self.put_copy_back)

    def put_copy_back(self) -> bool:
        """The file is put back by hand, and the service started. False when there is no copy yet."""
        if self._copy is None or self.app is None:
            return False
        self.before_put_back()
        self.stop(in_order=True)
        for suffix in ("-wal", "-shm"):
            self.file.with_name(self.file.name + suffix).unlink(missing_ok=True)
        shutil.copyfile(self._copy[0], self.file)
        if self.chance.random() < 0.5:  # the files were on the disk that was lost
            shutil.rmtree(self._blobs, ignore_errors=True)
            if self._copy[1].exists():
                shutil.copytree(self._copy[1], self._blobs)
        self.faults.played["centre put back to a copy"] += 1
        self.put_back_ms = self.hub.now_ms
        self.start()
        return True

    # Seen from outside

    def epoch(self) -> int:
        """The number of its history."""
        return self._epoch

    def place_of(self, scope: str, gseq: int) -> int | None:
        """Where an entry stands in a feed; None when that is not known now."""
        if self.app is None:
            return None
        with self.centre.reading() as connection:
            query = "SELECT sseq FROM feed WHERE scope = ? AND gseq = ?"
            return connection.exec_driver_sql(query, (scope, gseq)).scalar()

    def end_of(self, scope: str) -> int:
        """The last place of a feed; 0 when that is not known now."""
        if self.app is None:
            return 0
        with self.centre.reading() as connection:
            query = "SELECT sseq FROM scope_head WHERE scope = ?"
            return int(connection.exec_driver_sql(query, (scope,)).scalar() or 0)

    # Programs

    def run_old_program(self, on: bool) -> None:
        """Another version of the program is installed: restarted with it."""
        if on != self.is_old and self.app is not None:
            self.is_old = on
            self.faults.played["centre ran an older program"] += int(on)
            self.stop(in_order=True)
            self.start()

    def knows(self, command: Command) -> bool:
        """Whether the program of the moment knows acts of this kind."""
        return not (self.is_old and kind_of(command.args) in NOT_KNOWN_TO_THE_OLD)


def reads_by_program(patch: pytest.MonkeyPatch, centre: Callable[[], WorldCentre | None]) -> None:
    """The centre reads acts by the version of the program that it runs."""

    def read(body: str) -> Command:
        command, reads = decode_command(body), centre()
        if reads is not None and not reads.knows(command):
            raise UnknownKind(kind_of(command.args))
        return command

    patch.setattr(parsing, "decode_command", read)


__all__ = ["Dead", "Fallen", "WorldCentre"]
