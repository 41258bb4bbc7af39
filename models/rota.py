"""Who is on duty today: a rota in which the desks of a unit take turns by date. Data of the district, not code."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from models.clock import DAY_MS, MINUTE_MS, SHANGHAI_MS
from models.people import Person, Role


class Rota(msgspec.Struct, frozen=True):
    """The desks that take turns at a village workstation's telephone (值守), one after the other; the stations of a town
    begin a turn apart.

    `first_day` is the day since 1970-01-01 on which the first turn began; a turn lasts `turn_days` and changes hands
    `hand_over_minutes` after midnight, Shanghai's time. Whoever of a desk comes first in the staff list comes first.
    """

    first_day: int
    turn_days: int
    hand_over_minutes: int
    roles: tuple[Role, ...]
    source: str = ""

    def on_duty(self, staff: Sequence[Person], place: int, at_ms: int) -> Person | None:
        """Who of the staff of the town's station at a place (0 …) is on duty at an instant (ms UTC); None when nobody
        sits at a desk that takes turns."""
        turns = [person for role in self.roles for person in staff if role in person.roles]
        if not turns:
            return None
        day = (at_ms + SHANGHAI_MS - self.hand_over_minutes * MINUTE_MS) // DAY_MS
        return turns[((day - self.first_day) // self.turn_days + place) % len(turns)]
