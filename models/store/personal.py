"""Requesters' records, beside the log and never in it (D2): kept until the centre has them, and to spare their words."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select, update

from models.ids import uuid7
from models.store.case_table import case_row
from models.store.console_tables import personal
from models.store.overwriting import overwriting

_UNSENT = select(personal.c.hash, personal.c.record).where(personal.c.sent.is_(False))


def keep(connection: Connection, digest: str, case_id: str, record: bytes) -> None:
    """A record the centre has not got yet, by its salted hash."""
    connection.execute(insert(personal).values(hash=digest, case_id=case_id, record=record, sent=False))


def of_case(connection: Connection, case_id: str) -> list[bytes]:
    """Every record known here of the case's requester."""
    kept = connection.execute(select(personal.c.record).where(personal.c.case_id == case_id)).scalars()
    return [bytes(record) for record in kept]


def find_unsent(connection: Connection, digest: str) -> bytes | None:
    """The record of that hash, while the centre has not got it."""
    waits = select(personal.c.record).where(personal.c.hash == digest, personal.c.sent.is_(False))
    found = connection.execute(waits).scalar()
    return None if found is None else bytes(found)


def unsent(connection: Connection) -> list[tuple[str, bytes]]:
    """Hash and record of those the centre has not got yet."""
    rows = connection.execute(_UNSENT).all()
    return [(str(r.hash), bytes(r.record)) for r in rows]


def unsent_with_case(connection: Connection) -> list[tuple[str, str, bytes]]:
    """Hash, case and record of those the centre has not got yet."""
    rows = connection.execute(select(personal).where(personal.c.sent.is_(False)).order_by(personal.c.hash)).all()
    return [(str(r.hash), str(r.case_id), bytes(r.record)) for r in rows]


def is_here(connection: Connection, digest: str) -> bool:
    """True when the record lies here, handed in or not."""
    return connection.execute(select(personal.c.hash).where(personal.c.hash == digest)).first() is not None


def offer_again(connection: Connection) -> None:
    """The centre has lost acts, and perhaps the records beside them: handing one in twice changes nothing."""
    connection.execute(update(personal).values(sent=False))


def offer_these(connection: Connection, digests: list[str]) -> bool:
    """The centre says that it lacks these; False when none of them lies here as one that it has."""
    mine = update(personal).where(personal.c.hash.in_(digests), personal.c.sent.is_(True))
    return connection.execute(mine.values(sent=False)).rowcount > 0


def erase(connection: Connection, reported_before_ms: int) -> int:
    """Erase the records the centre has, of cases reported before that instant (their ids tell, ms UTC) that are not open here.
    The bytes are overwritten, not only let go of. Returns how many."""
    is_open = select(case_row.c.id).where(case_row.c.is_open.is_(True))
    old = personal.c.case_id < uuid7(reported_before_ms, bytes(10))
    with overwriting(connection):
        gone = connection.execute(
            delete(personal).where(personal.c.sent.is_(True), old, personal.c.case_id.not_in(is_open))
        )
    return gone.rowcount


def mark_sent(connection: Connection, digest: str) -> None:
    """The centre has the record."""
    connection.execute(update(personal).where(personal.c.hash == digest).values(sent=True))
