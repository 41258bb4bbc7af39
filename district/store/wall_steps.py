"""Steps of workstations' wall clocks, as rows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, func, insert, select

from district.store.tables import wall_step
from models.wall_step import WallStep

MOST_KEPT = 10_000
"""Of one workstation, the first ones: a week of one a minute, which no clock does by itself."""


def keep(connection: Connection, device_id: str, steps: Sequence[WallStep], now_ms: int) -> None:
    """Each once, however often it is told."""
    mine = select(wall_step.c.at).where(wall_step.c.device == device_id)
    known = set(connection.execute(mine.where(wall_step.c.at.in_([s.at_ms for s in steps]))).scalars())
    room = MOST_KEPT - connection.execute(select(func.count()).select_from(mine.subquery())).scalar_one()
    new = {step.at_ms: step for step in steps if step.at_ms not in known}
    rows = [{"device": device_id, "at": s.at_ms, "by_ms": s.by_ms, "reported_at": now_ms} for s in new.values()]
    if rows[:room]:
        connection.execute(insert(wall_step), rows[:room])
