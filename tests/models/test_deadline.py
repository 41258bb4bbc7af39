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
from models.policy import Stage
from models.reference_files import load_reference
from models.wire import decode

ZONE = ZoneInfo("Asia/Shanghai")
MINUTE = 60_000
_RAW = (Path(__file__).parents[2] / "resources" / "reference" / "calendar.json").read_bytes()
SHIPPED = decode(_RAW, CalendarData)
LONG_LUNCH = (Slot(480, 720), Slot(840, 1080))
TABLE_CALENDAR = WorkingCalendar(replace(SHIPPED, seasons=(SlotSeason("2025-01-01", LONG_LUNCH),)))
DEMO_CALENDAR = WorkingCalendar(SHIPPED)
SHIPPED_POLICY = load_reference(Path(__file__).parents[2] / "resources" / "reference").policy


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


def test_a_due_time_in_2027_is_provisional_where_it_counts_working_time() -> None:
    found = deadline(DEMO_CALENDAR, at("2026-12-31 16:00"), Limit(1, LimitUnit.WORK_DAY))
    assert found.provisional and found.due_ms == at("2027-01-04 17:30")
    assert deadline(DEMO_CALENDAR, at("2027-01-13 10:00"), Limit(4, LimitUnit.WORK_HOUR)).provisional
    for unit in (LimitUnit.MINUTE, LimitUnit.URGENT_HOUR, LimitUnit.NATURAL_DAY):
        assert not deadline(DEMO_CALENDAR, at("2027-01-13 10:00"), Limit(60, unit)).provisional, "it rests on no notice"


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


