"""Since when this console has been running (D6): what it waited for while it ran is the line's, what passed while it was switched off is
its unit's. Somebody who starts the program anew because the line is down has not switched it off."""

from __future__ import annotations

import contextlib

import msgspec
from msgspec.structs import replace

from models.clock import MINUTE_MS
from models.errors import Refused
from models.store.work import Work
from models.wire import Malformed, decode, encode
from services.sync.database import Database
from services.sync.line import Line

RESTART_MS = 3 * MINUTE_MS
"""So long a program may be gone to count as started anew: closed, opened, signed in."""

BEAT_MS = MINUTE_MS

_META = "running"


class Running(msgspec.Struct, frozen=True):
    """By the machine's own counter, which begins anew with each boot: since when, and when that was last written down (ms)."""

    boot: str
    began_ms: int
    alive_ms: int


def at_start(kept: Running | None, boot: str, now_ms: int) -> Running:
    """The program has just been started; `kept`: what its last run wrote down."""
    if kept is not None and kept.boot == boot and 0 <= now_ms - kept.alive_ms <= RESTART_MS:
        return Running(boot, kept.began_ms, now_ms)
    return Running(boot, now_ms, now_ms)


class Heart:
    """Writes down once a minute that the program runs: for its next run."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._running: Running | None = None

    @property
    def began_ms(self) -> int:
        """Since when it runs, by the counter of the line it last beat with."""
        return self._running.began_ms if self._running is not None else 0

    def beat(self, line: Line) -> None:
        """It runs. Nothing of a clerk hangs on it: a disk that takes it not is no reason to stop."""
        now, was = line.mono_ms(), self._running
        if was is not None and now - was.alive_ms < BEAT_MS:
            return
        if was is None:
            boot = line.boot_id()
            running = self._database(lambda work: at_start(_kept(work), boot, now))
        else:
            running = replace(was, alive_ms=now)
        self._running = running
        with contextlib.suppress(Refused):
            self._database(lambda work: _keep(work, running))


def _kept(work: Work) -> Running | None:
    words = work.read_meta(_META)
    try:
        return decode(words, Running) if words else None
    except Malformed:
        return None


def _keep(work: Work, running: Running) -> None:
    work.write_meta(_META, encode(running).decode())
    work.commit()
