"""Requesters' records beside the log (D2), who read them, and those that acts name and nobody has handed in, as rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, insert, or_, select, union_all

from district.store.tables import device, personal, personal_read, record_awaited
from models.store.case_table import case_row

# Made once: every report and every pull asks.
_IS_KNOWN = union_all(
    select(personal.c.hash).where(personal.c.hash == bindparam("hash")),
    select(record_awaited.c.hash).where(
        record_awaited.c.hash == bindparam("hash"), record_awaited.c.unit == bindparam("unit")
    ),
)
_AWAITED = (
    select(record_awaited.c.hash)
    .where(record_awaited.c.unit == bindparam("unit"))
    .order_by(record_awaited.c.since, record_awaited.c.hash)
    .limit(bindparam("limit"))
)


def find(connection: Connection, digest: str) -> Row[Any] | None:
    """The requester's record with that address."""
    return connection.execute(select(personal).where(personal.c.hash == digest)).first()


def keep(connection: Connection, digest: str, unit: str, record: bytes, stored_at: int, expires_at: int) -> None:
    """Keep a requester's record."""
    values = {"hash": digest, "unit": unit, "record": record, "stored_at": stored_at, "expires_at": expires_at}
    connection.execute(insert(personal).values(**values))


def note_reading(connection: Connection, digest: str, case_id: str, person: str, device: str, now_ms: int) -> None:
    """Somebody read it."""
    values = {"hash": digest, "case_id": case_id, "person": person, "device": device, "read_at": now_ms}
    connection.execute(insert(personal_read).values(**values))


def readings(connection: Connection, before: int, limit: int) -> list[Row[Any]]:
    """Who read a record, newest first, before an instant (ms UTC): so many, and any others of the last one's instant. Nothing of
    the record."""
    mine = personal_read.c.read_at < before
    newest = select(personal_read.c.read_at).where(mine).order_by(personal_read.c.read_at.desc()).limit(limit)
    times = list(connection.execute(newest).scalars())
    if not times:
        return []
    columns = (personal_read.c.read_at, personal_read.c.person, personal_read.c.case_id, device.c.unit, device.c.slot)
    joined = personal_read.outerjoin(device, device.c.id == personal_read.c.device)
    joined = joined.outerjoin(case_row, case_row.c.id == personal_read.c.case_id)
    wanted = select(*columns, case_row.c.number).select_from(joined).where(mine, personal_read.c.read_at >= times[-1])
    return list(connection.execute(wanted.order_by(personal_read.c.read_at.desc(), personal_read.c.person)))


def has_readings(connection: Connection, before: int) -> bool:
    """True when anybody read a record before that instant."""
    mine = select(personal_read.c.read_at).where(personal_read.c.read_at < before).limit(1)
    return connection.execute(mine).first() is not None


def drop_expired(connection: Connection, now_ms: int, kept_since: int) -> int:
    """Erase records past their time, and all that came before `kept_since`; the log keeps their hashes, so no chain breaks. What has
    been awaited since before then is awaited no more. Returns how many records."""
    connection.execute(delete(record_awaited).where(record_awaited.c.since <= kept_since))
    is_over = or_(personal.c.expires_at <= now_ms, personal.c.stored_at <= kept_since)
    with _without_trace(connection):
        return connection.execute(delete(personal).where(is_over)).rowcount


@contextmanager
def _without_trace(connection: Connection) -> Iterator[None]:
    """On SQLite what is deleted inside is overwritten; its bytes would lie on in the file, where no table ends, for years.
    (A served PostgreSQL does the like when it vacuums.)"""
    if connection.dialect.name != "sqlite":
        yield
        return
    connection.exec_driver_sql("PRAGMA secure_delete = ON")
    try:
        yield
    finally:
        connection.exec_driver_sql("PRAGMA secure_delete = OFF")


def is_lacking(connection: Connection, digest: str, unit: str) -> bool:
    """True when the record is neither here nor awaited from the unit."""
    return connection.execute(_IS_KNOWN, {"hash": digest, "unit": unit}).first() is None


def await_these(connection: Connection, named: dict[tuple[str, str], int]) -> None:
    """Acts name these records, by hash and unit, and they are not here since then (ms UTC)."""
    if named:
        values = [{"hash": digest, "unit": unit, "since": since} for (digest, unit), since in named.items()]
        connection.execute(insert(record_awaited), values)


def awaited_from(connection: Connection, unit: str, limit: int) -> list[str]:
    """The hashes of the records that acts of the unit name and that are not here, the longest awaited first."""
    return list(connection.execute(_AWAITED, {"unit": unit, "limit": limit}).scalars())


def await_no_more(connection: Connection, digest: str) -> None:
    """The record is here, whichever unit it came from."""
    connection.execute(delete(record_awaited).where(record_awaited.c.hash == digest))
