"""How far a district's log has come, read from its database by a neighbour that may not ask the district's own code."""

from __future__ import annotations

from sqlalchemy import Select, column, func, select, table
from sqlalchemy.exc import DatabaseError

from models.store.engine import open_engine


def last_instant(url: str) -> int:
    """When the newest entry arrived, in ms; 0 when there is no entry, or no log yet."""
    engine = open_engine(url)
    newest: Select[int] = select(func.max(column("received_at"))).select_from(table("log"))
    try:
        with engine.connect().execution_options(read_only=True) as connection:
            return int(connection.execute(newest).scalar() or 0)
    except DatabaseError:
        return 0
    finally:
        engine.dispose()
