"""How a store is doing: whether its pages hold together, and how much is in it. Reads beside whoever writes."""

from __future__ import annotations

import msgspec
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import DBAPIError

from models.store import outbox, wall_steps
from models.store.case_table import case_row
from models.store.console_tables import outbox as outbox_table
from models.store.migrate import version_of
from models.wall_step import WallStep


class StoreHealth(msgspec.Struct, frozen=True):
    """`damage` is "" for a sound store. `acts` were ever made here; `unsent` of them are still to be handed in. `wall_steps`: how
    often the wall clock was moved, and the last times: when, and by how much (ms)."""

    damage: str
    version: str = ""
    cases: int = 0
    acts: int = 0
    unsent: int = 0
    not_effective: int = 0
    wall_steps: int = 0
    last_wall_steps: tuple[WallStep, ...] = ()


def look(engine: Engine) -> StoreHealth:
    """Read every page once (seconds, for a large store) and count."""
    try:
        with engine.connect().execution_options(read_only=True) as connection:
            said = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() or "")
            if said != "ok":
                return StoreHealth(said or "unreadable")
            steps = wall_steps.noticed(connection)
            return StoreHealth(
                "",
                version_of(engine),
                int(connection.execute(select(func.count()).select_from(case_row)).scalar() or 0),
                int(connection.execute(select(func.count()).select_from(outbox_table)).scalar() or 0),
                outbox.unsent(connection).count,
                len(outbox.not_effective(connection)),
                steps.count,
                steps.last,
            )
    except DBAPIError as error:
        return StoreHealth(type(error).__name__)
