"""Which workstation of a unit an open case is with (sync.md §3.10). Nobody claims it: it follows from the acts."""

from __future__ import annotations

import msgspec

from models.case import Case, Step
from models.evidence import Moment
from models.moves import OF_THE_CENTRE


class AtAnother(msgspec.Struct, frozen=True):
    """The case is with another workstation of the unit: who did what there last, and when."""

    name: str
    at: Moment
    kind: str


def owners_step(confirmed: Case | None, unit: str) -> Step | None:
    """The last act on the case of anybody at this unit, as the centre confirmed it (a remark counts: 我在跟): the workstation it
    was made on is the owner. None when the case has ended, nobody there has acted, or where he did was not noted."""
    if confirmed is None or not confirmed.is_open:
        return None
    acts = (step for step in reversed(confirmed.history) if step.unit == unit and step.kind not in OF_THE_CENTRE)
    last = next(acts, None)
    return last if last is not None and last.device else None
