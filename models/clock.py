"""The only place that asks the machine for the time.

Everything else receives instants (int milliseconds UTC) or a Clock. The monotonic side counts through sleep
(CLOCK_BOOTTIME on Linux), so a moved wall clock never moves a countdown (sync.md §3.7).
"""

from __future__ import annotations

import os
import time
from datetime import timedelta, timezone
from pathlib import Path
from typing import Protocol

SECOND_MS = 1_000
MINUTE_MS = 60_000
HOUR_MS = 3_600_000
DAY_MS = 86_400_000

SHANGHAI_MS = 8 * HOUR_MS
SHANGHAI = timezone(timedelta(milliseconds=SHANGHAI_MS))
"""Local days and hours are UTC+8 all year (D16)."""


class Clock(Protocol):
    """What a program may ask: the wall, the boot's own counter, and which boot this is."""

    def wall_ms(self) -> int:
        """Milliseconds UTC by the machine's wall clock; may jump."""
        ...

    def mono_ms(self) -> int:
        """Milliseconds since boot, counting sleep; never jumps within one boot."""
        ...

    def boot_id(self) -> str:
        """Names this boot; a different value means mono_ms cannot be compared."""
        ...


class SystemClock:
    """The machine's own clocks."""

    def __init__(self) -> None:
        path = Path("/proc/sys/kernel/random/boot_id")
        # Where the boot cannot be named, each start of the program is one of its own: then the time is doubtful until the
        # centre is heard, which is safe; a counter of an earlier boot taken for this one's would not be.
        self._boot = path.read_text(encoding="ascii").strip()[:13] if path.exists() else os.urandom(6).hex()
        self._counter = getattr(time, "CLOCK_BOOTTIME", None)

    def wall_ms(self) -> int:
        """See Clock.wall_ms."""
        return time.time_ns() // 1_000_000

    def mono_ms(self) -> int:
        """See Clock.mono_ms."""
        if self._counter is None:
            return time.monotonic_ns() // 1_000_000
        return time.clock_gettime_ns(self._counter) // 1_000_000

    def boot_id(self) -> str:
        """See Clock.boot_id."""
        return self._boot


def zone_minutes() -> int:
    """How far the machine's local time is ahead of UTC, by its own setting."""
    return time.localtime().tm_gmtoff // 60


class DemoClock:
    """A clock that starts at a chosen instant and runs `factor` times as fast (演示时间×n).

    Given the same three numbers, every process of one demo reads the same time: the origin is a reading of the
    machine's boot counter, not of its wall clock.
    """

    def __init__(self, inner: Clock, start_ms: int, origin_mono_ms: int, factor: int) -> None:
        self._inner = inner
        self._start_ms = start_ms
        self._origin_mono_ms = origin_mono_ms
        self.factor = factor

    def wall_ms(self) -> int:
        """Demo time, milliseconds UTC."""
        return self._start_ms + (self._inner.mono_ms() - self._origin_mono_ms) * self.factor

    def mono_ms(self) -> int:
        """The boot counter, running at the demo's pace so that durations agree with wall_ms."""
        return self._inner.mono_ms() * self.factor

    def boot_id(self) -> str:
        """The machine's boot, marked with the pace: readings at another pace do not compare."""
        return f"{self._inner.boot_id()}x{self.factor}"
