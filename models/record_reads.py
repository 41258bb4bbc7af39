"""Who read requesters' records, as a district operator sees it (D2: every reading is recorded). Of a record nothing is told here,
not even its hash."""

from __future__ import annotations

import msgspec

MOST_AT_ONCE = 100


class RecordRead(msgspec.Struct, frozen=True):
    """Somebody read the record of the case's requester, at a workstation of `unit`, at `at` (ms UTC)."""

    at: int
    person: str
    unit: str
    slot: str
    case_id: str
    case_number: str


class RecordReads(msgspec.Struct, frozen=True):
    """Newest first: about MOST_AT_ONCE of them, never one of an instant without the others; `more` when there are older ones,
    which are asked for with `before` the last one told here."""

    reads: list[RecordRead]
    more: bool
    now_ms: int
