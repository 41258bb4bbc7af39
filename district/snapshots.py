"""A scope's state at one place of its feed: a manifest and content-addressed parts (sync.md §3.4, §3.11).

It holds the cases that go on and those that ended within ninety days: what it costs does not follow history. Parts are
cut by case id, which is ordered by time, and where an id says so: wherever the oldest cases fall away, most parts of the
next snapshot are those of the last one. A snapshot is kept until two newer ones exist, so that a slow workstation finishes
what it began.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from msgspec.structs import replace

from district.store import Connection
from district.store import documents as rows
from district.store.feeds import end_of
from models.retention import horizon
from models.wire import GENESIS, SnapshotManifest, SnapshotPart, decode, encode

CASES_A_PART = 1_000
_KEPT = 3


class Store(Protocol):
    """Where a snapshot is taken from and kept: one consistent reading, short writings beside it."""

    epoch: int

    def reading(self) -> AbstractContextManager[Connection]: ...
    def writing(self) -> AbstractContextManager[Connection]: ...


def take(store: Store, scope: str, now_ms: int) -> SnapshotManifest:
    """The scope's snapshot at its feed's end; taken anew only when the feed moved since the last one."""
    since = horizon(now_ms)
    with store.reading() as connection:
        sseq, chain = end_of(connection, scope) or (0, GENESIS)
        kept = rows.find_snapshot(connection, scope, sseq, store.epoch)
        if kept is not None:
            return replace(decode(kept, SnapshotManifest), now_ms=now_ms)
        have = rows.part_names(connection, scope)
        parts, state = _write_parts(store, connection, scope, since, have)
    manifest = SnapshotManifest(store.epoch, scope, sseq, chain, state, parts, now_ms, since)
    with store.writing() as connection:
        if rows.find_snapshot(connection, scope, sseq, store.epoch) is None:
            rows.insert_snapshot(connection, scope, sseq, store.epoch, encode(manifest), now_ms)
        _tidy(connection, scope)
    return manifest


def _write_parts(
    store: Store, reading: Connection, scope: str, since: int, have: set[str]
) -> tuple[list[SnapshotPart], str]:
    parts: list[SnapshotPart] = []
    state = hashlib.sha256()
    ids = rows.held_cases(reading, scope, since)
    for cut in _cut(ids):
        lines = rows.case_documents(reading, cut)
        for line in lines:
            state.update(hashlib.sha256(line).digest())
        body = b"\n".join(lines) + b"\n"
        name = hashlib.sha256(body).hexdigest()
        if name not in have:
            with store.writing() as connection:
                if rows.get_part(connection, scope, name) is None:
                    rows.insert_part(connection, scope, name, body)
        parts.append(SnapshotPart(name, len(body), len(lines)))
    return parts, state.hexdigest()


def _cut(ids: list[str]) -> Iterator[list[str]]:
    """The ids in parts of about CASES_A_PART, never more than twice as many. A part ends after the same ids whatever stands
    before them."""
    begin = 0
    for end, case_id in enumerate(ids, start=1):
        is_last = zlib.crc32(case_id.encode()) % CASES_A_PART == 0
        if is_last or end - begin == 2 * CASES_A_PART or end == len(ids):
            yield ids[begin:end]
            begin = end


def _tidy(connection: Connection, scope: str) -> None:
    kept = rows.snapshots_of(connection, scope)
    for old in kept[_KEPT:]:
        rows.drop_snapshot(connection, scope, old.sseq, old.epoch)
    named = {p.sha256 for row in kept[:_KEPT] for p in decode(row.manifest, SnapshotManifest).parts}
    rows.drop_parts(connection, scope, rows.part_names(connection, scope) - named)


def part(connection: Connection, scope: str, sha256: str) -> bytes | None:
    """One part of the scope's kept snapshots; None when it is not there (take a new snapshot)."""
    return rows.get_part(connection, scope, sha256)
