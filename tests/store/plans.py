"""How SQLite goes about what is asked of it: the steps of its own plans."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Engine, event


def steps(engine: Engine, job: Callable[[Connection], object]) -> list[str]:
    """The steps of every question that the job asks, as EXPLAIN QUERY PLAN tells them."""
    asked: list[tuple[str, Any]] = []

    def heard(*told: Any) -> None:
        if told[2].startswith("SELECT"):
            asked.append((told[2], told[3]))

    with engine.connect().execution_options(read_only=True) as connection:
        event.listen(connection, "before_cursor_execute", heard)
        job(connection)
        event.remove(connection, "before_cursor_execute", heard)
        plans = [connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", given).all() for said, given in asked]
    assert asked, "it asked something"
    return [str(row[3]) for plan in plans for row in plan]
