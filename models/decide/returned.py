"""A case that two units gave back goes to the district's ruling desk (practice.md §3, domain.md §8: two returns at most)."""

from __future__ import annotations

from models.case import Assignment, Request, RequestKind, State
from models.deadline import Limit, LimitUnit
from models.decide.situation import Situation
from models.events import RequestSet
from models.organisation import DISTRICT_CODE


def rule_on_returns(s: Situation, returned: Assignment) -> None:
    """The district must name the unit, within the policy's working hours; nobody else is charged meanwhile."""
    reasons = [r.reason for r in s.case.requests if r.assignment == returned.id]
    request = Request(
        id=s.command.cmd_id,
        kind=RequestKind.RULING,
        asked_by=s.actor.person,
        unit=returned.giver,
        reason=reasons[-1] if reasons else "",
        asked_at=s.at,
        assignment=returned.id,
    )
    s.emit(RequestSet(request))
    s.pause_units()
    limit = Limit(s.rules.policy.ruling_within_work_hours, LimitUnit.WORK_HOUR)
    s.open_dispatch_cycle(DISTRICT_CODE, s.at.hi, "received", limit)
    s.move(State.AWAITING_RULING)
