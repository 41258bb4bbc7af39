"""What runs at night, by clock, urgency and roster (practice.md §3, docs/decisions/0004)."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from models import commands as c
from models.calendar import DAY_MS, MINUTE_MS
from models.case import Case, Verdict
from models.decide.breaches import missed
from models.evidence import exactly
from models.people import DISTRICT_ITSELF
from models.policy import Stage
from models.stage_clock import paused, resumed
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


TOLD_MS = TEN_AT_NIGHT_MS + 5 * MINUTE_MS


def handed_down_at_night(unit: str, emergency: bool = False, now_ms: int = TEN_AT_NIGHT_MS) -> tuple[Walk, str, str]:
    """The district sends it to the town, at ten if nothing else is said; five minutes later the unit knows."""
    walk = Walk()
    walk.now_ms = now_ms
    walk.act("intake", c.Report("Q-1", "hotline", STALLS, "某事", "路口", TOWN, VILLAGE, emergency=emergency))
    walk.act("operator", c.File())
    town = walk.act("operator", c.Dispatch(TOWN)).town_assignment
    assert town is not None
    walk.act(DISTRICT_ITSELF, c.Deliver(town.id))
    lead = walk.act("clerk", c.Dispatch(unit), minutes=5).lead
    assert lead is not None
    walk.act(DISTRICT_ITSELF, c.Deliver(lead.id))
    return walk, town.id, lead.id


@pytest.mark.parametrize(
    ("unit", "emergency", "due_ms"),
    [
        (MARKET, False, EIGHT_MS + 55 * MINUTE_MS),
        (SQUAD, False, TEN_AT_NIGHT_MS + HOUR_MS),
        (MARKET, True, TEN_AT_NIGHT_MS + HOUR_MS),
    ],
)
def test_the_hour_of_the_town_goes_by_the_roster_of_the_unit_it_sent(unit: str, emergency: bool, due_ms: int) -> None:
    walk, town, lead = handed_down_at_night(unit, emergency)
    assert walk.case is not None and starts(walk.case, town)[Stage.ARRIVAL] == (TEN_AT_NIGHT_MS, due_ms)
    walk.now_ms = EIGHT_MS + 20 * MINUTE_MS
    case = walk.act("market-officer" if unit == MARKET else "squad-officer", c.Arrive(lead))
    clock = case.clock(f"{town}:arrival")
    in_time = unit == MARKET and not emergency
    assert clock is not None and clock.verdict is (Verdict.ON_TIME if in_time else Verdict.LATE)


def test_a_unit_that_comes_in_the_morning_is_no_excuse_once_another_is_sent() -> None:
    walk, town, _lead = handed_down_at_night(MARKET)
    walk.now_ms = TOLD_MS + 10 * MINUTE_MS
    lead = walk.act("clerk", c.Redispatch(SQUAD, reason="夜间须有人到场")).lead
    assert lead is not None
    case = walk.act(DISTRICT_ITSELF, c.Deliver(lead.id))
    assert starts(case, town)[Stage.ARRIVAL] == (TEN_AT_NIGHT_MS, TEN_AT_NIGHT_MS + HOUR_MS + 10 * MINUTE_MS)


def test_an_hour_that_has_run_out_is_not_mended_by_sending_a_sleeping_unit() -> None:
    walk, town, _lead = handed_down_at_night(SQUAD)
    walk.now_ms = TEN_AT_NIGHT_MS + 2 * HOUR_MS
    lead = walk.act("clerk", c.Redispatch(MARKET, reason="改派")).lead
    assert lead is not None
    case = walk.act(DISTRICT_ITSELF, c.Deliver(lead.id))
    assert starts(case, town)[Stage.ARRIVAL][1] == TEN_AT_NIGHT_MS + HOUR_MS


def test_a_call_that_proves_the_unit_knew_in_duty_hours_takes_the_rest_back() -> None:
    walk, town, lead = handed_down_at_night(MARKET)
    told_ms = TEN_AT_NIGHT_MS - 6 * HOUR_MS
    case = walk.act("clerk", c.LogCall(MARKET, "answered", assignment=lead), at=exactly(told_ms))
    assert starts(case, town)[Stage.ARRIVAL][1] == TEN_AT_NIGHT_MS + HOUR_MS


def in_january(unit: str) -> Case:
    """A case of a year whose notice is not in the data."""
    walk = Walk()
    walk.now_ms = int(datetime(2027, 1, 13, 10, 0, tzinfo=timezone(timedelta(hours=8))).timestamp() * 1000)
    walk.act("clerk", c.Report("LY-1", "grid", STALLS, "某事", "路口", TOWN, VILLAGE))
    found = walk.act("clerk", c.File()).clock("dispatch-1")
    assert found is not None and not found.provisional, "ten minutes are ten minutes in every year"
    assert [k.id for k in missed(walk.case, walk.now_ms + 20 * MINUTE_MS)] == ["dispatch-1"]  # type: ignore[arg-type]
    case = walk.act("clerk", c.Dispatch(unit))
    assert case.lead is not None
    return walk.act(DISTRICT_ITSELF, c.Deliver(case.lead.id))


@pytest.mark.parametrize(("unit", "unsure"), [(SQUAD, False), (MARKET, True)])
def test_what_runs_round_the_clock_is_sure_in_a_year_without_its_notice_unless_its_start_waits_for_duty(
    unit: str, unsure: bool
) -> None:
    clocks = {k.stage: k for k in in_january(unit).clocks if k.assignment}
    assert clocks[Stage.OPINION].provisional
    for stage in (Stage.ARRIVAL, Stage.HANDLING):
        assert clocks[stage].provisional is unsure
        again = resumed(paused(clocks[stage], clocks[stage].started_at or 0), clocks[stage].due_at or 0, Walk().rules)
        assert again.provisional is unsure


@pytest.mark.parametrize("pull_first", [True, False])
def test_whichever_the_centre_hears_of_first_the_towns_hour_is_the_same(pull_first: bool) -> None:
    """The case came at ten as the line went; the town sent an office that sleeps, and rang it. At eleven its push and its pull
    reach the centre side by side (docs/decisions/0005)."""
    walk = Walk()
    walk.now_ms = TEN_AT_NIGHT_MS
    walk.act("intake", c.Report("Q-1", "hotline", STALLS, "某事", "路口", TOWN, VILLAGE))
    walk.act("operator", c.File())
    town = walk.act("operator", c.Dispatch(TOWN)).town_assignment
    assert town is not None
    walk.now_ms = TEN_AT_NIGHT_MS + HOUR_MS
    if pull_first:
        walk.act(DISTRICT_ITSELF, c.Deliver(town.id))
    lead = walk.act("clerk", c.Dispatch(MARKET), at=exactly(TOLD_MS)).lead
    assert lead is not None
    case = walk.act("clerk", c.LogCall(MARKET, "answered", assignment=lead.id), at=exactly(TOLD_MS + 2 * MINUTE_MS))
    if not pull_first:
        case = walk.act(DISTRICT_ITSELF, c.Deliver(town.id))
    assert starts(case, town.id)[Stage.ARRIVAL] == (TEN_AT_NIGHT_MS + HOUR_MS, EIGHT_MS + HOUR_MS)
