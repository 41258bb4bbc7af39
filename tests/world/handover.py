"""交接包 in a world: a workstation that is cut off for hours writes its unsent acts into a file, a colleague of its unit carries
them (services/handover.py, docs/decisions/0016). It comes back later, or never."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from functools import partial
from io import BytesIO

import pytest
from sqlalchemy import select

from models.clock import HOUR_MS, MINUTE_MS
from models.errors import Refused
from models.handover_file import CarriedFile
from models.store.console_tables import outbox
from models.store.work import Work
from services import handover, handover_files, sealed_file
from services.sync import machine
from tests.world.console import WorldConsole
from tests.world.faults import Crashed, Faults
from tests.world.hub import Hub
from tests.world.people import pause_ms
from tests.world.witness import Witness

PASSPHRASE = "as it was told in person"


class Couriers:
    """Whoever walks over with a file. `consoles`: those of the world; one that has died is no more among them."""

    def __init__(
        self, hub: Hub, chance: random.Random, faults: Faults, witness: Witness, consoles: list[WorldConsole]
    ) -> None:
        self._hub, self._chance, self._faults, self._witness = hub, chance, faults, witness
        self._consoles = consoles
        self.may_die = not (faults.restores_centre or faults.restores_disk)
        self._left: list[tuple[str, bytes]] = []

    def cut_off(self, acts_at: Callable[[WorldConsole], None]) -> None:
        """One workstation has no line for hours; people go on working on it, and then somebody thinks of the file."""
        console = self._one([c for c in self._consoles if c.is_up and c.rules is not None])
        if console is None:
            return
        for_ms = int(HOUR_MS * self._chance.uniform(2, 5))
        console.cable.cut(for_ms)
        for _ in range(5):
            self._hub.after(self._chance.randrange(MINUTE_MS, 40 * MINUTE_MS), partial(acts_at, console))
        self._hub.after(45 * MINUTE_MS + pause_ms(self._chance, 20), partial(self._write, console))

    def at_last(self) -> None:
        """What a workstation left that died is taken in once more, by whoever it is given to."""
        for unit, raw in self._left:
            self._hub.after(40 * MINUTE_MS, partial(self.bring, unit, raw))

    def _write(self, console: WorldConsole) -> None:
        raw = self.written(console)
        if raw is not None:
            for _ in range(self._chance.choice((1, 1, 2))):
                self._hub.after(pause_ms(self._chance, 15), partial(self.bring, console.place.unit, raw, console))

    def written(self, console: WorldConsole) -> bytes | None:
        """What a workstation holds, in a file; perhaps that is the last it does. None when it writes none."""
        if not console.is_up or console.is_falling or console.place.key is None:
            return None
        unit = console.place.unit
        try:
            found = console.database(handover.gather)
        except Refused:
            return None
        chance = random.Random(self._chance.random()).randbytes
        raw = b"".join(handover.packed(found, console.blobs, console.place.key, PASSPHRASE, chance).pieces)
        self._faults.played["handover file written"] += 1
        console.cable.used_ms = self._hub.now_ms
        colleagues = [c for c in self._consoles if c.place.unit == unit and c is not console]
        if colleagues and self.may_die and self._chance.random() < 0.4:
            along = {file.cmd_id for file in handover.opened(BytesIO(raw), PASSPHRASE).inside.files}
            self._dies(console, {sealed.hash for sealed in found.acts}, along)
            self._left.append((unit, raw))
        return raw

    def _dies(self, console: WorldConsole, saved: set[str], along: set[str]) -> None:
        """It never starts again. What it held beside the file is gone with it, and so are the bytes of its photographs but
        those that went `along`."""
        self._faults.played["workstation died"] += 1
        rows = console.database(lambda work: work.connection.execute(select(outbox)).all())
        self._witness.lost |= {row.cmd_id for row in rows if row.state == "pending" and row.hash not in saved}
        self._witness.files -= {row.cmd_id for row in rows} - along
        console.stop()
        console.is_gone = True
        self._consoles.remove(console)

    def bring(self, unit: str, raw: bytes, of: WorldConsole | None = None, to: WorldConsole | None = None) -> None:
        """A colleague takes the file in: anybody of the unit but its maker, or this one."""
        ready = [c for c in self._consoles if c.is_up and not c.is_falling and c.rules is not None]
        console = self._one([c for c in ready if c.place.unit == unit and c is not of and to in (None, c)])
        if console is None:
            return
        opened = handover.opened(BytesIO(raw), PASSPHRASE)

        def keep(work: Work) -> tuple[CarriedFile, ...]:
            wanted = handover.keep(work, opened).wanted
            work.commit()
            return wanted

        try:
            wanted = console.database(keep)
            handover_files.take(BytesIO(raw), opened.at, opened.inside, wanted, console.blobs)
            console.database(lambda work: handover_files.enter(work, wanted, console.blobs))
        except (Refused, Crashed):
            return
        self._faults.played["handover file taken in"] += 1
        console.take(machine.Acted())

    def _one(self, among: list[WorldConsole]) -> WorldConsole | None:
        return self._chance.choice(among) if among else None


def sealed_quickly(patch: pytest.MonkeyPatch) -> None:
    """A key made of the passphrase in no time: what makes it dear protects nobody here."""

    def quick(passphrase: str, how: sealed_file.Derivation) -> bytes:
        return hashlib.sha256((passphrase + how.salt).encode()).digest()

    patch.setattr(sealed_file, "_wrapping_key", quick)
