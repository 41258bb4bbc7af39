"""What each unit may see, in order: rows written at judgement time, so no query can leak (sync.md §3.9)."""

from __future__ import annotations

from typing import Any

import msgspec

from district.store import Connection
from district.store import feeds as rows
from models.wire import Entry, FeedItem, Reason, decode

PAGE_BYTES = 4_000_000
"""A page ends after about as many bytes, however few items that is."""


class Compacted(Exception):
    """The place asked for is no longer, or never was, in the feed: take a snapshot."""


def items_after(connection: Connection, scope: str, sseq: int, limit: int) -> tuple[list[FeedItem], bool]:
    """Up to `limit` items after `sseq` and whether there are more. Compacted when `sseq` lies beyond the head."""
    items: list[FeedItem] = []
    size = 0
    for row in rows.rows_after(connection, scope, sseq, limit):
        items.append(_item(row))
        size += len(row.body) + len(row.effect) + len(row.document or b"")
        if size > PAGE_BYTES:
            break
    if items and len(items) < limit and size <= PAGE_BYTES:
        return items, False  # the feed was shorter than what was asked for: where it ends need not be asked
    end = (rows.end_of(connection, scope) or (0, ""))[0]
    if sseq > end:
        raise Compacted
    return items, bool(items) and items[-1].sseq < end


def _item(r: Any) -> FeedItem:
    entry = Entry(
        gseq=r.gseq,
        body=r.body,
        hash=r.hash,
        outcome=r.outcome,
        received_at=r.received_at,
        evidence=(r.lo, r.hi, r.grade),
        chain=r.chain,
        reason=decode(r.reason, Reason | None),  # type: ignore[arg-type]
        effect=msgspec.Raw(r.effect.encode() if r.mode == "effect" else b"null"),
        case_version=r.case_version,
        rules=r.rules,
    )
    document = bytes(r.document) if r.document is not None else b"null"
    return FeedItem(r.sseq, r.scope_chain, r.mode, entry, msgspec.Raw(document))
