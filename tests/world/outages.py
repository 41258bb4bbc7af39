"""A whole desk without a line, as it is in a sub-centre: every workstation of the unit at once, while the others work on and hand
cases to it. What was handed on then has a way to its desk (docs/decisions/0005)."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

from models.clock import MINUTE_MS
from tests.world.console import WorldConsole
from tests.world.faults import Faults
from tests.world.hub import Hub


class Outages:
    """The line of one unit. `chance` is its own: a world without outages is the world it was."""

    def __init__(
        self, hub: Hub, chance: random.Random, faults: Faults, consoles: list[WorldConsole],
        acts_at: Callable[[WorldConsole], None],
    ) -> None:  # fmt: skip
        self._hub, self._chance, self._faults, self._consoles, self._acts_at = hub, chance, faults, consoles, acts_at
        self._count = faults.outages or chance.choice((0, 0, 1, 2))
        self._end_ms = 0

    def begin(self, end_ms: int) -> None:
        """So many of them in this world, which people leave at that instant."""
        self._end_ms = end_ms
        for _ in range(self._count):
            self._hub.after(int((end_ms - self._hub.now_ms) * self._chance.random() * 0.8), self._out)

    def _out(self) -> None:
        unit = self._chance.choice(self._consoles).place.unit
        for_ms = self._chance.randrange(3 * MINUTE_MS, 90 * MINUTE_MS)
        self._faults.played["unit without a line"] += 1
        others = []
        for console in self._consoles:
            if console.place.unit == unit:
                console.cable.cut(for_ms)
            elif console.is_up and not console.cable.is_cut:
                others.append(console)
        for _ in range(6 if others else 0):
            when = self._chance.randrange(MINUTE_MS, for_ms)
            if self._hub.now_ms + when < self._end_ms:
                self._hub.after(when, partial(self._works_on, self._chance.choice(others)))

    def _works_on(self, console: WorldConsole) -> None:
        if console.is_up:
            self._acts_at(console)
