"""Working time against the table of domain.md §4.2 and an independent slow count."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from models.calendar import CalendarData, Slot, SlotSeason, WorkingCalendar
from models.deadline import Limit, LimitUnit, Pause, WorkDayReading, YellowRule, deadline, yellow_at
from models.wire import decode

ZONE = ZoneInfo("Asia/Shanghai")
MINUTE = 60_000
_RAW = (Path(__file__).parents[2] / "resources" / "reference" / "calendar.json").read_bytes()
SHIPPED = decode(_RAW, CalendarData)
LONG_LUNCH = (Slot(480, 720), Slot(840, 1080))
TABLE_CALENDAR = WorkingCalendar(replace(SHIPPED, seasons=(SlotSeason("2025-01-01", LONG_LUNCH),)))
DEMO_CALENDAR = WorkingCalendar(SHIPPED)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp() * 1000)


TABLE = [
    ("2026-02-13 17:30", "2026-02-13 18:30", "2026-02-14 11:30", "2026-02-14 17:30", "2026-02-14 18:00", "2026-02-14 17:30"),
    ("2026-02-14 09:00", "2026-02-14 10:00", "2026-02-14 15:00", "2026-02-24 09:00", "2026-02-24 18:00", "2026-02-24 09:00"),
    ("2026-09-18 16:00", "2026-09-18 17:00", "2026-09-20 10:00", "2026-09-20 16:00", "2026-09-20 18:00", "2026-09-20 16:00"),
    ("2026-09-30 17:00", "2026-09-30 18:00", "2026-10-08 11:00", "2026-10-08 17:00", "2026-10-08 18:00", "2026-10-08 17:00"),
    ("2026-10-10 19:30", "2026-10-10 20:30", "2026-10-12 12:00", "2026-10-12 18:00", "2026-10-12 18:00", "2026-10-13 08:00"),
    ("2026-11-23 12:30", "2026-11-23 13:30", "2026-11-23 18:00", "2026-11-24 12:00", "2026-11-24 18:00", "2026-11-24 14:00"),
    ("2026-01-02 09:00", "2026-01-02 10:00", "2026-01-04 12:00", "2026-01-04 18:00", "2026-01-04 18:00", "2026-01-04 09:00"),
]  # fmt: skip


@pytest.mark.parametrize("received, hour, four_hours, a, b, c", TABLE)
def test_the_table(received: str, hour: str, four_hours: str, a: str, b: str, c: str) -> None:
    """Rows of domain.md §4.2; its column C marks two rows "clamp": D16 reads that as the next working minute."""
    start = at(received)
    one_day = LimitUnit.WORK_DAY
    expected = {
        Limit(60, LimitUnit.MINUTE): hour,
        Limit(4, LimitUnit.WORK_HOUR): four_hours,
        Limit(1, one_day, WorkDayReading.HOURS): a,
        Limit(1, one_day, WorkDayReading.NEXT_CLOSE): b,
        Limit(1, one_day, WorkDayReading.SAME_CLOCK): c,
    }
    for limit, due in expected.items():
        assert deadline(TABLE_CALENDAR, start, limit).due_ms == at(due), limit


def test_a_due_time_in_2027_is_provisional() -> None:
    found = deadline(DEMO_CALENDAR, at("2026-12-31 16:00"), Limit(1, LimitUnit.WORK_DAY))
    assert found.provisional and found.due_ms == at("2027-01-04 17:30")
    assert not deadline(DEMO_CALENDAR, at("2026-12-31 16:00"), Limit(60, LimitUnit.MINUTE)).provisional


# The slow count: minute by minute, from the published calendar, sharing no code with models/calendar.py.


def slow_is_working(minute: datetime) -> bool:
    clock = minute.hour * 60 + minute.minute
    return chinese_calendar.is_workday(minute.date()) and (480 <= clock < 720 or 870 <= clock < 1050)


def slow_add(start: datetime, minutes: int) -> datetime:
    now = start
    while minutes > 0:
        if slow_is_working(now):
            minutes -= 1
        now += timedelta(minutes=1)
    return now


def slow_next_working(start: datetime) -> datetime:
    while not slow_is_working(start):
        start += timedelta(minutes=1)
    return start


def slow_working_day(start: datetime, days: int) -> datetime:
    day = start.replace(hour=0, minute=0)
    while days > 0:
        day += timedelta(days=1)
        days -= 1 if chinese_calendar.is_workday(day.date()) else 0
    return day


def slow_due(start: datetime, limit: Limit) -> datetime:
    match limit.unit:
        case LimitUnit.MINUTE:
            return start + timedelta(minutes=limit.amount)
        case LimitUnit.URGENT_HOUR:
            return start + timedelta(hours=limit.amount)
        case LimitUnit.NATURAL_DAY:
            return start + timedelta(days=limit.amount)
        case LimitUnit.WORK_HOUR:
            return slow_add(start, 60 * limit.amount)
    match limit.reading:
        case WorkDayReading.NEXT_CLOSE:
            return slow_working_day(start, limit.amount).replace(hour=17, minute=30)
        case WorkDayReading.SAME_CLOCK:
            day = slow_working_day(start, limit.amount)
            return slow_next_working(day.replace(hour=start.hour, minute=start.minute))
    return slow_add(start, 420 * limit.amount)


minutes_of_2026 = st.integers(0, 300 * 24 * 60).map(lambda n: datetime(2026, 1, 1, tzinfo=ZONE) + timedelta(minutes=n))
limits = st.builds(Limit, st.integers(1, 4), st.sampled_from(LimitUnit), st.sampled_from(WorkDayReading))


def ms(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(minutes_of_2026, limits)
def test_every_limit_agrees_with_the_slow_count(start: datetime, limit: Limit) -> None:
    assert deadline(DEMO_CALENDAR, ms(start), limit).due_ms == ms(slow_due(start, limit))


@settings(max_examples=100, deadline=None, derandomize=True)
@given(minutes_of_2026, limits, st.integers(0, 3000), st.integers(0, 3000))
def test_a_pause_moves_the_due_time_by_its_own_kind_of_time(
    start: datetime, limit: Limit, after: int, long: int
) -> None:
    paused = start + timedelta(minutes=after)
    resumed = paused + timedelta(minutes=long)
    due = slow_due(start, limit)
    if paused >= due:
        expected = due  # what is late stays late
    elif limit.unit in (LimitUnit.MINUTE, LimitUnit.URGENT_HOUR, LimitUnit.NATURAL_DAY):
        expected = due + timedelta(minutes=long)
    else:
        stood = sum(slow_is_working(paused + timedelta(minutes=n)) for n in range(long))
        expected = slow_add(due, stood)
    found = deadline(DEMO_CALENDAR, ms(start), limit, (Pause(ms(paused), ms(resumed)),))
    assert found.due_ms == ms(expected)
    still = deadline(DEMO_CALENDAR, ms(start), limit, (Pause(ms(paused), None),))
    assert still.due_ms == ms(due), "an open pause moves nothing until it ends"


@settings(max_examples=100, deadline=None, derandomize=True)
@given(minutes_of_2026, limits, st.sampled_from([YellowRule(minutes=4), YellowRule(work_minutes=180), YellowRule(percent=20, at_least_minutes=60)]))  # fmt: skip
def test_yellow_lies_between_start_and_due(start: datetime, limit: Limit, rule: YellowRule) -> None:
    due = deadline(DEMO_CALENDAR, ms(start), limit).due_ms
    found = yellow_at(DEMO_CALENDAR, ms(start), due, limit, rule)
    assert ms(start) <= found <= due
    if rule.work_minutes and found > ms(start):
        assert DEMO_CALENDAR.working_ms_between(found, due) == rule.work_minutes * MINUTE


def test_yellow_of_a_first_opinion_is_three_working_hours_before() -> None:
    limit = Limit(1, LimitUnit.WORK_DAY)
    start = at("2026-11-23 09:00")
    due = deadline(DEMO_CALENDAR, start, limit).due_ms
    assert due == at("2026-11-24 17:30")
    assert yellow_at(DEMO_CALENDAR, start, due, limit, YellowRule(work_minutes=180)) == at("2026-11-24 14:30")
