"""待补证据 as models/owed_evidence.py says it, told anew with less: I17 of the photographs that a policy asks for."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, select

from models.attachment import Attachment, AttachmentKind
from models.case import AssignmentRole, Case, StageClock, Verdict
from models.owed_evidence import as_shown, is_owed
from models.policy import Stage
from models.store.case_table import case_row
from tests.invariants.at_rest import AtRest, must
from tests.invariants.history import History

_PAPERS = (AttachmentKind.PAPER, AttachmentKind.OTHER)


def photographs_are_owed_or_there(rest: AtRest, history: History) -> None:
    """What was met in time and asks for a photograph is 待补证据, unless one of whoever had the duty, or was sent, has come; nothing else
    is; and every row says so, at the centre and at each workstation."""
    for case in history.cases.values():
        for clock in case.clocks:
            _clock(case, clock)
    with rest.district.reading() as connection:
        _rows("the centre", connection, history)
    for console in rest.consoles:
        console.database(lambda work, name=console.name: _rows(name, work.connection, history))  # type: ignore[misc]


def _clock(case: Case, clock: StageClock) -> None:
    words = f"{clock.id} of {case.id}"
    owed = as_shown(case, clock).verdict is Verdict.EVIDENCE_OWED
    asks = clock.photo_required and clock.verdict is Verdict.ON_TIME
    must(asks or not owed, "I17", f"{words} owes a photograph that nobody asks for")
    come = list(_come(case, clock)) if asks else []
    must(not asks or owed or bool(come), "I17", f"{words} owes no photograph, and none has come")
    must(not owed or not any(_plainly(case, clock, a) for a in come), "I17", f"{words} owes one that has come")


def _come(case: Case, clock: StageClock) -> Iterator[Attachment]:
    units = {clock.owner, *(a.receiver for a in case.assignments if a.giver == clock.owner)}
    units |= {check.checker_unit for check in case.checks if check.id == clock.id}
    yield from (a for a in case.attachments if a.arrived_at and a.unit in units and a.kind not in _PAPERS)


def _plainly(case: Case, clock: StageClock, added: Attachment) -> bool:
    """A photograph of which there is no question: how the place was left, of the unit that had the duty once, since it had it, and a
    file that is on the case once. A town shows what whoever it sent has seen, not what its own desk adds."""
    given = [a for a in case.assignments if a.receiver == added.unit and a.role is not AssignmentRole.TOWN]
    once = len(given) == 1 and sum(a.sha256 == added.sha256 for a in case.attachments) == 1
    own = clock.stage is not Stage.CHECK and added.unit == clock.owner and added.kind is AttachmentKind.AFTER
    return own and once and given[0].assigned_at.hi < added.at.lo


def _rows(name: str, connection: Connection, history: History) -> None:
    for row in connection.execute(select(case_row.c.id, case_row.c.evidence_owed)):
        must(row.evidence_owed == is_owed(history.cases[row.id]), "I17", f"{name}: the row of {row.id} says otherwise")
