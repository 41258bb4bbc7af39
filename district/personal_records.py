"""Requesters' names and numbers, beside the log (D2): addressed by salted hash, read by few, every reading recorded."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from district.store.tables import case_scope, personal, personal_read
from models.organisation import DISTRICT_CODE
from models.store.case_table import get_case
from models.wire import decode_any, personal_hash


def store(connection: Connection, digest: str, record: bytes, unit: str, now_ms: int) -> bool:
    """Keep a record under its hash; False when the bytes do not have that hash. Doing it twice is doing it once."""
    value = decode_any(record)
    salt = value.get("salt") if isinstance(value, dict) else None
    if not isinstance(salt, str) or personal_hash(salt, record) != digest:
        return False
    if connection.execute(select(personal.c.hash).where(personal.c.hash == digest)).first() is None:
        connection.execute(insert(personal).values(hash=digest, unit=unit, record=record, stored_at=now_ms))
    return True


def read(
    connection: Connection, digest: str, case_id: str, person: str, device: str, unit: str, now_ms: int
) -> bytes | None:
    """The record, for the unit that wrote it, the case's sub-centre and the district; None for anybody else, and for
    a case the unit does not see. The reading is recorded."""
    row = connection.execute(select(personal).where(personal.c.hash == digest)).first()
    case = get_case(connection, case_id)
    if row is None or case is None or case.personal != digest:
        return None
    sees = connection.execute(
        select(case_scope.c.case_id).where(case_scope.c.case_id == case_id, case_scope.c.scope == unit)
    ).first()
    if sees is None or unit not in (row.unit, case.town, DISTRICT_CODE):
        return None
    connection.execute(insert(personal_read).values(hash=digest, person=person, device=device, read_at=now_ms))
    return bytes(row.record)
