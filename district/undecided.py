"""What one transaction of the order knows of the acts that are kept undecided (D12), and what waits for them."""

from __future__ import annotations

from district.judge import sees
from district.source import Source
from district.store.records import Deferral
from models.case import Case
from models.commands import Subject


class Undecided:
    """Those of the store, with what this transaction has added and settled."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._added: dict[str, list[Deferral]] = {}
        self._over: set[str] = set()

    def add(self, found: Deferral) -> None:
        """Keep one more."""
        if found.blocks:
            self._added.setdefault(found.case_id, []).append(found)

    def is_over(self, cmd_id: str) -> None:
        """It is settled: what comes from here on does not wait for it."""
        self._over.add(cmd_id)

    def blocking(self, subject: Subject, case: Case | None, unit: str) -> Deferral | None:
        """The undecided act that one of the unit must wait for: the last. Units that do not see the case are told nothing."""
        if subject.type != "case":
            return None
        added = [found for found in self._added.get(subject.id, ()) if found.cmd_id not in self._over]
        last = added[-1] if added else self._source.deferred_on(subject.id, self._over)
        if last is None:
            return None
        mine = sees(case, unit) if case is not None else last.unit == unit
        return last if mine else None
