"""What became of a request for more time (延期, 挂账) that is not open any more: answered by a person, or fallen away."""

from __future__ import annotations

from collections.abc import Iterator

from models.case import Assignment, AssignmentRole, Case, Request, RequestKind, StageClock, Verdict
from models.evidence import NO_END_MS, Moment
from models.policy import Stage
from models.stage_clock import TAKEN_AWAY, not_counted

MORE_TIME = (RequestKind.EXTENSION, RequestKind.SUSPENSION)
ASKS = {f"case.ask_{kind.value}": kind for kind in MORE_TIME}
"""The acts that ask for it, and for which."""


def answered_later(case: Case, target: Assignment, kind: RequestKind, at: Moment) -> Request | None:
    """What had been asked for when somebody asked at `at`, too, and has been answered since: two workstations of a unit asked for
    one thing, and the later word was heard first."""
    asked = [r for r in case.requests if r.assignment == target.id and r.kind is kind]
    later = any(at.hi < answer.lo for answer in _answers(case, target, kind))
    return asked[-1] if asked and later else None


def asked_in_vain(case: Case, target: Assignment, *kinds: RequestKind) -> bool:
    """True when more time (of one of these kinds, or any) was asked for in due time while the unit had the duty, and nobody answered: it
    was taken away before, or before the asking was heard."""
    return any(_in_vain(case, target, kind) for kind in kinds or MORE_TIME)


def _in_vain(case: Case, target: Assignment, kind: RequestKind) -> bool:
    clock = case.clock_of(target.id, Stage.HANDLING)
    until = target.ended_at.hi if target.ended_at is not None else NO_END_MS
    due = clock.due_at if clock is not None and clock.due_at is not None else until
    had = [step for step in case.history if target.assigned_at.lo <= step.at.lo <= until]
    own = (step for step in had if ASKS.get(step.kind) is kind and step.unit == target.receiver)
    asked = [step.at for step in own if step.at.lo <= due]
    last = until if target.ended in TAKEN_AWAY else NO_END_MS  # what is over otherwise is still answered
    answered = [at for at in _answers(case, target, kind) if target.assigned_at.lo <= at.lo <= last]
    return any(all(answer.hi < at.lo for answer in answered) for at in asked)


def spared(case: Case, target: Assignment, clock: StageClock) -> StageClock:
    """The handling clock of a duty that was taken away. Who had asked for more time in due time, and lost the case before anybody
    answered, is not charged with a late result; nor is a lead, whose result was heard when the case was another's, as nobody
    answers what it may have asked (docs/decisions/0021). Of a co-handler that its result was late is known."""
    charged = clock.verdict in (Verdict.LATE, Verdict.DOUBTFUL) and not clock.ruled_by
    if target.ended not in TAKEN_AWAY or not charged:
        return clock
    return not_counted(clock) if target.role is AssignmentRole.LEAD or asked_in_vain(case, target) else clock


def _answers(case: Case, target: Assignment, kind: RequestKind) -> Iterator[Moment]:
    """When what was asked for about this duty was answered, also after its round or the case was over. Of what an older program took down
    only the unit is known."""
    about = {r.answered_at: r.assignment for r in case.requests if r.kind is kind and r.answered_at is not None}
    steps = (h for h in case.history if h.kind == f"case.answer_{kind.value}" and h.to == target.receiver)
    return (step.at for step in steps if about.get(step.at, target.id) == target.id)
