"""Letting a workstation in with a one-time code (sync.md §3.4): made by a district operator or on the command line, good
for minutes, for one unit and one workstation; wrong ones are counted for each address of the network."""

from __future__ import annotations

import ipaddress
from typing import Any

import msgspec

from district import devices
from district.past import FIRST_EPOCH, epoch_of
from district.store import Connection
from district.store import devices as rows
from models.clock import DAY_MS, MINUTE_MS
from models.enrolment_code import EnrolmentCode, new_code, secret_hash
from models.ids import NewId, RandomBytes
from models.signing import REPLACEMENT, is_signature
from models.workstations import LET_IN_AGAIN

MAX_FAILURES = 5
LOCK_MS = 15 * MINUTE_MS
_KEPT_MS = 7 * DAY_MS
_LONGEST_ID = 64


class Former(msgspec.Struct, frozen=True):
    """Which device a workstation was until now ("": none), the code's secret signed by that one's key, and why it comes in
    again: one of LET_IN_AGAIN."""

    device: str = ""
    proof: str = ""
    why: str = ""


class Asked(msgspec.Struct, frozen=True):
    """A workstation that wants in: what it was told, its public key, where it stands, and who it was."""

    secret: str
    public_key: str
    unit: str
    address: str
    former: Former = Former()


class Redeemed(msgspec.Struct, frozen=True):
    """What came of it: the workstation, or the code of a refusal."""

    device: devices.Device | None = None
    refusal: str = ""


def make(
    connection: Connection,
    unit: str,
    label: str,
    by: str,
    minutes: int,
    pin: str,
    now_ms: int,
    random_bytes: RandomBytes,
) -> tuple[EnrolmentCode, int]:
    """A code for one workstation of a unit, to be told to whoever stands before it; and when it expires (ms UTC)."""
    rows.drop_codes(connection, now_ms - _KEPT_MS)
    code = new_code(random_bytes, pin)
    expires = now_ms + minutes * MINUTE_MS
    rows.insert_code(connection, secret_hash(code.secret), now_ms, expires, unit=unit, label=label[:80], made_by=by)
    return code, expires


def redeem(connection: Connection, asked: Asked, token: str, now_ms: int, new_id: NewId) -> Redeemed:
    """Let the workstation in, once. A refusal is an answer, not an error: the count of wrong codes is to be committed.
    Refused("no_slot_left")."""
    network = network_of(asked.address)
    tries = rows.find_tries(connection, network)
    if tries is not None and tries.locked_until > now_ms:
        return Redeemed(refusal="too_many_codes")
    hashed = secret_hash(asked.secret)
    code = rows.find_code(connection, hashed)
    if code is None:
        failures = (tries.failures if tries is not None else 0) + 1
        locked = now_ms + LOCK_MS if failures >= MAX_FAILURES else 0
        rows.set_tries(connection, network, 0 if locked else failures, locked)
        return Redeemed(refusal="too_many_codes" if locked else "code_unknown")
    if code.used_by:
        return Redeemed(refusal="code_used")
    if code.expires_at <= now_ms:
        return Redeemed(refusal="code_expired")
    if asked.unit not in ("", code.unit):
        return Redeemed(refusal="code_for_other_unit")
    former = rows.find_device(connection, asked.former.device) if asked.former.device else None
    if former is not None and not _was(former, asked.former, asked.secret, code.unit):
        return Redeemed(refusal="not_that_device")
    was_forgotten = former is None and epoch_of(connection) > int(FIRST_EPOCH)
    replaces = former.id if former is not None else asked.former.device[:_LONGEST_ID] if was_forgotten else ""
    told = (code.unit, code.label, code.made_by, token, now_ms, new_id)
    made = devices.register(connection, *told, public_key=asked.public_key, replaces=replaces)
    rows.use_code(connection, hashed, made.id)
    if former is not None:
        devices.revoke(connection, asked.former.device, code.made_by, asked.former.why or LET_IN_AGAIN[0], now_ms)
    rows.set_tries(connection, network, 0, 0)
    return Redeemed(made)


def _was(row: Any, former: Former, secret: str, unit: str) -> bool:
    """True when the workstation proves that it was that device, of the same unit. (A device that a restored centre has never
    heard of need not be taken out: nothing is asked of it, and nothing it made is surely on time, district/lineage.py.)"""
    if row.unit != unit or not row.public_key or former.why not in ("", *LET_IN_AGAIN):
        return False
    return is_signature(row.public_key, former.proof, REPLACEMENT, secret)


def network_of(address: str) -> str:
    """What one party holds: an IPv4 address, or the first half of an IPv6 one."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
