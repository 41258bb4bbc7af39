"""Cases whose end is long past are let go, a few at a time, when the centre has nothing else to say (sync.md §3.11)."""

from __future__ import annotations

from models.clock import HOUR_MS
from models.store import past_cases
from models.store.work import Work
from services.sync.database import Database

MOST_AT_ONCE = 500


class LettingGo:
    """Looks once an hour of the boot counter, and goes on at the next occasion while there is more."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._next_ms: int | None = None

    def perhaps(self, mono_ms: int, now_ms: int) -> None:
        """All that the centre had to say by `now_ms`, on its own clock, is taken in: whatever comes later of a case that ended
        long before comes with the whole case."""
        if self._next_ms is not None and mono_ms < self._next_ms:
            return

        def go(work: Work) -> int:
            gone = past_cases.let_go(work.connection, now_ms, MOST_AT_ONCE)
            work.changed.update(gone)
            work.commit()
            return len(gone)

        more = self._database(go) == MOST_AT_ONCE
        self._next_ms = mono_ms if more else mono_ms + HOUR_MS
