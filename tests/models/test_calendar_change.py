"""A changed calendar moves running clocks, and nothing else; a changed policy moves none (D13)."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from models import commands as c
from models.calendar import CalendarDay, CalendarYear, DayKind, YearStatus
from models.case import StageClock
from models.clock import DAY_MS, MINUTE_MS
from models.deadline import Limit, LimitUnit
from models.decide.breaches import missed
from models.evidence import exactly
from models.people import DISTRICT_ITSELF
from models.policy import Stage
from models.rules import Reference, Rules
from tests.models import small_town
from tests.models.small_town import MARKET, SQUAD, TOWN, VILLAGE, Walk
from tests.models.test_night import handed_down_at_night

AGAIN = c.Recalculate("test-1", "test-2")


def _with_days(first: Reference, *days: tuple[str, DayKind]) -> Rules:
    named = tuple(CalendarDay(day, kind, "test") for day, kind in days)
    return Rules(replace(first, calendar=replace(first.calendar, version="test-2", days=named)))


def _clock(walk: Walk, stage: Stage) -> StageClock:
    assert walk.case is not None
    return next(k for k in walk.case.clocks if k.stage is stage and k.assignment)


def _with_market(walk: Walk, limit: Limit | None = None) -> str:
    walk.act("clerk", c.Report("LY-1", "grid", small_town.STALLS, "店外经营", "路口", TOWN, VILLAGE))
    walk.act("clerk", c.File())
    walk.act("clerk", c.Dispatch(MARKET, limit=limit), minutes=2)
    assert walk.case is not None and walk.case.lead is not None
    return walk.case.lead.id


def test_running_clocks_move_and_stopped_ones_stay() -> None:
    walk = Walk()
    lead = _with_market(walk, Limit(2, LimitUnit.WORK_DAY))
    walk.act(DISTRICT_ITSELF, c.Deliver(lead), minutes=1)
    walk.act("market-officer", c.Arrive(lead), minutes=5)
    before = {stage: _clock(walk, stage) for stage in (Stage.ARRIVAL, Stage.OPINION, Stage.HANDLING)}
    walk.rules = _with_days(small_town.reference(), ("2026-11-24", DayKind.STATUTORY_HOLIDAY))
    after = walk.act(DISTRICT_ITSELF, AGAIN)
    assert _clock(walk, Stage.ARRIVAL) == before[Stage.ARRIVAL], "met already"
    for stage in (Stage.OPINION, Stage.HANDLING):
        old, new = before[stage], _clock(walk, stage)
        assert old.due_at is not None and old.yellow_at is not None
        assert (new.due_at, new.started_at, new.limit) == (old.due_at + DAY_MS, old.started_at, old.limit)
        assert new.yellow_at == old.yellow_at + DAY_MS
        assert (new.calendar_was, new.calendar, new.policy) == ("test-1", "test-2", "test-1")
    assert (after.history[-1].kind, after.history[-1].to, after.history[-1].note) == (
        "case.recalculate",
        "test-2",
        "test-1",
    )
    walk.rules = _with_days(
        small_town.reference(),
        ("2026-11-24", DayKind.STATUTORY_HOLIDAY),
        ("2026-11-25", DayKind.STATUTORY_HOLIDAY),
    )
    walk.act(DISTRICT_ITSELF, AGAIN)
    assert _clock(walk, Stage.OPINION).calendar_was == "test-1", "the calendar it started under is never lost"


def test_a_start_that_waits_for_duty_hours_waits_for_the_new_ones() -> None:
    walk = Walk()
    lead = _with_market(walk)
    walk.act(DISTRICT_ITSELF, c.Deliver(lead), minutes=9 * 60)
    before = _clock(walk, Stage.ARRIVAL)
    assert before.start_kind == "duty_start" and before.started_at is not None
    walk.rules = _with_days(small_town.reference(), ("2026-11-24", DayKind.STATUTORY_HOLIDAY))
    walk.act(DISTRICT_ITSELF, AGAIN)
    after = _clock(walk, Stage.ARRIVAL)
    assert (after.start_kind, after.started_at) == ("duty_start", before.started_at + DAY_MS)


def test_a_towns_hour_that_waits_for_the_unit_it_sent_waits_for_the_new_duty_hours_too() -> None:
    """At nine in the evening, on the last day of a year: what the office owes may still move, and with it what the town does
    (docs/decisions/0003, 0007)."""
    new_year_ms = small_town.START_MS + 38 * DAY_MS + 750 * MINUTE_MS
    walk, town, lead = handed_down_at_night(MARKET, now_ms=new_year_ms - 180 * MINUTE_MS)
    first = walk.rules.reference

    def hours() -> list[tuple[int | None, bool]]:
        assert walk.case is not None
        found = (walk.case.clock(f"{given}:arrival") for given in (town, lead))
        return [(k.due_at, k.provisional) for k in found if k is not None]

    eight_ms = new_year_ms + 8 * 60 * MINUTE_MS
    assert hours() == [(eight_ms + 55 * MINUTE_MS, True), (eight_ms + 60 * MINUTE_MS, True)]
    assert walk.case is not None and missed(walk.case, eight_ms + DAY_MS) == (), (
        "nobody is red by hours that may still move"
    )
    earlier = walk.act(
        "operator", c.LogCall(TOWN, "answered", assignment=town), at=exactly(walk.now_ms - 8 * MINUTE_MS)
    )
    assert [k.provisional for k in earlier.clocks if k.id == f"{town}:arrival"] == [True]
    official = (*first.calendar.years, CalendarYear(2027, YearStatus.OFFICIAL, "test"))
    days = tuple(CalendarDay(f"2027-01-0{day}", DayKind.STATUTORY_HOLIDAY, "test") for day in (1, 2, 3))
    walk.rules = Rules(replace(first, calendar=replace(first.calendar, version="test-2", years=official, days=days)))
    walk.act(DISTRICT_ITSELF, AGAIN)
    (towns, is_unsure), offices = hours()
    assert offices == (eight_ms + 3 * DAY_MS + 60 * MINUTE_MS, False)
    assert towns is not None and not is_unsure and offices[0] is not None
    assert offices[0] - 60 * MINUTE_MS < towns <= offices[0], "it stood still until the office is on duty"


def test_an_edition_that_is_taken_back_excuses_no_console_that_was_off() -> None:
    """A day becomes a holiday, and in the next edition a working day again: what the unit answers for is what it was."""
    walk = Walk()
    lead = _with_market(walk)
    walk.now_ms = small_town.START_MS + DAY_MS + 60 * MINUTE_MS
    walk.act(DISTRICT_ITSELF, c.Deliver(lead, walk.now_ms - MINUTE_MS))
    before = _clock(walk, Stage.ARRIVAL)
    assert before.start_kind == "switched_off"
    first = walk.rules.reference
    walk.rules = _with_days(first, ("2026-11-23", DayKind.STATUTORY_HOLIDAY), ("2026-11-24", DayKind.STATUTORY_HOLIDAY))
    walk.act(DISTRICT_ITSELF, AGAIN)
    assert _clock(walk, Stage.ARRIVAL).start_kind == "duty_start"
    walk.rules = Rules(replace(first, calendar=replace(first.calendar, version="test-3")))
    walk.act(DISTRICT_ITSELF, c.Recalculate("test-2", "test-3"))
    after = _clock(walk, Stage.ARRIVAL)
    assert (after.start_kind, after.started_at, after.due_at) == ("switched_off", before.started_at, before.due_at)


def test_a_day_that_becomes_a_working_day_charges_no_unit_with_what_the_line_took() -> None:
    """Sent on Friday night; on Saturday the console was on from half past eight, and the line let it through at half past nine."""
    work = _with_days(small_town.reference(), ("2026-11-28", DayKind.MAKE_UP_WORKDAY))
    due = []
    for known_before in (True, False):
        walk = Walk(work if known_before else None)
        friday_ms = small_town.START_MS + 4 * DAY_MS + 630 * MINUTE_MS
        walk.now_ms = friday_ms
        lead = _with_market(walk)
        walk.now_ms = friday_ms + 690 * MINUTE_MS
        walk.act(DISTRICT_ITSELF, c.Deliver(lead, friday_ms + 630 * MINUTE_MS))
        if not known_before:
            walk.rules = work
            walk.act(DISTRICT_ITSELF, AGAIN)
        due.append((_clock(walk, Stage.ARRIVAL).start_kind, _clock(walk, Stage.ARRIVAL).due_at))
    assert due[0] == due[1] == ("switched_off", friday_ms + 720 * MINUTE_MS)


@pytest.mark.parametrize("given_back", [False, True])
def test_a_towns_hour_moves_also_when_the_unit_it_waits_for_has_given_the_case_back(given_back: bool) -> None:
    walk, town, lead = handed_down_at_night(MARKET, now_ms=small_town.START_MS + 570 * MINUTE_MS)
    first = walk.rules.reference
    if given_back:
        walk.act("market-officer", c.AskReturn(lead, "不属本所"))
        assert walk.case is not None
        walk.act("clerk", c.AnswerReturn(walk.case.requests[-1].id, True))
    before = walk.case.clock(f"{town}:arrival")  # type: ignore[union-attr]
    walk.rules = _with_days(first, ("2026-11-24", DayKind.STATUTORY_HOLIDAY))
    after = walk.act(DISTRICT_ITSELF, AGAIN).clock(f"{town}:arrival")
    assert before is not None and after is not None and before.due_at is not None
    assert after.due_at == before.due_at + DAY_MS


def test_provisional_goes_when_the_year_becomes_official() -> None:
    first = small_town.reference()
    provisional = (*first.calendar.years, CalendarYear(2027, YearStatus.PROVISIONAL))
    walk = Walk(Rules(replace(first, calendar=replace(first.calendar, years=provisional))))
    lead = _with_market(walk, Limit(40, LimitUnit.WORK_DAY))
    walk.act(DISTRICT_ITSELF, c.Deliver(lead), minutes=1)
    before = _clock(walk, Stage.HANDLING)
    assert before.provisional
    official = (*first.calendar.years, CalendarYear(2027, YearStatus.OFFICIAL, "test"))
    walk.rules = Rules(replace(first, calendar=replace(first.calendar, version="test-2", years=official)))
    walk.act(DISTRICT_ITSELF, AGAIN)
    after = _clock(walk, Stage.HANDLING)
    assert (after.provisional, after.due_at) == (False, before.due_at)
    assert walk.case is not None and not any(k.calendar_was for k in walk.case.clocks if k.stage is Stage.OPINION)


def test_only_the_centre_recalculates() -> None:
    walk = Walk()
    _with_market(walk)
    assert walk.refused("clerk", AGAIN) == "only_the_centre"
    assert walk.refused("operator", AGAIN) == "only_the_centre"


# Policy


def _twelve_minutes(first: Reference) -> Rules:
    stages = tuple(
        replace(r, limit=Limit(12, LimitUnit.MINUTE))
        if r.stage is Stage.DISPATCH
        else replace(r, limit=Limit(90, LimitUnit.MINUTE), yellow=replace(r.yellow, minutes=30))
        if r.stage is Stage.ARRIVAL
        else r
        for r in first.policy.stages
    )
    policy = replace(first.policy, version="test-2", stages=stages)
    return Rules(replace(first, policy=policy, former_policies=(first.policy,)))


def test_a_running_clock_keeps_its_policy_and_one_that_starts_takes_the_new() -> None:
    walk = Walk()
    walk.act("clerk", c.Report("LY-1", "grid", small_town.STALLS, "店外经营", "路口", TOWN, VILLAGE))
    assert walk.case is not None
    (ten,) = walk.case.clocks
    walk.rules = _twelve_minutes(small_town.reference())
    walk.act("clerk", c.File())
    assert walk.case.clocks == (ten,) and ten.due_at == walk.now_ms + 10 * MINUTE_MS and ten.policy == "test-1"
    walk.act("clerk", c.Dispatch(SQUAD))
    other = Walk(walk.rules)
    other.act("clerk", c.Report("LY-2", "grid", small_town.STALLS, "店外经营", "路口", TOWN, VILLAGE))
    assert other.case is not None
    (twelve,) = other.case.clocks
    assert twelve.due_at == other.now_ms + 12 * MINUTE_MS and twelve.policy == "test-2"


def test_a_duty_given_before_the_change_and_begun_after_it_is_of_the_new_policy() -> None:
    walk = Walk()
    lead = _with_market(walk)
    walk.rules = _twelve_minutes(small_town.reference())
    walk.now_ms += 3 * 3_600_000
    walk.act(DISTRICT_ITSELF, c.Deliver(lead), minutes=20)
    arrival = _clock(walk, Stage.ARRIVAL)
    assert arrival.started_at is not None and arrival.due_at is not None
    assert (arrival.due_at - arrival.started_at, arrival.policy) == (90 * MINUTE_MS, "test-2")
    assert arrival.limit == Limit(90, LimitUnit.MINUTE)


def test_a_clock_moved_by_a_calendar_turns_yellow_by_the_policy_it_began_under() -> None:
    walk = Walk()
    lead = _with_market(walk)
    walk.act(DISTRICT_ITSELF, c.Deliver(lead), minutes=9 * 60)
    newer = _twelve_minutes(small_town.reference()).reference
    walk.rules = _with_days(newer, ("2026-11-24", DayKind.STATUTORY_HOLIDAY))
    walk.act(DISTRICT_ITSELF, AGAIN)
    arrival = _clock(walk, Stage.ARRIVAL)
    assert arrival.started_at is not None and arrival.due_at == arrival.started_at + 60 * MINUTE_MS
    assert (arrival.yellow_at, arrival.policy) == (arrival.due_at - 20 * MINUTE_MS, "test-1")
