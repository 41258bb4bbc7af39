"""Opening the many files of a world quickly: one store of compiled statements for all of them, and no waiting for the disk.

Everything else of an engine is as models/store/engine.py makes it.
"""

from __future__ import annotations

from collections.abc import Callable
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


def opened(file: Path, before_commit: Callable[[], None] = lambda: None) -> Engine:
    """An engine for a file of a world."""
    found = open_engine(f"sqlite:///{file}")
    found.dialect = _first().dialect
    found._compiled_cache = _first()._compiled_cache
    event.listen(found, "connect", _do_not_wait_for_the_disk)
    found._has_events = False  # else SQLAlchemy looks for listeners at every statement
    found._connection_cls = type("Connected", (_Connected,), {"before_commit": staticmethod(before_commit)})
    return found


class _Connected(Connection):
    """Begins as the shipped engine does, without the tenth of a millisecond that SQLAlchemy takes to tell listeners."""

    before_commit: Callable[[], None]

    def _begin_impl(self, transaction: object) -> None:
        reads = self.get_execution_options().get("read_only", False)
        self.connection.driver_connection.execute("BEGIN" if reads else "BEGIN IMMEDIATE")  # type: ignore[union-attr]

    def _commit_impl(self) -> None:
        self.before_commit()
        super()._commit_impl()


def _do_not_wait_for_the_disk(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")


_RULES: dict[bytes, Rules] = {}


def rules_of(reference: Reference) -> Rules:
    """The rules of an edition, made once: they never change, and laying out a calendar costs a tenth of a second."""
    body = encode(reference)
    if body not in _RULES:
        _RULES[body] = Rules(reference)
    return _RULES[body]
