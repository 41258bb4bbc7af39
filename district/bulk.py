"""Loading many judged acts at once (the generated year): the same journal, the same rows, written in portions.

While it is open, a loader is the order's only writer. What it writes is, byte for byte, what the API writes for the same
pushes and pulls at the same times with the same random bytes: both go through `Journal` (a test makes both and compares).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from district import devices, personal_records
from district.journal import Journal
from district.opening import open_database
from district.parsing import known
from district.past import epoch_of
from district.reference import load
from district.store import Connection
from district.store.bulk_reader import BulkReader
from district.store.rows import write
from models.commands import Command
from models.errors import Bug
from models.ids import SYSTEM_RANDOM, RandomBytes, new_token, uuid7
from models.rules import Rules
from models.store.engine import take_order_lock, unsynced
from models.wire import PushReply, Sealed

PORTION = 10_000
"""Acts written and committed together: enough that statements are few, little enough that memory stays small."""


class BulkLoader:
    """Use as a context manager over a district just initialised (district/opening.py); leaving it without an error writes
    the last portion, and only then is anything safe from a power cut. Every `at_ms` (ms UTC) is when the centre would have received the request."""

    def __init__(
        self, database_url: str, rules: Rules | None = None, random_bytes: RandomBytes = SYSTEM_RANDOM
    ) -> None:
        self._engine = open_database(database_url)
        self._random_bytes = random_bytes
        self._connection: Connection = self._engine.connect()
        self._disk = ExitStack()
        self._disk.enter_context(unsynced(self._connection))
        self._begin()
        self._source = BulkReader(self._connection)
        self._rules = rules or Rules(load(self._connection))
        self._journal = Journal(self._source, self._rules, epoch_of(self._connection), 0, self._new_id)
        self.count = 0

    def _begin(self) -> None:
        self._connection.begin()
        take_order_lock(self._connection)

    def _new_id(self) -> str:
        return uuid7(self._journal.now_ms, self._random_bytes(10))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._write()
                self._connection.commit()
        finally:
            self._connection.rollback()
            self._disk.close()
            self._connection.close()
            self._engine.dispose()

    # What a console would ask for

    def register(self, unit: str, label: str, by: str, at_ms: int) -> devices.Device:
        """Register a workstation, as POST /v1/register does; its token is forgotten at once, nobody can push as it."""
        token = new_token(self._random_bytes)
        return devices.register(
            self._connection, unit, label, by, token, at_ms, lambda: uuid7(at_ms, self._random_bytes(10))
        )

    def push(self, device: str, batch: Sequence[tuple[Sealed, Command]], at_ms: int) -> PushReply:
        """One push of one device, as POST /v1/push takes it; the same answer."""
        self._journal.now_ms = at_ms
        reply = self._journal.push(device, [known(sealed, command) for sealed, command in batch])
        self._receive_at_once()
        self.count += len(batch)
        self._perhaps_write()
        return reply

    def _receive_at_once(self) -> None:
        """Every desk has its line here: what is handed on without an assignment is there within the minute."""
        rows = self._journal.rows
        for case_id, given in list(rows.given):
            if rows.cases[case_id].clock(given) is not None:
                rows.settle((case_id, given))

    def deliver(self, unit: str, at_ms: int) -> int:
        """A console of the unit pulls everything there is, as POST /v1/pull answers it; returns how many of its
        assignments count as delivered by that."""
        self._journal.now_ms = at_ms
        delivered = self._journal.deliver(unit, self._journal.gseq)
        self.count += delivered
        self._perhaps_write()
        return delivered

    def personal(self, digest: str, record: bytes, unit: str, at_ms: int) -> bool:
        """A requester's record, as PUT /v1/personal keeps it."""
        kept_days = self._rules.policy.personal_kept_days
        return personal_records.store(self._connection, digest, record, unit, at_ms, kept_days)

    # Writing

    def _perhaps_write(self) -> None:
        if len(self._journal.rows.log) >= PORTION:
            self._write()
            self._connection.commit()
            self._begin()
            if self._source.log_head()[0] != self._journal.gseq:
                raise Bug("somebody else wrote to the order during a bulk load")

    def _write(self) -> None:
        rows = self._journal.take_rows()
        write(self._connection, rows)
        self._source.written(rows)
        self._journal.forget_ended()
