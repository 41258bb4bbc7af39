"""Acts the centre keeps undecided, as a district operator sees them (sync.md §3.3: listed after 24 hours)."""

from __future__ import annotations

import msgspec

from models.clock import DAY_MS

MOST_AT_ONCE = 200


class WaitedFor(msgspec.Struct, frozen=True):
    """The undecided act that another one waits for."""

    cmd_id: str
    kind: str
    actor: str
    unit: str


class Deferred(msgspec.Struct, frozen=True):
    """An act that waits since `since` (ms UTC): for a newer centre, for a restored centre's past, or for another act on its
    case (`waits_for`); `code` says which. `case_number` is "" for a case the centre has not got."""

    cmd_id: str
    kind: str
    case: str
    case_number: str
    actor: str
    unit: str
    device: str
    since: int
    code: str
    waits_for: WaitedFor | None = None


class DeferredActs(msgspec.Struct, frozen=True):
    """The first MOST_AT_ONCE of them, oldest first; how many wait for more than 24 hours, and how many others."""

    deferred: list[Deferred]
    long_since: int
    others: int
    now_ms: int


def waits_long(since: int, now_ms: int) -> bool:
    """True after 24 hours: what is deferred decides itself when all is well, and by then something is not."""
    return now_ms - since > DAY_MS
