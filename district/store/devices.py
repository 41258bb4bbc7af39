"""Registered workstations and what they witnessed, as rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select, update

from district.store.records import Revocation
from district.store.tables import (
    checkpoint,
    device,
    enrolment_code,
    enrolment_try,
    feed,
    log,
    quarantine,
    scope_head,
    wall_step,
)
from models.wire import GENESIS


def taken_slots(connection: Connection, unit: str) -> set[str]:
    """The slot letters a unit has given away."""
    return set(connection.execute(select(device.c.slot).where(device.c.unit == unit)).scalars())


def insert_device(connection: Connection, device_id: str, unit: str, slot: str, now_ms: int, **told: str) -> None:
    """A new workstation with an empty chain. `told`: label, token_hash, registered_by,
    public_key, replaces."""
    values = {"id": device_id, "unit": unit, "slot": slot, "registered_at": now_ms, "proven_lo": now_ms}
    connection.execute(insert(device).values(**values, **told, head_dseq=0, head_hash=GENESIS))


_DEVICE = select(device).where(device.c.id == bindparam("id"))


def find_device(connection: Connection, device_id: str) -> Row[Any] | None:
    """The workstation with that id."""
    return connection.execute(_DEVICE, {"id": device_id}).first()


def heads_of(connection: Connection, devices: Sequence[str]) -> dict[str, int]:
    """How long the chains of these are, of those that are known and not revoked."""
    mine = select(device.c.id, device.c.head_dseq).where(device.c.revoked_at.is_(None))
    rows = connection.execute(mine.where(device.c.id.in_(devices)))
    return {row.id: int(row.head_dseq) for row in rows}


def every_head(connection: Connection) -> dict[str, int]:
    """How long the chain of every workstation is that has made an act."""
    mine = select(device.c.id, device.c.head_dseq).where(device.c.head_dseq > 0, device.c.token_hash != "")
    return {row.id: int(row.head_dseq) for row in connection.execute(mine)}


def count_devices(connection: Connection) -> int:
    """How many workstations have ever been let in; none is deleted."""
    return int(connection.execute(select(func.count()).select_from(device)).scalar_one())


def every_revocation(connection: Connection) -> dict[str, Revocation]:
    """Every workstation that was taken out, with who did it."""
    mine = select(device.c.id, device.c.revoked_at, device.c.revoked_by, device.c.revoke_reason)
    rows = connection.execute(mine.where(device.c.revoked_at.is_not(None)))
    return {row.id: Revocation(int(row.revoked_at), row.revoked_by, row.revoke_reason) for row in rows}


def units_at_work(connection: Connection) -> set[str]:
    """The units that have a workstation which is not revoked."""
    mine = select(device.c.unit).where(device.c.revoked_at.is_(None), device.c.token_hash != "")
    return set(connection.execute(mine.distinct()).scalars())


def all_devices(connection: Connection) -> list[Row[Any]]:
    """Every workstation, with when its last act came in, how many of its acts were kept apart and wait there, and how often its wall
    clock was moved, the last time when and by how much."""
    mine = select(log.c.received_at).where(log.c.device == device.c.id, log.c.dseq <= device.c.head_dseq)
    heard = mine.order_by(log.c.dseq.desc()).limit(1)
    apart = select(func.count()).where(quarantine.c.device == device.c.id)
    waits = apart.where(quarantine.c.decision == "")
    stepped = wall_step.c.device == device.c.id
    last_step = select(wall_step.c.by_ms).where(stepped).order_by(wall_step.c.at.desc()).limit(1)
    asked = select(
        device,
        heard.scalar_subquery().label("heard_at"),
        apart.scalar_subquery().label("quarantined"),
        waits.scalar_subquery().label("to_review"),
        select(func.count()).where(stepped).scalar_subquery().label("wall_steps"),
        select(func.max(wall_step.c.at)).where(stepped).scalar_subquery().label("stepped_at"),
        last_step.scalar_subquery().label("stepped_ms"),
    )
    return list(connection.execute(asked.order_by(device.c.unit, func.length(device.c.slot), device.c.slot)).all())


def active_devices(connection: Connection) -> dict[str, list[str]]:
    """The workstations that are not revoked, by unit; the centre's own is none."""
    mine = select(device.c.id, device.c.unit).where(device.c.revoked_at.is_(None), device.c.token_hash != "")
    found: dict[str, list[str]] = {}
    for row in connection.execute(mine):
        found.setdefault(row.unit, []).append(row.id)
    return found


def mark_revoked(connection: Connection, device_id: str, now_ms: int, by: str, reason: str) -> None:
    """The workstation is revoked."""
    values = {"revoked_at": now_ms, "revoked_by": by, "revoke_reason": reason}
    connection.execute(update(device).where(device.c.id == device_id).values(**values))


# One-time codes


def insert_code(connection: Connection, hashed: str, now_ms: int, expires_at: int, **told: str) -> None:
    """A code that nobody has used. `told`: unit, label, made_by."""
    values = {"secret_hash": hashed, "made_at": now_ms, "expires_at": expires_at, "used_by": ""}
    connection.execute(insert(enrolment_code).values(**values, **told))


def find_code(connection: Connection, hashed: str) -> Row[Any] | None:
    """The code with that hash."""
    return connection.execute(select(enrolment_code).where(enrolment_code.c.secret_hash == hashed)).first()


def use_code(connection: Connection, hashed: str, device_id: str) -> None:
    """A workstation came in with it."""
    mine = enrolment_code.c.secret_hash == hashed
    connection.execute(update(enrolment_code).where(mine).values(used_by=device_id))


def drop_codes(connection: Connection, before_ms: int) -> None:
    """Forget codes that nobody used in time; those that let a workstation in stay on record."""
    old = (enrolment_code.c.expires_at < before_ms, enrolment_code.c.used_by == "")
    connection.execute(delete(enrolment_code).where(*old))


def find_tries(connection: Connection, address: str) -> Row[Any] | None:
    """Wrong codes from that address."""
    return connection.execute(select(enrolment_try).where(enrolment_try.c.address == address)).first()


def set_tries(connection: Connection, address: str, failures: int, locked_until: int) -> None:
    """Count them; none leaves no row."""
    connection.execute(delete(enrolment_try).where(enrolment_try.c.address == address))
    if failures or locked_until:
        values = {"address": address, "failures": failures, "locked_until": locked_until}
        connection.execute(insert(enrolment_try).values(**values))


def chain_at(connection: Connection, scope: str, sseq: int) -> str:
    """A feed's chain at a place; "" when the feed does not reach it."""
    if sseq == 0:
        return GENESIS
    found = connection.execute(select(feed.c.chain).where(feed.c.scope == scope, feed.c.sseq == sseq)).scalar()
    return str(found or "")


def scope_ends(connection: Connection) -> dict[str, int]:
    """Where every feed ends."""
    return {row.scope: int(row.sseq) for row in connection.execute(select(scope_head))}


def keep_checkpoint(
    connection: Connection, device_id: str, scope: str, sseq: int, chain: str, agrees: bool, now_ms: int
) -> None:
    """The last head of a feed that a workstation reported."""
    connection.execute(delete(checkpoint).where(checkpoint.c.device == device_id, checkpoint.c.scope == scope))
    values = {"device": device_id, "scope": scope, "sseq": sseq, "chain": chain, "agrees": agrees}
    connection.execute(insert(checkpoint).values(**values, reported_at=now_ms))
