"""A case that two units gave back goes to the district's ruling desk (practice.md §3, domain.md §8: two returns at most)."""

from __future__ import annotations

from models.case import Assignment, RequestKind, State
from models.deadline import Limit, LimitUnit
from models.decide.situation import Situation
from models.organisation import DISTRICT_CODE


def rule_on_returns(s: Situation, returned: Assignment) -> None:
    """The district must name the unit, within the policy's working hours; nobody else is charged meanwhile."""
    reasons = [r.reason for r in s.case.requests if r.assignment == returned.id]
    s.ask(RequestKind.RULING, reasons[-1] if reasons else "", unit=returned.giver, assignment=returned.id)
    town = s.case.town_assignment
    if town is not None:
        s.close_return(town.id, granted=False)
    s.pause_units()
    limit = Limit(s.rules.policy.ruling_within_work_hours, LimitUnit.WORK_HOUR)
    s.open_dispatch_cycle(DISTRICT_CODE, s.reaches(DISTRICT_CODE), "received", limit)
    s.move(State.AWAITING_RULING)
