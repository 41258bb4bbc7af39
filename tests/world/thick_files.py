"""交接包 of many acts (tests/world/handover.py): more than one push takes, and what was done first is taken back last, so in another
push. Two colleagues carry them; one of the two is revoked before it has handed anything in, the other carries two files."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

from sqlalchemy import select

from models.clock import HOUR_MS, MINUTE_MS
from models.store import outbox
from models.store.console_tables import outbox as table
from models.store.work import Work
from tests.world.console import WorldConsole
from tests.world.faults import Faults
from tests.world.handover import Couriers
from tests.world.hub import Hub
from tests.world.people import pause_ms
from tests.world.reviewing import Reviewers

ActsAt = Callable[[WorldConsole], None]


class ThickFiles:
    """Whoever works for an hour without a line, and thinks better of some of it. `chance` is its own: a world without these files
    is the world it was."""

    def __init__(
        self, hub: Hub, chance: random.Random, faults: Faults, consoles: list[WorldConsole], couriers: Couriers,
        reviewers: Reviewers, acts_at: ActsAt,
    ) -> None:  # fmt: skip
        self._hub, self._chance, self._consoles = hub, chance, consoles
        self._couriers, self._reviewers, self._acts_at = couriers, reviewers, acts_at
        self._faults = faults
        self._count = faults.thick_files or chance.choice((0, 0, 1))
        self._files: list[tuple[str, bytes]] = []
        self._end_ms = 0

    def begin(self, end_ms: int) -> None:
        """So many of them in this world, which people leave at that instant."""
        self._end_ms, length = end_ms, end_ms - self._hub.now_ms
        for _ in range(self._count):
            self._hub.after(int(length * self._chance.random() * 0.6), self._cut_off)

    def _cut_off(self) -> None:
        able = [c for c in self._consoles if _is_able(c) and len(self._colleagues(c)) > 1]
        if not able:
            return
        console, hour = self._chance.choice(able), 60 * MINUTE_MS
        for_ms = int(HOUR_MS * self._chance.uniform(3, 6))
        console.cable.cut(for_ms)
        for _ in range(9):
            self._during(self._chance.randrange(MINUTE_MS, 50 * MINUTE_MS), partial(self._acts_at, console))
        for _ in range(3):
            self._during(self._chance.randrange(45 * MINUTE_MS, hour), partial(self._thinks_better, console))
        self._during(hour, partial(self._writes, console))
        if self._chance.random() < 0.5:
            for _ in range(4):
                later = hour + self._chance.randrange(MINUTE_MS, 30 * MINUTE_MS)
                self._during(later, partial(self._acts_at, console))
            self._during(hour + 31 * MINUTE_MS, partial(self._thinks_better, console))
            self._during(hour + 32 * MINUTE_MS, partial(self._writes, console))

    def _during(self, ms: int, job: Callable[[], None]) -> None:
        """While people are at work."""
        if self._hub.now_ms + ms < self._end_ms:
            self._hub.after(ms, job)

    def _thinks_better(self, console: WorldConsole) -> None:
        """Somebody takes back what was done longest ago, of what can still be."""
        if not _is_able(console):
            return
        waiting = select(table.c.actor, table.c.case_id).where(
            table.c.state == outbox.PENDING, table.c.retracted.is_(False), table.c.kind != outbox.RETRACT
        )

        def last_of_each(work: Work) -> list[tuple[str, str]]:
            rows = work.connection.execute(waiting.order_by(table.c.dseq.desc())).all()
            last: dict[str, str] = {}
            for row in rows:
                last.setdefault(row.case_id, row.actor)
            return [(actor, case_id) for case_id, actor in last.items()][::-1]

        found = console.database(last_of_each)
        if found and console.undo(*found[0]):
            self._faults.played["act taken back without a line"] += 1

    def _writes(self, console: WorldConsole) -> None:
        raw = self._couriers.written(console)
        colleagues = [c for c in self._colleagues(console) if _is_able(c)]
        if raw is None or not colleagues:
            return
        unit = console.place.unit
        first, *others = self._chance.sample(colleagues, min(2, len(colleagues)))
        if others and self._chance.random() < 0.5:
            self._reviewers.take_out(first, self._acts_at)  # has no line any more: it hands nothing in before that
        self._couriers.bring(unit, raw, to=first)
        for second in others:
            earlier = [file for of, file in self._files if of == unit]
            for file in (raw, *earlier[-1:]):
                later = pause_ms(self._chance, 15)
                self._hub.after(later, partial(self._couriers.bring, unit, file, to=second))
        self._files.append((unit, raw))

    def _colleagues(self, console: WorldConsole) -> list[WorldConsole]:
        return [c for c in self._consoles if c.place.unit == console.place.unit and c is not console]


def _is_able(console: WorldConsole) -> bool:
    ready = console.is_up and not console.is_falling and console.rules is not None
    return ready and bool(console.place.device) and not console.needs_a_code
