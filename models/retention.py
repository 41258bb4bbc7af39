"""Which cases a workstation holds: those that go on, and those that ended within ninety days. Older ones are at the centre,
and come when asked for (sync.md §3.11).
"""

from __future__ import annotations

from models.case import Case
from models.clock import DAY_MS

KEPT_DAYS = 90
FETCHED_FOR_DAYS = 7
"""So long an older case that somebody asked for stays on the workstation."""

KEPT_MS = KEPT_DAYS * DAY_MS
"""So long after its end a case is in every snapshot, and stays on a workstation."""
SURELY_HELD_MS = 89 * DAY_MS
"""A case that ended longer ago than this travels whole when something still happens to it: some workstation may not hold
it. A day less than `KEPT_MS`, for whichever clock of the centre said when."""
FETCHED_FOR_MS = FETCHED_FOR_DAYS * DAY_MS

NEVER_MS = 9_000_000_000_000
"""Later than every real instant, where a number must stand."""


def ended_by(case: Case) -> int:
    """The instant (ms UTC) by which a case had surely ended; NEVER_MS while it goes on. An end at a doubtful time counts
    from when the centre heard of it."""
    return NEVER_MS if case.is_open or case.closed_at is None else case.closed_at.hi


def horizon(now_ms: int) -> int:
    """Cases that had surely ended before this (ms UTC) need not be held now."""
    return now_ms - KEPT_MS


def surely_held_since(now_ms: int) -> int:
    """A case that had not surely ended before this (ms UTC) is on every workstation of its scope."""
    return now_ms - SURELY_HELD_MS


def shown_whole(modes: dict[str, str], before: Case | None, now_ms: int) -> dict[str, str]:
    """How each feed carries a change of `before` (models/wire.py FeedItem): of a case that ended long ago the whole, for some
    workstation that should see it may hold it no more."""
    if before is None or ended_by(before) >= surely_held_since(now_ms):
        return modes
    return {scope: "enter" if mode == "effect" else mode for scope, mode in modes.items()}
