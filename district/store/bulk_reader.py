"""Answers a journal that writes for minutes from memory, where a Reader would ask the database for every act."""

from __future__ import annotations

from sqlalchemy import Connection, select

from district.store.reader import Reader
from district.store.records import Seen, Waiting
from district.store.rows import Rows
from district.store.tables import log, undelivered
from models.case import Case
from models.store.case_table import case_row, get_case


class BulkReader(Reader):
    """Knows which acts and cases there are, so that it asks only about those; must be told what was written."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._acts = set(connection.execute(select(log.c.cmd_id)).scalars())
        self._stored = set(connection.execute(select(case_row.c.id)).scalars())
        self._undelivered: dict[str, dict[tuple[str, str], Waiting]] = {}
        for row in connection.execute(select(undelivered).order_by(undelivered.c.gseq, undelivered.c.assignment)):
            self._wait(Waiting(row.assignment, row.case_id, row.receiver, int(row.gseq)))

    def prefetch(self, cmd_ids: list[str], case_ids: set[str]) -> None:
        """Nothing to read ahead: what there is, is known."""

    def seen(self, cmd_id: str) -> Seen | None:
        """See Reader.seen."""
        return super().seen(cmd_id) if cmd_id in self._acts else None

    def case(self, case_id: str) -> Case | None:
        """See Reader.case."""
        return get_case(self.connection, case_id) if case_id in self._stored else None

    def waiting(self, receiver: str, up_to_gseq: int) -> list[Waiting]:
        """See Reader.waiting."""
        return [w for w in self._undelivered.get(receiver, {}).values() if w.gseq <= up_to_gseq]

    def written(self, rows: Rows) -> None:
        """These rows stand in the database now."""
        self._acts.update(str(row["cmd_id"]) for row in rows.log)
        self._stored |= rows.new_cases
        for key in rows.settled:
            for waiting in self._undelivered.values():
                waiting.pop(key, None)
        for found in rows.given.values():
            self._wait(found)
        if rows.deferrals or rows.settlements:
            self._blocking = None

    def _wait(self, found: Waiting) -> None:
        self._undelivered.setdefault(found.receiver, {})[found.key] = found
