"""What revoked workstations handed in, and what was decided about it, as rows. None is ever deleted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, case, func, insert, select, update

from district.store.tables import device, quarantine

ADMITTED, DECLINED = "admitted", "declined"


def count_quarantined(connection: Connection, device_id: str) -> int:
    """How many acts of it are kept apart."""
    mine = select(func.count()).where(quarantine.c.device == device_id)
    return int(connection.execute(mine).scalar_one())


def quarantined_hashes(connection: Connection, device_id: str, hashes: list[str]) -> set[str]:
    """Which of these acts are kept apart already."""
    mine = select(quarantine.c.hash).where(quarantine.c.device == device_id, quarantine.c.hash.in_(hashes))
    return set(connection.execute(mine).scalars())


def last_quarantined(connection: Connection, device_id: str) -> int:
    """The highest number of its chain that is kept apart; its head when none is."""
    mine = select(func.max(quarantine.c.dseq)).where(quarantine.c.device == device_id)
    head = select(device.c.head_dseq).where(device.c.id == device_id)
    return int(connection.execute(mine).scalar() or connection.execute(head).scalar() or 0)


def insert_quarantined(connection: Connection, now_ms: int, **act: str | int) -> None:
    """One act kept apart: device, dseq, cmd_id, body, hash, alg, sig."""
    connection.execute(insert(quarantine).values(**act, received_at=now_ms))


# The review


def tally(connection: Connection, device_id: str) -> tuple[int, int]:
    """How many acts of it wait for a decision, and how many are decided."""
    waits = func.count(case((quarantine.c.decision == "", 1)))
    mine = select(waits, func.count()).where(quarantine.c.device == device_id)
    waiting, every = connection.execute(mine).one()
    return int(waiting), int(every) - int(waiting)


def first(connection: Connection, device_id: str, limit: int) -> list[Row[Any]]:
    """The first acts of it: undecided ones before the others, each in the order of the chain."""
    mine = select(quarantine).where(quarantine.c.device == device_id)
    ordered = mine.order_by(quarantine.c.decision != "", quarantine.c.dseq, quarantine.c.hash)
    return list(connection.execute(ordered.limit(limit)).all())


def named(connection: Connection, device_id: str, hashes: Sequence[str]) -> list[Row[Any]]:
    """These acts of it, in the order of the chain."""
    mine = select(quarantine).where(quarantine.c.device == device_id, quarantine.c.hash.in_(hashes))
    return list(connection.execute(mine.order_by(quarantine.c.dseq, quarantine.c.hash)).all())


def beyond(connection: Connection, device_id: str, head_dseq: int) -> list[Row[Any]]:
    """Every act of it after the head the centre knows, in the order of the chain."""
    mine = select(quarantine).where(quarantine.c.device == device_id, quarantine.c.dseq > head_dseq)
    return list(connection.execute(mine.order_by(quarantine.c.dseq, quarantine.c.hash)).all())


def declined(connection: Connection, device_id: str) -> set[str]:
    """Ids of its acts that were declined."""
    mine = select(quarantine.c.cmd_id).where(quarantine.c.device == device_id, quarantine.c.decision == DECLINED)
    return set(connection.execute(mine).scalars())


def decide(connection: Connection, row: Row[Any], decision: str, by: str, reason: str, now_ms: int) -> None:
    """A person's decision on an act that had none."""
    values = {"decision": decision, "decided_by": by, "reason": reason, "decided_at": now_ms}
    connection.execute(update(quarantine).where(*_is(row)).values(**values))


def pass_over(connection: Connection, row: Row[Any]) -> None:
    """A declined act's place in its chain counts from now on."""
    connection.execute(update(quarantine).where(*_is(row)).values(passed_over=True))


def _is(row: Row[Any]) -> tuple[Any, ...]:
    return quarantine.c.device == row.device, quarantine.c.hash == row.hash
