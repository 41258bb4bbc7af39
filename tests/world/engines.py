"""Opening the many files of a world quickly: one store of compiled statements for all of them, and no waiting for the disk.

Everything else of an engine is as models/store/engine.py makes it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event

from models.rules import Reference, Rules
from models.store.engine import open_engine
from models.wire import encode


@cache
def _first() -> Engine:
    return open_engine("sqlite:///:memory:")


def opened(file: Path) -> Engine:
    """An engine for a file of a world."""
    found = open_engine(f"sqlite:///{file}")
    found.dialect = _first().dialect
    found._compiled_cache = _first()._compiled_cache
    event.listen(found, "connect", _do_not_wait_for_the_disk)
    found.dispatch.begin.clear()
    event.listen(found, "begin", _begin)
    return found


def _begin(connection: Connection) -> None:
    """As the shipped engine begins, without the tenth of a millisecond that it takes to say so through SQLAlchemy."""
    reads = connection.get_execution_options().get("read_only", False)
    connection.connection.driver_connection.execute("BEGIN" if reads else "BEGIN IMMEDIATE")  # type: ignore[union-attr]


def _do_not_wait_for_the_disk(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")


_RULES: dict[bytes, Rules] = {}


def rules_of(reference: Reference) -> Rules:
    """The rules of an edition, made once: they never change, and laying out a calendar costs a tenth of a second."""
    body = encode(reference)
    if body not in _RULES:
        _RULES[body] = Rules(reference)
    return _RULES[body]
