"""A workstation is revoked while it holds acts nobody has; what it hands in then lies apart, and another person decides on it
(district/review.py, docs/decisions/0015). Sooner or later it is let in again."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

from district import devices, review
from models.clock import MINUTE_MS
from models.errors import Refused
from tests.district.parties import OPERATOR
from tests.world.centre import Fallen, WorldCentre
from tests.world.console import WorldConsole
from tests.world.faults import Faults
from tests.world.hub import Hub
from tests.world.people import pause_ms

ANOTHER_OPERATOR = "operator-2"
WHY = "lost on the way"


class Reviewers:
    """Who takes workstations out, and who looks at what they hand in all the same."""

    def __init__(self, hub: Hub, chance: random.Random, faults: Faults, centre: WorldCentre) -> None:
        self._hub, self._chance, self._faults, self._centre = hub, chance, faults, centre

    def take_out(self, console: WorldConsole, acts_at: Callable[[WorldConsole], None]) -> None:
        """It has no line for a while, people work on, and meanwhile it is revoked."""
        for_ms = self._chance.randrange(10 * MINUTE_MS, 60 * MINUTE_MS)
        console.cable.cut(for_ms)
        for _ in range(4):
            self._hub.after(self._chance.randrange(for_ms), partial(acts_at, console))
        self._hub.after(for_ms // 2, partial(self._revoke, console.place.device))
        for _ in range(2):
            self._hub.after(for_ms + pause_ms(self._chance, 30), partial(self._look, console.place.device))

    def _revoke(self, device: str) -> None:
        if self._centre.app is None:
            return
        centre = self._centre.centre
        try:
            with centre.writing() as connection:
                devices.revoke(connection, device, OPERATOR, WHY, centre.clock.wall_ms())
        except Refused:
            return  # a centre that was put back has never heard of it
        except Fallen:
            self._centre.crash(MINUTE_MS)
            return
        self._faults.played["workstation revoked"] += 1

    def _look(self, device: str) -> None:
        if self._centre.app is None:
            return
        try:
            self._decide(device)
        except Refused as refused:
            self._faults.played[f"review refused: {refused.code}"] += 1
        except Fallen:
            self._centre.crash(MINUTE_MS)

    def _decide(self, device: str) -> None:
        """The first few that may be admitted, all of them, or one in the middle."""
        centre, chance = self._centre.centre, self._chance
        with centre.reading() as connection:
            found = review.apart(connection, device, centre.clock.wall_ms())
        hashes = [act.hash for act in found.acts if act.may_be_admitted]
        if not hashes:
            return
        first = chance.choice((0, 0, 0, chance.randrange(len(hashes))))
        last = chance.choice((len(hashes), first + 1 + chance.randrange(len(hashes) - first)))
        admit = chance.random() < 0.7
        asked = review.Asked(device, tuple(hashes[first:last]), admit, ANOTHER_OPERATOR, "核对属实")
        with centre.reading() as connection:
            acts = review.read(connection, asked)
        with centre.in_order() as journal:
            done = review.decide(journal, asked, acts)
        self._faults.played["acts admitted" if admit else "acts declined"] += done.decided
