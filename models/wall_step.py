"""Steps of a machine's wall clock: what somebody, or a time service, did to it while the boot counter ran on (sync.md §3.7).

No verdict hangs on them, the boot counter decides (D8). They are kept so that nobody who moves a clock does so unseen. What turns the
local time and not the instant (a time zone) is no step.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

from models.clock import MINUTE_MS, SECOND_MS

SMALLEST_MS = 5 * SECOND_MS
"""Less is a time service at its work."""

MOST_AT_ONCE = 50
"""So many a workstation keeps and tells, the last ones."""

_Instant = Annotated[int, msgspec.Meta(ge=0, lt=1 << 53)]
_Milliseconds = Annotated[int, msgspec.Meta(gt=-(1 << 53), lt=1 << 53)]


class WallStep(msgspec.Struct, frozen=True, array_like=True):
    """By how much the wall clock was moved (ms, negative: put back), noticed when it was surely not before `at_ms` (ms UTC)."""

    at_ms: _Instant
    by_ms: _Milliseconds


class Seen(msgspec.Struct, frozen=True, array_like=True):
    """Both clocks of a machine at one glance."""

    boot: str
    wall_ms: int
    mono_ms: int


def moved_ms(before: Seen, now: Seen) -> int:
    """By how much the wall clock was moved between two glances; 0 when by nothing that matters. Across boots only that it went back can be
    told: for how long the machine was off nobody knows."""
    if before.boot == now.boot:
        found = (now.wall_ms - now.mono_ms) - (before.wall_ms - before.mono_ms)
    else:
        found = min(0, now.wall_ms - before.wall_ms)
    return found if abs(found) >= SMALLEST_MS else 0


class Watch:
    """Looks at the clocks again and again; tells a step a minute at most, and then all that it came to since the last."""

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._told_ms: int | None = None

    def look(self, now: Seen) -> int:
        """By how much the wall clock was moved; 0 when it was not, or when that is told later."""
        found = moved_ms(self._seen, now)
        if found and self._told_ms is not None and now.mono_ms - self._told_ms < MINUTE_MS:
            return 0
        if found:
            self._told_ms = now.mono_ms
        self._seen = now
        return found
