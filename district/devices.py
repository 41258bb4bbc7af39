"""Workstations: registered with a district operator's password, known by a random token of which only a hash is kept."""

from __future__ import annotations

import secrets
import string

import msgspec
from sqlalchemy import Connection, insert, select

from district.accounts import token_hash
from district.journal import CENTRE_DEVICE
from district.store.tables import device
from models.ids import NewId
from models.organisation import DISTRICT_CODE
from models.wire import GENESIS


class Device(msgspec.Struct, frozen=True):
    """A registered workstation file: which unit it belongs to and the letter its case numbers carry (D20, D21)."""

    id: str
    unit: str
    slot: str


def register(connection: Connection, unit: str, label: str, by: str, token: str, now_ms: int, new_id: NewId) -> Device:
    """Register a workstation for a unit; it gets the unit's next free slot letter."""
    taken = set(connection.execute(select(device.c.slot).where(device.c.unit == unit)).scalars())
    names = [*string.ascii_uppercase, *(a + b for a in string.ascii_uppercase for b in string.ascii_uppercase)]
    made = Device(f"D-{new_id()}", unit, next(n for n in names if n not in taken))
    _insert(connection, made, label, by, token_hash(token), now_ms)
    return made


def register_centre(connection: Connection, now_ms: int) -> None:
    """The centre's own device, for what it observes itself (sync.md §3.1). It has no token: nobody signs in as it."""
    _insert(connection, Device(CENTRE_DEVICE, DISTRICT_CODE, "-"), "centre", "", "", now_ms)


def _insert(connection: Connection, made: Device, label: str, by: str, hashed: str, now_ms: int) -> None:
    connection.execute(
        insert(device).values(
            id=made.id,
            unit=made.unit,
            slot=made.slot,
            label=label[:80],
            token_hash=hashed,
            registered_by=by,
            registered_at=now_ms,
            head_dseq=0,
            head_hash=GENESIS,
            proven_lo=0,
        )
    )


def authenticate(connection: Connection, device_id: str, token: str) -> Device | None:
    """The workstation that holds this token; None otherwise."""
    row = connection.execute(select(device).where(device.c.id == device_id)).first()
    if row is None or not row.token_hash or not secrets.compare_digest(row.token_hash, token_hash(token)):
        return None
    return Device(row.id, row.unit, row.slot)
