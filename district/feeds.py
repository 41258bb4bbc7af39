"""What each unit may see, in order: rows written at judgement time, so no query can leak (sync.md §3.9)."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import Connection, select

from district.store.tables import feed, log, scope_head
from models.wire import Entry, FeedItem, Reason, decode


class Compacted(Exception):
    """The place asked for is no longer, or never was, in the feed: take a snapshot."""


def items_after(connection: Connection, scope: str, sseq: int, limit: int) -> tuple[list[FeedItem], bool]:
    """Up to `limit` items after `sseq` and whether there are more. Compacted when `sseq` lies beyond the head."""
    head = connection.execute(select(scope_head.c.sseq).where(scope_head.c.scope == scope)).scalar() or 0
    if sseq > head:
        raise Compacted
    if sseq == head:
        return [], False
    columns = (feed.c.sseq, feed.c.mode, feed.c.document, feed.c.chain.label("scope_chain"), log)
    query = select(*columns).join(log, log.c.gseq == feed.c.gseq)
    wanted = query.where(feed.c.scope == scope, feed.c.sseq > sseq).order_by(feed.c.sseq).limit(limit)
    items = [_item(row) for row in connection.execute(wanted)]
    return items, bool(items) and items[-1].sseq < head


def _item(r: Any) -> FeedItem:
    carries = r.mode == "effect"
    entry = Entry(
        gseq=r.gseq,
        body=r.body,
        hash=r.hash,
        outcome=r.outcome,
        received_at=r.received_at,
        evidence=(r.lo, r.hi, r.grade),
        chain=r.chain,
        reason=None if r.reason == "null" else decode(r.reason, Reason),
        effect=msgspec.Raw(r.effect.encode() if carries else b"null"),
        case_version=r.case_version,
        rules=r.rules,
    )
    document = bytes(r.document) if r.document is not None else b"null"
    return FeedItem(r.sseq, r.scope_chain, r.mode, entry, msgspec.Raw(document))
