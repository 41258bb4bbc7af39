"""The centre watches while it hears: it notices what was missed, and after a grace finds it final (district/breaches.py)."""

from __future__ import annotations

from models import commands as c
from models.case import Case
from models.clock import MINUTE_MS
from models.decide import decide
from models.decide.breaches import BY_GRACE, missed, not_final
from models.evidence import exactly
from models.evolve import fold
from models.people import DISTRICT_ITSELF
from tests.models.small_town import Walk

GRACE_MINUTES = 300


def watched(before: Walk, case: Case, now_ms: int) -> Case:
    """The case after the centre has looked at its clocks."""
    for clock in missed(case, now_ms):
        case = _found(before, case, c.NoticeBreach(clock.id), now_ms)
    for breach in not_final(case):
        if breach.due_at + GRACE_MINUTES * MINUTE_MS < now_ms:
            case = _found(before, case, c.SettleBreach(breach.id, BY_GRACE), now_ms)
    return case


def _found(before: Walk, case: Case, args: c.Args, now_ms: int) -> Case:
    command = before.command(DISTRICT_ITSELF, args)
    decision = decide(case, command, before.actor(DISTRICT_ITSELF), before.rules, exactly(now_ms), now_ms)
    return fold(case, decision.events) if decision.events else case
