"""Workstations: registered with a district operator's password, known by a random token of which only a hash is kept."""

from __future__ import annotations

import hmac
import string

import msgspec

from district.accounts import token_hash
from district.journal import CENTRE_DEVICE
from district.store import Connection
from district.store import devices as rows
from models.errors import Refused
from models.ids import NewId
from models.organisation import DISTRICT_CODE

_SLOTS = (*string.ascii_uppercase, *(a + b for a in string.ascii_uppercase for b in string.ascii_uppercase))


class Device(msgspec.Struct, frozen=True):
    """A registered workstation file: which unit it belongs to and the letter its case numbers carry (D20, D21)."""

    id: str
    unit: str
    slot: str


def register(connection: Connection, unit: str, label: str, by: str, token: str, now_ms: int, new_id: NewId) -> Device:
    """Register a workstation for a unit; it gets the unit's next free slot letter. Refused("no_slot_left")."""
    taken = rows.taken_slots(connection, unit)
    slot = next((s for s in _SLOTS if s not in taken), None)
    if slot is None:
        raise Refused("no_slot_left", unit=unit)
    made = Device(f"D-{new_id()}", unit, slot)
    told = {"label": label[:80], "token_hash": token_hash(token), "registered_by": by}
    rows.insert_device(connection, made.id, unit, slot, now_ms, **told)
    return made


def register_centre(connection: Connection, now_ms: int) -> bool:
    """The centre's own device, for what it observes itself (sync.md §3.1). It has no token: nobody signs in as it. False
    when it is there already."""
    if rows.find_device(connection, CENTRE_DEVICE) is not None:
        return False
    told = {"label": "centre", "token_hash": "", "registered_by": ""}
    rows.insert_device(connection, CENTRE_DEVICE, DISTRICT_CODE, "-", now_ms, **told)
    return True


def authenticate(connection: Connection, device_id: str, token: str) -> Device | None:
    """The workstation that holds this token; None otherwise."""
    row = rows.find_device(connection, device_id)
    if row is None or not row.token_hash or not hmac.compare_digest(row.token_hash, token_hash(token)):
        return None
    return Device(row.id, row.unit, row.slot)
