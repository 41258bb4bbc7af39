"""Which acts wait while the past of a restored centre is coming back (district/recovery.py)."""

from __future__ import annotations

from district.parsing import Parsed
from district.source import Source
from models.case import Case
from models.commands import Report


class Returning:
    """Asked for every act of a push. `from_gseq`: what stood in the order after that place was lost."""

    def __init__(self, source: Source, from_gseq: int) -> None:
        self._source = source
        self._from_gseq = from_gseq
        self._lost: set[str] = set()
        self._begun: set[str] = set()

    def look(self, batch: list[Parsed], unit: str) -> None:
        """Read at once which of these acts of a workstation of the unit had been decided before."""
        self._lost |= self._source.lost([parsed.cmd_id for parsed in batch], unit)

    def must_wait(self, parsed: Parsed, case: Case | None) -> bool:
        """An act on what belongs to the past is decided in the old order, later. A report depends on nothing, and a case that
        was first reported since has no past."""
        if parsed.subject.type != "case" or parsed.command is None:
            return False
        case_id, is_lost = parsed.subject.id, parsed.cmd_id in self._lost
        if isinstance(parsed.command.args, Report):
            if not is_lost and case is None:
                self._begun.add(case_id)
            return False
        return is_lost or not self._has_no_past(case_id)

    def _has_no_past(self, case_id: str) -> bool:
        if case_id not in self._begun and self._source.began_after(case_id, self._from_gseq):
            self._begun.add(case_id)
        return case_id in self._begun
