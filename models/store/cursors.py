"""Where this store stands in its feed."""

from __future__ import annotations

import msgspec
from sqlalchemy import Connection, bindparam, delete, insert, select, update

from models.store.console_tables import cursor

_DOUBTED = "doubted"
"""The chain of a place that no item follows."""

# Made once: every exchange asks them.
_READ = select(cursor).where(cursor.c.scope == bindparam("of"))
_FORGET = delete(cursor).where(cursor.c.scope == bindparam("of"))
_WRITE = insert(cursor)


class Cursor(msgspec.Struct, frozen=True):
    """A place in a scope's feed: the centre's history number, the last item taken, the scope chain there."""

    scope: str
    epoch: int
    sseq: int
    chain: str

    @property
    def is_doubted(self) -> bool:
        """True when nothing is to be taken in after it but a snapshot."""
        return self.chain == _DOUBTED


def read(connection: Connection, scope: str) -> Cursor | None:
    """The place, or None before the first snapshot."""
    row = connection.execute(_READ, {"of": scope}).first()
    return None if row is None else Cursor(row.scope, int(row.epoch), int(row.sseq), row.chain)


def doubt(connection: Connection, scope: str) -> None:
    """What was taken in may lack something: the next thing asked for is a snapshot. Which past it is of stays known
    (sync-R6)."""
    connection.execute(update(cursor).where(cursor.c.scope == scope).values(chain=_DOUBTED))


def write(connection: Connection, place: Cursor) -> None:
    """Move to a place; in the same transaction as the rows it stands for."""
    connection.execute(_FORGET, {"of": place.scope})
    values = {"scope": place.scope, "epoch": place.epoch, "sseq": place.sseq, "chain": place.chain}
    connection.execute(_WRITE, values)
