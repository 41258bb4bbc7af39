"""What runs at night, by clock, urgency and roster (practice.md §3, docs/decisions/0004)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from models import commands as c
from models.calendar import DAY_MS, MINUTE_MS
from models.case import Case
from models.evidence import exactly
from models.people import DISTRICT_ITSELF
from models.policy import Stage
from tests.models.small_town import MARKET, SQUAD, STALLS, TOWN, VILLAGE, WASTE, Walk

TEN_AT_NIGHT_MS = int(datetime(2026, 11, 23, 22, 0, tzinfo=timezone(timedelta(hours=8))).timestamp() * 1000)
EIGHT_MS = TEN_AT_NIGHT_MS + 10 * 60 * MINUTE_MS
HOUR_MS = 60 * MINUTE_MS


def at_night(unit: str, category: str = STALLS, emergency: bool = False) -> tuple[Walk, str]:
    walk = Walk()
    walk.now_ms = TEN_AT_NIGHT_MS
    walk.act("clerk", c.Report("LY-1", "grid", category, "某事", "路口", TOWN, VILLAGE, emergency=emergency))
    walk.act("clerk", c.File())
    case = walk.act("clerk", c.Dispatch(unit))
    assert case.lead is not None
    return walk, case.lead.id


def starts(case: Case, lead: str) -> dict[Stage, tuple[int | None, int | None]]:
    return {k.stage: (k.started_at, k.due_at) for k in case.clocks if k.assignment == lead}


def test_urgent_handling_of_an_unrostered_unit_waits_for_the_arrival_it_presupposes() -> None:
    walk, lead = at_night(MARKET)
    found = starts(walk.act(DISTRICT_ITSELF, c.Deliver(lead)), lead)
    assert found[Stage.ARRIVAL] == (EIGHT_MS, EIGHT_MS + HOUR_MS)
    assert found[Stage.HANDLING] == (EIGHT_MS, EIGHT_MS + 2 * HOUR_MS)
    case = walk.case
    assert case is not None and case.clock(f"{lead}:handling").start_kind == "duty_start"  # type: ignore[union-attr]


@pytest.mark.parametrize(("unit", "emergency"), [(SQUAD, False), (MARKET, True), (SQUAD, True)])
def test_a_rostered_unit_and_an_emergency_run_through_the_night(unit: str, emergency: bool) -> None:
    walk, lead = at_night(unit, emergency=emergency)
    found = starts(walk.act(DISTRICT_ITSELF, c.Deliver(lead)), lead)
    assert found[Stage.ARRIVAL][0] == found[Stage.HANDLING][0] == TEN_AT_NIGHT_MS
    assert found[Stage.HANDLING][1] == TEN_AT_NIGHT_MS + 2 * HOUR_MS


def test_working_time_needs_no_waiting() -> None:
    walk, lead = at_night(MARKET, WASTE)
    found = starts(walk.act(DISTRICT_ITSELF, c.Deliver(lead)), lead)
    assert found[Stage.HANDLING][0] == TEN_AT_NIGHT_MS, "one working day from receipt, whatever the hour"


def test_a_call_that_proves_earlier_moves_a_start_back_out_of_the_morning() -> None:
    walk, lead = at_night(MARKET)
    walk.act(DISTRICT_ITSELF, c.Deliver(lead))
    told_ms = TEN_AT_NIGHT_MS - 6 * HOUR_MS
    case = walk.act("clerk", c.LogCall(MARKET, "answered", assignment=lead), at=exactly(told_ms))
    assert starts(case, lead)[Stage.ARRIVAL][0] == told_ms
    assert starts(case, lead)[Stage.HANDLING] == (told_ms, told_ms + 2 * HOUR_MS)
    later = walk.act("clerk", c.LogCall(MARKET, "answered", assignment=lead), at=exactly(TEN_AT_NIGHT_MS + DAY_MS))
    assert starts(later, lead) == starts(case, lead)
