"""Workstations: let in by a one-time code (district/enrolment.py), known by a random token of which only a hash is kept,
and by the public half of the key they sign with; out again when they are revoked (sync.md §3.9)."""

from __future__ import annotations

import hmac
import string
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import msgspec

from district.accounts import token_hash
from district.store import Connection, people
from district.store import devices as rows
from district.store import quarantine as apart
from district.store.reader import seen_anywhere
from district.store.records import Revocation
from models.errors import Refused
from models.ids import NewId
from models.organisation import DISTRICT_CODE
from models.people import CENTRE_DEVICE
from models.wire import Sealed, decode_any
from models.workstations import Workstation

_SLOTS = (*string.ascii_uppercase, *(a + b for a in string.ascii_uppercase for b in string.ascii_uppercase))
MOST_QUARANTINED = 20_000
"""Acts kept of one revoked device: more than a console makes in a year, and a stolen one cannot fill the disk."""


class Device(msgspec.Struct, frozen=True):
    """A registered workstation file: which unit it belongs to, the letter its case numbers carry (D20, D21), the key it
    signs with ("": registered before there were keys), where its chain ended when it was looked up."""

    id: str
    unit: str
    slot: str
    public_key: str = ""
    is_revoked: bool = False
    head_dseq: int = 0
    head_hash: str = ""


def register(
    connection: Connection,
    unit: str,
    label: str,
    by: str,
    token: str,
    now_ms: int,
    new_id: NewId,
    public_key: str = "",
    replaces: str = "",
) -> Device:
    """Register a workstation for a unit; it gets the unit's next free slot letter. `replaces`: the device it has proved to
    have been until now. Refused("no_slot_left")."""
    taken = rows.taken_slots(connection, unit)
    slot = next((s for s in _SLOTS if s not in taken), None)
    if slot is None:
        raise Refused("no_slot_left", unit=unit)
    made = Device(f"D-{new_id()}", unit, slot, public_key)
    told = {"label": label[:80], "token_hash": token_hash(token), "registered_by": by, "public_key": public_key}
    told["replaces"] = replaces
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
    """The workstation that holds this token, revoked or not; None otherwise."""
    row = rows.find_device(connection, device_id)
    if row is None or not row.token_hash or not hmac.compare_digest(row.token_hash, token_hash(token)):
        return None
    return _device(row)


def known_device(connection: Connection, device_id: str) -> Device | None:
    """The workstation of that id, whoever asks; None when there is none."""
    row = rows.find_device(connection, device_id)
    return None if row is None else _device(row)


def _device(row: Any) -> Device:
    return Device(
        row.id, row.unit, row.slot, row.public_key, row.revoked_at is not None, int(row.head_dseq), row.head_hash
    )


def listed(connection: Connection, heard: Mapping[str, int] = MappingProxyType({})) -> list[Workstation]:
    """Every workstation, by unit and letter; `heard`: the watermarks the service knows (district/breaches.py)."""
    return [_listed(row, heard.get(row.id)) for row in rows.all_devices(connection) if row.id != CENTRE_DEVICE]


def _listed(row: Any, watermark_at: int | None) -> Workstation:
    return Workstation(
        id=row.id,
        unit=row.unit,
        slot=row.slot,
        label=row.label,
        registered_at=int(row.registered_at),
        registered_by=row.registered_by,
        has_key=bool(row.public_key),
        acts=int(row.head_dseq),
        heard_at=row.heard_at,
        revoked_at=row.revoked_at,
        revoked_by=row.revoked_by,
        reason=row.revoke_reason,
        quarantined=int(row.quarantined),
        to_review=int(row.to_review),
        watermark_at=watermark_at,
        wall_steps=int(row.wall_steps),
        stepped_at=row.stepped_at,
        stepped_ms=row.stepped_ms or 0,
    )


# Revoked


def revoke(connection: Connection, device_id: str, by: str, reason: str, now_ms: int) -> bool:
    """From now on nothing of it is judged any more; what it still hands in is kept apart. Its sessions end. False when it
    was revoked before. Refused("no_such_device"), ("reason_missing")."""
    row = rows.find_device(connection, device_id)
    if row is None or device_id == CENTRE_DEVICE:
        raise Refused("no_such_device", device=device_id)
    if not reason.strip():
        raise Refused("reason_missing")
    if row.revoked_at is not None:
        return False
    people.end_sessions_at(connection, device_id)
    rows.mark_revoked(connection, device_id, now_ms, by, reason.strip()[:200])
    return True


def revoke_again(connection: Connection, known: Mapping[str, Revocation]) -> list[str]:
    """What a restore has forgotten: of these workstations those that stand here unrevoked are revoked as they were, by whom and
    when. Returns which."""
    again = trusted_again(connection, known)
    for device_id in again:
        was = known[device_id]
        revoke(connection, device_id, was.by, was.reason, was.at_ms)
    return again


def trusted_again(connection: Connection, known: Mapping[str, Revocation]) -> list[str]:
    """Those of these workstations that stand here, and stand here unrevoked."""
    forgotten = known.keys() - rows.every_revocation(connection).keys() if known else ()
    return [device_id for device_id in sorted(forgotten) if rows.find_device(connection, device_id) is not None]


def quarantine(connection: Connection, device_id: str, batch: Sequence[Sealed], now_ms: int) -> int:
    """Keep what a revoked device handed in, each act once; returns the number after its last one. What had its place in the order
    before the device was revoked, and comes again because the answer was lost, has its verdict: nothing is left to decide.
    Refused("quarantine_full")."""
    if apart.count_quarantined(connection, device_id) + len(batch) > MOST_QUARANTINED:
        raise Refused("quarantine_full")
    known = apart.quarantined_hashes(connection, device_id, [sealed.hash for sealed in batch])
    heads = {sealed.hash: decode_any(sealed.body) for sealed in batch}
    seen = seen_anywhere(connection, [str(head["cmd_id"]) for head in heads.values()])
    known = known | {s.hash for s in seen if s.device == device_id}
    for sealed in {s.hash: s for s in batch if s.hash not in known}.values():
        head = heads[sealed.hash]
        apart.insert_quarantined(
            connection,
            now_ms,
            device=device_id,
            dseq=int(head["dseq"]),
            cmd_id=str(head["cmd_id"]),
            body=sealed.body,
            hash=sealed.hash,
            alg=sealed.alg,
            sig=sealed.sig,
        )
    return apart.last_quarantined(connection, device_id) + 1
