"""The feeds as rows, joined with the log for what they carry."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, exists, select

from district.store.tables import deferral, feed, log, scope_head, undelivered
from models.store.case_table import case_row
from models.wire import decode_any

# Made once: every pull asks them, and making them takes longer than the answer.
_END = select(scope_head).where(scope_head.c.scope == bindparam("of"))
_ENTRIES = select(feed.c.sseq, feed.c.mode, feed.c.document, feed.c.chain.label("scope_chain"), log)
_AFTER = (
    _ENTRIES.join(log, log.c.gseq == feed.c.gseq)
    .where(feed.c.scope == bindparam("of"), feed.c.sseq > bindparam("place"))
    .order_by(feed.c.sseq)
    .limit(bindparam("most"))
)
_COME_UNDELIVERED = select(feed.c.gseq).where(
    feed.c.scope == bindparam("of"),
    feed.c.sseq == bindparam("place"),
    exists().where(undelivered.c.receiver == bindparam("of"), undelivered.c.gseq <= feed.c.gseq),
)


def end_of(connection: Connection, scope: str) -> tuple[int, str] | None:
    """The last place of a feed and its chain there."""
    found = connection.execute(_END, {"of": scope}).first()
    return None if found is None else (int(found.sseq), str(found.chain))


def rows_after(connection: Connection, scope: str, sseq: int, limit: int) -> Iterator[Row[Any]]:
    """The feed's rows after a place, in order, with their entries."""
    yield from connection.execute(_AFTER, {"of": scope, "place": sseq, "most": limit})


def published_versions(connection: Connection) -> list[str]:
    """The versions of the editions of the reference data, in the order they came into force."""
    mine = select(log.c.body).join(feed, feed.c.gseq == log.c.gseq).where(feed.c.scope == "reference")
    bodies = connection.execute(mine.order_by(feed.c.sseq)).scalars()
    return [str(decode_any(body)["args"]["version"]) for body in bodies]


def come_undelivered(connection: Connection, unit: str, sseq: int) -> int:
    """Up to which place of the order a workstation has everything that stands at this place of its feed, when something of that has
    not counted as delivered yet; else 0."""
    return int(connection.execute(_COME_UNDELIVERED, {"of": unit, "place": sseq}).scalar() or 0)


def open_deferrals(connection: Connection) -> Sequence[Any]:
    """Acts still undecided, oldest first, with who made them, the unit and device they came from, since when, and why."""
    of_log = (log.c.device, log.c.kind, log.c.actor, log.c.received_at, log.c.reason)
    columns = (deferral.c.cmd_id, deferral.c.unit, deferral.c.case_id, *of_log, case_row.c.number)
    joined = deferral.join(log, log.c.gseq == deferral.c.gseq).outerjoin(case_row, case_row.c.id == deferral.c.case_id)
    wanted = select(*columns).select_from(joined).where(deferral.c.settled_gseq.is_(None))
    return connection.execute(wanted.order_by(deferral.c.gseq)).all()