@settings(max_examples=60, deadline=None, derandomize=True)
@given(minutes_of_2026, limits, st.lists(st.tuples(st.integers(0, 2500), st.integers(0, 2500)), min_size=2, max_size=2))
def test_two_pauses_agree_with_the_slow_count(start: datetime, limit: Limit, drawn: list[tuple[int, int]]) -> None:
    """Minute by minute: the clock runs unless it stands still, and the due time is where its own time has run out."""
    spans = [(start + timedelta(minutes=a), start + timedelta(minutes=a + n)) for a, n in drawn]
    natural = limit.unit in (LimitUnit.MINUTE, LimitUnit.URGENT_HOUR, LimitUnit.NATURAL_DAY)
    due = slow_due(start, limit)
    for first, last in merged(spans):
        if first >= due:
            break  # what is late stays late
        stood = int((last - first).total_seconds() // 60)
        if natural:
            due += timedelta(minutes=stood)
        else:
            due = slow_add(due, sum(slow_is_working(first + timedelta(minutes=n)) for n in range(stood)))
    pauses = tuple(Pause(ms(first), ms(last)) for first, last in spans)
    assert deadline(DEMO_CALENDAR, ms(start), limit, pauses).due_ms == ms(due)
    if natural and limit.amount * 60 < 1000:
        assert ms(due) == ms(minute_by_minute(start, limit, spans))


def merged(spans: list[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """The same stretches without overlap: what stands still twice stands still once."""
    found: list[tuple[datetime, datetime]] = []
    for first, last in sorted(spans):
        if found and first <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return found


def minute_by_minute(start: datetime, limit: Limit, spans: list[tuple[datetime, datetime]]) -> datetime:
    left = limit.amount * {LimitUnit.MINUTE: 1, LimitUnit.URGENT_HOUR: 60, LimitUnit.NATURAL_DAY: 1440}[limit.unit]
    now = start
    while left > 0:
        left -= not any(first <= now < last for first, last in spans)
        now += timedelta(minutes=1)
    return now


def shipped_yellow(stage: Stage, start: str, limit: Limit | None = None, pauses: tuple[Pause, ...] = ()) -> int:
    """When the shipped policy turns a clock yellow, on the shipped calendar (08:00–12:00, 14:30–17:30)."""
    rule = SHIPPED_POLICY.stage(stage)
    limit = limit or rule.limit
    due = deadline(DEMO_CALENDAR, at(start), limit, pauses).due_ms
    return yellow_at(DEMO_CALENDAR, at(start), due, limit, rule.yellow)


YELLOWS = [
    (Stage.DISPATCH, "2026-11-23 11:55", None, "2026-11-23 12:01"),  # due 12:05, 4 minutes before, lunch or not
    (Stage.ARRIVAL, "2026-11-23 11:30", None, "2026-11-23 12:10"),  # due 12:30, 20 minutes before
    (Stage.OPINION, "2026-11-23 09:00", None, "2026-11-24 14:30"),  # due the next close, 3 working hours before
    (Stage.OPINION, "2026-02-13 17:00", None, "2026-02-14 14:30"),  # the next day is a make-up working Saturday
    (Stage.CHECK, "2026-11-23 09:00", None, "2026-11-23 11:00"),  # due 15:30; two working hours before it
    (Stage.CONFIRM, "2026-11-23 16:30", None, "2026-11-24 09:00"),  # due 11:00 the next day, 2 working hours before
    (
        Stage.HANDLING,
        "2026-11-23 08:00",
        Limit(2, LimitUnit.URGENT_HOUR),
        "2026-11-23 09:00",
    ),  # 20 % is 24 min: the hour
    (Stage.HANDLING, "2026-11-23 08:00", Limit(10, LimitUnit.URGENT_HOUR), "2026-11-23 16:00"),  # 20 % is two hours
    (Stage.HANDLING, "2026-11-23 08:00", Limit(1, LimitUnit.NATURAL_DAY), "2026-11-24 03:12"),  # 20 % of 24 h = 4 h 48
    (Stage.HANDLING, "2026-11-23 08:00", Limit(4, LimitUnit.WORK_HOUR), "2026-11-23 11:00"),  # 48 min: the floor, 1 h
    (Stage.HANDLING, "2026-11-23 08:00", Limit(10, LimitUnit.WORK_HOUR), "2026-11-24 09:00"),  # two working hours
    (Stage.HANDLING, "2026-11-23 08:00", Limit(1, LimitUnit.URGENT_HOUR), "2026-11-23 08:00"),  # the floor is all of it
]


@pytest.mark.parametrize(("stage", "start", "limit", "yellow"), YELLOWS)
def test_yellow_comes_exactly_when_there_is_time_to_act(
    stage: Stage, start: str, limit: Limit | None, yellow: str
) -> None:
    assert shipped_yellow(stage, start, limit) == at(yellow)


def test_twenty_per_cent_of_five_working_days_is_one_of_them() -> None:
    limit = Limit(5, LimitUnit.WORK_DAY)
    assert deadline(DEMO_CALENDAR, at("2026-11-23 08:00"), limit).due_ms == at("2026-11-30 17:30")
    whole = DEMO_CALENDAR.working_ms_between(at("2026-11-23 08:00"), at("2026-11-30 17:30"))
    yellow = shipped_yellow(Stage.HANDLING, "2026-11-23 08:00", limit)
    assert DEMO_CALENDAR.working_ms_between(yellow, at("2026-11-30 17:30")) == whole * 20 // 100 == 504 * MINUTE


def test_a_pause_moves_yellow_with_the_due_time() -> None:
    pauses = (
        Pause(at("2026-11-23 09:10"), at("2026-11-23 09:40")),
        Pause(at("2026-11-23 10:00"), at("2026-11-23 10:05")),
    )
    assert shipped_yellow(Stage.ARRIVAL, "2026-11-23 09:00", pauses=pauses) == at("2026-11-23 10:15")
    night = (
        Pause(at("2026-11-23 17:30"), at("2026-11-24 08:00")),
        Pause(at("2026-11-24 08:00"), at("2026-11-24 09:00")),
    )
    assert shipped_yellow(Stage.CONFIRM, "2026-11-23 16:30", pauses=night) == at("2026-11-24 10:00")


def test_yellow_of_a_first_opinion_is_three_working_hours_before() -> None:
    limit = Limit(1, LimitUnit.WORK_DAY)
    start = at("2026-11-23 09:00")
    due = deadline(DEMO_CALENDAR, start, limit).due_ms
    assert due == at("2026-11-24 17:30")
    assert yellow_at(DEMO_CALENDAR, start, due, limit, YellowRule(work_minutes=180)) == at("2026-11-24 14:30")
