"""我所的: what a unit that handles cases owes now, by the move it owes (practice.md's home page of the stationed supervisor).

Read from the cases themselves: a unit has tens of open cases, not thousands, and a co-handler's duty is in no row.
"""

from __future__ import annotations

from models.case import AssignmentRole, Case, ClockState, StageClock
from models.clock import DAY_MS, HOUR_MS
from models.organisation import OrganisationKind
from models.policy import Stage
from models.row import row_of
from models.store.case_lists import open_cases
from models.store.work import Work
from models.views import DutyGroup, DutyLine
from services.desk import Desk

UNIT_GROUPS = ("acknowledge", "arrive", "answer_today", "co_handling")
STATION_GROUPS = ("check", *UNIT_GROUPS)
"""A village workstation also checks what others handled."""

_ANSWERS = (Stage.OPINION, Stage.HANDLING)
_SHANGHAI_MS = 8 * HOUR_MS


def duties(work: Work, desk: Desk) -> tuple[DutyGroup, ...]:
    """Every group in its fixed order, the most urgent line first. A case stands in each group it belongs to."""
    now_ms = work.present().shown_at
    evening_ms = (now_ms + _SHANGHAI_MS) // DAY_MS * DAY_MS + DAY_MS - _SHANGHAI_MS
    is_station = work.rules.kind(desk.unit) is OrganisationKind.STATION
    groups: dict[str, list[DutyLine]] = {name: [] for name in (STATION_GROUPS if is_station else UNIT_GROUPS)}
    for case in open_cases(work.connection):
        for name in _groups_of(case, desk.unit, evening_ms):
            if name in groups:
                groups[name].append(_line(work, case, desk.unit))
    return tuple(
        DutyGroup(name, tuple(sorted(lines, key=lambda d: (d.due_at is None, d.due_at or 0))))
        for name, lines in groups.items()
    )


def _groups_of(case: Case, unit: str, evening_ms: int) -> list[str]:
    found = []
    mine = [a for a in case.assignments if a.receiver == unit and not a.ended and a.handled_at is None]
    for assignment in mine:
        if assignment.acknowledged_at is None and assignment.arrived_at is None:
            found.append("acknowledge")
        elif assignment.arrived_at is None and assignment.round == 1:
            found.append("arrive")
        if assignment.role is AssignmentRole.CO:
            found.append("co_handling")
    if any(c.due_at is not None and c.due_at < evening_ms for c in _running(case, unit) if c.stage in _ANSWERS):
        found.append("answer_today")
    if case.check is not None and case.check.station == unit and case.check.submitted_at is None:
        found.append("check")
    return list(dict.fromkeys(found))


def _running(case: Case, unit: str) -> list[StageClock]:
    return [c for c in case.clocks if c.owner == unit and c.state is ClockState.RUNNING and not c.is_paused]


def _line(work: Work, case: Case, unit: str) -> DutyLine:
    clocks = [c for c in _running(case, unit) if c.due_at is not None]
    first = min(clocks, key=lambda c: c.due_at or 0, default=None)
    town = work.rules.organisations.get(case.town)
    return DutyLine(
        case_id=case.id,
        title=case.title,
        place=case.place,
        town_name=town.short_name if town else "",
        stage=first.stage.value if first else row_of(case).clock_stage,
        due_at=first.due_at if first else None,
        yellow_at=first.yellow_at if first else None,
        emergency=case.emergency,
    )
