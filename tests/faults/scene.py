"""The parties of one run: a small district in a database, its service, three workstations of two units, all real processes."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from district import certificates, enrolment
from district.keys import make_signing_key
from district.opening import initialise, open_database
from district.past import epoch_of
from district.store import Connection
from district.store.audit import scope_heads
from models.clock import SystemClock
from models.enrolment_code import pin_of
from models.ids import SYSTEM_RANDOM
from models.store.engine import open_engine, take_order_lock
from models.wire import GENESIS
from tests.faults import told
from tests.faults.processes import Console, District, until
from tests.faults.told import Stands, Told
from tests.invariants.at_rest import Violation
from tests.models import small_town
from tests.models.small_town import START_MS, TOWN, VILLAGE

OPERATOR, PASSWORD = "operator", "faults-2026"
WORKSTATIONS = ((TOWN, "a"), (TOWN, "b"), (VILLAGE, "a"))
"""Two at one desk's unit, so that they meet on the same cases, and the station that checks."""

WITH_A_WINDOW = WORKSTATIONS[0]

PACE = 30
"""Time runs so many times as fast for everybody, so that due times pass within a run."""

SETTLE_SECONDS = 150
"""After everything is healed, so long at most until all is quiet (I19); a workstation may wait a minute by itself."""

PASSPHRASE = "faults faults"


class Scene:
    """All parties of a run in a folder of their own. `played` counts what went wrong."""

    def __init__(
        self,
        folder: Path,
        seed: int,
        database_url: str,
        *,
        pace: int = PACE,
        host: str = "",
        encrypted: bool = False,
        under: Sequence[str] = (),
        machine_clocks: bool = False,
        prepare: Callable[[Path], dict[str, str]] = lambda _folder: {},
    ) -> None:
        """`host`: served under TLS at this address; `encrypted`: the workstations' stores are; `under`: what is put before the
        command of a workstation, which goes by the machine's own clocks with `machine_clocks`; `prepare` is told the folder of
        each, and says what to add to its environment."""
        self.folder, self.seed, self.database_url = folder, seed, database_url
        self.chance = random.Random(f"faults {seed}")
        self.played: Counter[str] = Counter()
        self._host, self._encrypted, self._under, self.pace = host, encrypted, under, pace
        self._machine_clocks, self._prepare = machine_clocks, prepare
        origin = SystemClock()
        start_ms = START_MS if pace > 1 else origin.wall_ms()
        self.clock_words = f"{start_ms}:{origin.mono_ms()}:{pace}"
        self.clock = told.clock_of(self.clock_words)
        self.keys = folder / "keys"
        self._make()
        shown = self.clock_words if pace > 1 else ""
        self.district = District(database_url, self.keys, shown, host or "127.0.0.1", tls=bool(host))
        assert self.district.start(), "the district does not serve"
        self.rested: list[Stands | None] = []
        self.consoles: list[Console] = []
        try:
            self.consoles += [self._workstation(unit, name) for unit, name in WORKSTATIONS]
            self._begin()
        except BaseException:
            self.close()
            raise

    def _make(self) -> None:
        make_signing_key(self.keys)
        if self._host:
            certificates.make(self.keys, (self._host,), SystemClock().wall_ms())  # TLS asks the machine
        engine = open_database(self.database_url)
        initialise(engine, small_town.reference(), OPERATOR, PASSWORD, self.clock.wall_ms())
        engine.dispose()

    def _workstation(self, unit: str, name: str) -> Console:
        folder = self.folder / f"{unit}-{name}"
        seed = f"{self.seed} {unit}-{name}"
        passphrase = PASSPHRASE if self._encrypted else ""
        told_of = (self.district.address, unit, self.code(unit), self.clock_words, seed, self._machine_clocks)
        known = Told(*told_of, passphrase=passphrase, window=(unit, name) == WITH_A_WINDOW)
        told.keep(folder, known)
        return Console(folder, self._under, self._prepare(folder))

    def code(self, unit: str) -> str:
        """A one-time code for a workstation of the unit."""
        engine = open_engine(self.database_url)
        pin = pin_of(certificates.authority_bytes(certificates.authority_of(self.keys))) if self._host else ""
        with engine.begin() as connection:
            take_order_lock(connection)
            now = self.clock.wall_ms()
            code, _ = enrolment.make(connection, unit, "faults", OPERATOR, 600, pin, now, SYSTEM_RANDOM)
        engine.dispose()
        return code.shown()

    def _begin(self) -> None:
        """Start every workstation and wait until each has been let in: a code is good once."""
        for console in self.consoles:
            console.start()
        assert until(lambda: all(c.stands() is not None for c in self.consoles), 60), "a workstation does not start"

    # Coming to rest

    def settle(self, seconds: float = SETTLE_SECONDS) -> float:
        """Everything runs again and nobody acts any more. When all has come to rest, all end in order: returns after how many
        seconds. Violation("I19") when it does not within the bound."""
        began = time.monotonic()
        while (left := began + seconds - time.monotonic()) > 0:
            self._all_well()
            if not until(self._is_quiet, min(left, 10)):
                continue
            took = time.monotonic() - began
            self.district.kill(signal.SIGTERM)
            if self._all_is_known():  # nothing came to be written while it ended
                for console in self.consoles:
                    console.end()
                return took
        raise Violation("I19", f"no rest within {seconds:.0f} s: {[c.stands() for c in self.consoles]} {self.ends()}")

    def _all_well(self) -> None:
        if not self.district.is_up:
            self.district.start()
        for console in self.consoles:
            if not console.is_up:
                console.kill()
                console.start()
            console.say("rest")

    def ends(self) -> dict[str, tuple[int, int, str]]:
        """Where each feed ends: epoch, place, chain."""
        with self._reading() as connection:
            epoch = epoch_of(connection)
            begun = {unit: (epoch, 0, GENESIS) for unit, _name in WORKSTATIONS}
            return begun | {head.scope: (epoch, head.sseq, head.chain) for head in scope_heads(connection)}

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        engine = open_engine(self.database_url)
        try:
            with engine.connect().execution_options(read_only=True) as connection:
                yield connection
        finally:
            engine.dispose()

    def _is_quiet(self) -> bool:
        stand = self.rested = [console.stands() for console in self.consoles]
        at_rest = all(s is not None and s.resting and not s.waiting and s.phase == "online" for s in stand)
        return at_rest and self._all_is_known()

    def _all_is_known(self) -> bool:
        """Everybody stands where the feed of his unit ends."""
        ends = self.ends()
        told = ((found.epoch, found.sseq, found.chain) if found else None for found in self.rested)
        return all(found == ends.get(unit) for (unit, _name), found in zip(WORKSTATIONS, told, strict=True))

    def close(self) -> None:
        """Whatever still runs ends."""
        for console in self.consoles:
            console.kill()
        self.district.kill()
