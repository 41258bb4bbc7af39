"""The district centre as the API sees it: a database, the rules in force, and the seams for time and chance."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine

from district import reference
from district.journal import Journal, epoch_of
from models.clock import Clock
from models.ids import NewId
from models.rules import Rules
from models.store.engine import take_order_lock

HEAD = "0001"
SCRIPTS = Path(__file__).parent / "migrations"


class Centre:
    """Made once per process. `wake` is told which feeds moved, after commit."""

    def __init__(self, engine: Engine, clock: Clock, new_id: NewId, new_token: Callable[[], str]) -> None:
        self.engine = engine
        self.clock = clock
        self.new_id = new_id
        self.new_token = new_token
        self.waiting: dict[str, set[asyncio.Event]] = {}
        self.loop: asyncio.AbstractEventLoop | None = None
        with self.reading() as connection:
            self.reference_name, self.reference_body = reference.in_force(connection)
            self.rules = Rules(reference.load(connection))
            self.epoch = epoch_of(connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A consistent view that waits for nobody."""
        with self.engine.connect().execution_options(read_only=True) as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction outside the order: accounts, sessions, personal records. Commits unless it raises."""
        with self.engine.begin() as connection:
            yield connection

    @contextmanager
    def journal(self) -> Iterator[Journal]:
        """A place in the one order: lock, append, commit, then wake whoever waits (D1)."""
        with self.engine.begin() as connection:
            take_order_lock(connection)
            found = Journal(connection, self.rules, self.clock.wall_ms(), self.epoch)
            yield found
            found.finish()
        self._wake(found.touched)

    def _wake(self, scopes: set[str]) -> None:
        loop = self.loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._ring, frozenset(scopes))

    def _ring(self, scopes: frozenset[str]) -> None:
        for scope in scopes:
            for event in self.waiting.get(scope, ()):
                event.set()
