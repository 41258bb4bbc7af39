"""我所的: what a unit that handles cases owes now, by the move it owes (practice.md's home page of the stationed supervisor).

Read from the cases themselves: a unit has tens of open cases, not thousands, and a co-handler's duty is in no row.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain

import msgspec

from models.case import Assignment, AssignmentRole, Case, StageClock
from models.clock import DAY_MS, SHANGHAI_MS
from models.deadline import deadline
from models.decide.spoken import RATIFY_LIMIT, to_ratify
from models.organisation import OrganisationKind
from models.owed_evidence import owed_by
from models.policy import Stage
from models.rules import Rules
from models.store.case_lists import open_cases, over_with_a_duty
from models.store.work import Work
from models.views import DutyGroup, DutyLine
from services.desk import Desk

UNIT_GROUPS = ("acknowledge", "arrive", "answer_today", "co_handling", "ratify", "photo")
STATION_GROUPS = ("check", *UNIT_GROUPS)
"""A village workstation also checks what others handled."""

_ANSWERS = (Stage.OPINION, Stage.HANDLING)


class _Owed(msgspec.Struct, frozen=True):
    """One move owed: by its own clock, or since when the unit knows of it."""

    group: str
    clock: StageClock | None = None
    since_at: int | None = None
    since_kind: str = ""
    due_at: int | None = None
    provisional: bool = False

    @property
    def urgency(self) -> tuple[bool, int]:
        """Sorts the most urgent first; what nobody has been told of stands last."""
        due_at = self.clock.due_at if self.clock is not None else self.due_at or self.since_at
        return due_at is None, due_at or 0


def duties(work: Work, desk: Desk) -> tuple[DutyGroup, ...]:
    """Every group in its fixed order, the most urgent line first. A case stands once in each group it belongs to, there
    with the clock of that very move."""
    now_ms = work.present().shown_at
    evening_ms = (now_ms + SHANGHAI_MS) // DAY_MS * DAY_MS + DAY_MS - SHANGHAI_MS
    is_station = work.rules.kind(desk.unit) is OrganisationKind.STATION
    names = STATION_GROUPS if is_station else UNIT_GROUPS
    found: dict[str, list[tuple[_Owed, Case]]] = {name: [] for name in names}
    for case in chain(open_cases(work.connection), over_with_a_duty(work.connection, desk.unit)):
        all_owed = chain(_owed(case, desk.unit, evening_ms), _words(case, desk.unit, work.rules))
        owed = sorted(all_owed, key=lambda one: one.urgency)
        for name in names:
            first = next((one for one in owed if one.group == name), None)
            if first is not None:
                found[name].append((first, case))
    return tuple(
        DutyGroup(name, tuple(_line(work, *pair) for pair in sorted(pairs, key=lambda pair: pair[0].urgency)))
        for name, pairs in found.items()
    )


def _owed(case: Case, unit: str, evening_ms: int) -> Iterator[_Owed]:
    clocks = [c for c in case.clocks if c.owner == unit and c.is_counting]
    for duty in case.assignments:
        if duty.receiver != unit or duty.ended or duty.handled_at is not None:
            continue
        of_duty = [c for c in clocks if c.assignment == duty.id]
        if duty.acknowledged_at is None and duty.arrived_at is None:
            yield _told("acknowledge", duty)
        elif duty.arrived_at is None:
            yield _by_clock("arrive", (c for c in of_duty if c.stage is Stage.ARRIVAL), duty)
        if duty.role is AssignmentRole.CO:
            yield _by_clock("co_handling", of_duty, duty)
    for clock in clocks:
        if clock.stage in _ANSWERS and clock.due_at is not None and clock.due_at < evening_ms:
            yield _Owed("answer_today", clock)
    if case.check is not None and case.check.station == unit and case.check.submitted_at is None:
        yield _by_clock("check", (c for c in clocks if c.stage is Stage.CHECK), None)
    for clock in owed_by(case, unit):
        met = clock.stopped.shown_at if clock.stopped is not None else None
        yield _Owed("photo", None, met, clock.stage.value)


def _words(case: Case, unit: str, rules: Rules) -> Iterator[_Owed]:
    """What was typed for the unit, and by when it should say 追认."""
    waiting = set(to_ratify(case, unit, rules))
    for step in case.history:
        if step.cmd_id in waiting:
            due = deadline(rules.calendar, step.at.hi, RATIFY_LIMIT)
            yield _Owed("ratify", due_at=due.due_ms, provisional=due.provisional)


def _by_clock(group: str, clocks: Iterable[StageClock], duty: Assignment | None) -> _Owed:
    first = min((c for c in clocks if c.due_at is not None), key=lambda c: c.due_at or 0, default=None)
    if first is None and duty is not None:
        return _told(group, duty)
    return _Owed(group, first)


def _told(group: str, duty: Assignment) -> _Owed:
    """Since when the unit knows: at the earlier of delivery and an answered call, as its clocks start (D6)."""
    told = [
        (moment.shown_at, kind)
        for moment, kind in ((duty.delivered_at, "delivered"), (duty.notified_at, "notified"))
        if moment is not None
    ]
    since_at, kind = min(told, default=(None, ""))
    return _Owed(group, None, since_at, kind)


def _line(work: Work, owed: _Owed, case: Case) -> DutyLine:
    town = work.rules.organisations.get(case.town)
    clock = owed.clock
    return DutyLine(
        case_id=case.id,
        title=case.title,
        place=case.place,
        town_name=town.short_name if town else "",
        stage=clock.stage.value if clock else "",
        due_at=clock.due_at if clock else owed.due_at,
        yellow_at=clock.yellow_at if clock else None,
        emergency=case.emergency,
        since_at=owed.since_at,
        since_kind=owed.since_kind,
        provisional=clock.provisional if clock else owed.provisional,
    )
