"""Registered workstations and what they witnessed, as rows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select

from district.store.tables import checkpoint, device, feed, scope_head
from models.wire import GENESIS


def taken_slots(connection: Connection, unit: str) -> set[str]:
    """The slot letters a unit has given away."""
    return set(connection.execute(select(device.c.slot).where(device.c.unit == unit)).scalars())


def insert_device(connection: Connection, device_id: str, unit: str, slot: str, now_ms: int, **told: str) -> None:
    """A new workstation with an empty chain. `told`: label, token_hash, registered_by."""
    values = {"id": device_id, "unit": unit, "slot": slot, "registered_at": now_ms, "proven_lo": now_ms}
    connection.execute(insert(device).values(**values, **told, head_dseq=0, head_hash=GENESIS))


def find_device(connection: Connection, device_id: str) -> Row[Any] | None:
    """The workstation with that id."""
    return connection.execute(select(device).where(device.c.id == device_id)).first()


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
