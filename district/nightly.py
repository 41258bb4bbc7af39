"""The nightly audit: once a night, at a quiet hour, the service has the whole record recomputed by a process of its own that gives way
to everything else (sync.md §3.9). When it was not running at that hour, soon after its next start.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from pathlib import Path

from anyio.to_thread import run_sync

from district.sheets import audits, remember
from models.clock import DAY_MS, HOUR_MS, SHANGHAI_MS, Clock
from models.workstations import Audits

AT_HOUR = 3
"""Beijing time."""

_AGAIN_MS = HOUR_MS
"""One that did not come to an end is tried again after so long."""

_log = logging.getLogger("district")


def last_hour_ms(now_ms: int, at_hour: int) -> int:
    """When it was that hour of the day last, Beijing time."""
    midnight = (now_ms + SHANGHAI_MS) // DAY_MS * DAY_MS - SHANGHAI_MS
    at = midnight + at_hour * HOUR_MS
    return at if at <= now_ms else at - DAY_MS


class Nightly:
    """For one service. `command` is the audit as another process, which leaves what it found in `folder`."""

    def __init__(self, folder: Path, command: list[str], clock: Clock, at_hour: int = AT_HOUR) -> None:
        self.folder = folder
        self._command = command
        self._clock = clock
        self._at_hour = at_hour
        self._not_before_ms = 0

    def is_due(self) -> bool:
        """No audit has been made since it was that hour last, or the clock has been set back since. A district that never had one
        waits for the next night."""
        now = self._clock.wall_ms()
        known = audits(self.folder)
        if known is None:
            remember(self.folder, Audits(now))
            return False
        last = known.last.at_ms if known.last is not None else known.since_ms
        return not last_hour_ms(now, self._at_hour) <= last <= now

    async def look(self, ending: asyncio.Event) -> None:
        """Make one, if it is due; until it has come to an end, or the service does."""
        if self._clock.mono_ms() < self._not_before_ms or not await run_sync(self.is_due):
            return
        before = audits(self.folder)
        code = await self._run(ending)
        found = audits(self.folder)
        if ending.is_set():
            return
        if found is None or found.last is None or found == before:
            self._not_before_ms = self._clock.mono_ms() + _AGAIN_MS
            _log.error("the nightly audit did not come to an end (%s): it is tried again in an hour", code)
        elif found.last.contradictions:
            _log.error(
                "THE NIGHTLY AUDIT FOUND %d CONTRADICTIONS, the first: %s; see %s",
                found.last.contradictions,
                found.last.first[0],
                found.last.sheet,
            )

    async def _run(self, ending: asyncio.Event) -> int | None:
        """What it ended with. Nobody waits for it when the service ends."""
        nothing = asyncio.subprocess.DEVNULL
        process = await asyncio.create_subprocess_exec(*self._command, stdin=nothing, stdout=nothing)
        ends, waits = asyncio.create_task(process.wait()), asyncio.create_task(ending.wait())
        await asyncio.wait({ends, waits}, return_when=asyncio.FIRST_COMPLETED)
        waits.cancel()
        if process.returncode is None:
            process.terminate()
        await ends
        return process.returncode


def command_of(database: str, folder: Path, clock_words: str) -> list[str]:
    """How the same program is started once more, as `audit` of the same database."""
    program = [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "district"]
    return [*program, "audit", "--database", database, "--sheets", str(folder), "--demo-clock", clock_words]
