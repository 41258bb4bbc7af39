"""Whether a case is with another workstation of the desk's unit, as far as this one has heard (sync.md §3.10)."""

from __future__ import annotations

from models.case import Case
from models.owner_workstation import AtAnother, owners_step
from models.store import confirmed, outbox
from models.store.work import Work
from services.desk import Desk


def at_another(work: Work, desk: Desk, case: Case) -> AtAnother | None:
    """The case as this store shows it: with whom it is. What was made here is in the outbox, also where this workstation was
    another device then."""
    touched = confirmed.is_touched(work.connection, case.id)
    step = owners_step(confirmed.confirmed(work.connection, case.id) if touched else case, desk.unit)
    if step is None or step.device == work.read_meta("device", desk.device):
        return None
    if outbox.find(work.connection, step.cmd_id) is not None:
        return None
    person = work.rules.people.get(step.actor)
    return AtAnother(person.name if person is not None else step.actor, step.at, step.kind)
