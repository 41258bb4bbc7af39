"""Clocks of a simulated district: the centre's is right, a workstation's is what it may be (sync.md §3.7)."""

from __future__ import annotations

import random

from tests.world.hub import Hub

MOST_DRIFT = 199
"""Parts per million; the evidence allows for 200, counted in the workstation's own time."""


class RightClock:
    """The centre's: true time."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def wall_ms(self) -> int:
        return self._hub.now_ms

    def mono_ms(self) -> int:
        return self._hub.now_ms

    def boot_id(self) -> str:
        return "centre"

    def let_others_in(self) -> None:
        """For whoever gives a lock back too early: somebody else gets his turn now."""
        self._hub.sleep_if_able(20)


class WrongClock:
    """A workstation's: the counter drifts, the wall is somewhere and is moved, each boot begins anew."""

    def __init__(self, hub: Hub, chance: random.Random, name: str) -> None:
        self._hub, self._chance, self._name = hub, chance, name
        self._boots = 0
        self._off_ms = chance.choice((0, 0, 1_500, -40_000, 7_200_000, -86_400_000))
        self.boot()

    def boot(self) -> None:
        """The machine was switched off and on: another boot, another counter."""
        self._boots += 1
        self._since = self._hub.now_ms
        self._first = self._chance.randrange(0, 90_000)
        self._pace = 1 + self._chance.randint(-MOST_DRIFT, MOST_DRIFT) / 1_000_000

    def step_wall(self) -> None:
        """Somebody sets the clock, or a battery is empty."""
        self._off_ms = self._chance.choice((0, -3_600_000, 3_600_000, 400 * 86_400_000, -20 * 86_400_000))

    def wall_ms(self) -> int:
        return self._hub.now_ms + self._off_ms

    def mono_ms(self) -> int:
        return self._first + int((self._hub.now_ms - self._since) * self._pace)

    def boot_id(self) -> str:
        return f"{self._name}-{self._boots}"
