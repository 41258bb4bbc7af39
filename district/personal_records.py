"""Requesters' names and numbers, beside the log (D2): addressed by salted hash, read by few, every reading recorded,
erased when their time is over: what the policy said when they came (`personal_kept_days`), and sooner when one that came later
says less. Whoever gave his name was told no more than the former."""

from __future__ import annotations

from district.devices import Device
from district.store import Connection, documents
from district.store import personal as rows
from models.clock import DAY_MS
from models.people import Actor
from models.personal_access import may_read_requester
from models.record_reads import MOST_AT_ONCE, RecordRead, RecordReads
from models.store.case_table import get_case
from models.wire import is_record


def store(connection: Connection, digest: str, record: bytes, unit: str, now_ms: int, kept_days: int) -> bool:
    """Keep a record under its hash; False when the bytes do not have that hash. Doing it twice is doing it once. Malformed."""
    if not is_record(digest, record):
        return False
    if rows.find(connection, digest) is None:
        rows.keep(connection, digest, unit, record, now_ms, now_ms + kept_days * DAY_MS)
    rows.await_no_more(connection, digest)
    return True


def read(
    connection: Connection, digest: str, case_id: str, actor: Actor, device: Device, now_ms: int, kept_days: int
) -> bytes | None:
    """The record, for whom models/personal_access.py names; None for anybody else, for a case the unit does not see, and
    for a case that merely quotes another unit's record. The reading is recorded."""
    row = rows.find(connection, digest)
    case = get_case(connection, case_id)
    if row is None or min(row.expires_at, row.stored_at + kept_days * DAY_MS) <= now_ms:
        return None
    if case is None or case.personal != digest:
        return None
    if case.reporter_unit != row.unit or not documents.scope_has_case(connection, device.unit, case_id):
        return None
    if not may_read_requester(case, actor):
        return None
    rows.note_reading(connection, digest, case_id, actor.person, device.id, now_ms)
    return bytes(row.record)


def who_read(connection: Connection, before: int, now_ms: int) -> RecordReads:
    """Who read which case's record, the newest before an instant (ms UTC)."""
    found = [
        RecordRead(int(row.read_at), row.person, row.unit or "", row.slot or "", row.case_id, row.number or "")
        for row in rows.readings(connection, before, MOST_AT_ONCE)
    ]
    more = bool(found) and rows.has_readings(connection, found[-1].at)
    return RecordReads(found, more, now_ms)


def erase_expired(connection: Connection, now_ms: int, kept_days: int) -> int:
    """Erase what has been kept long enough; returns how many records."""
    return rows.drop_expired(connection, now_ms, now_ms - kept_days * DAY_MS)
