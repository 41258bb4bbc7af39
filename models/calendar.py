"""Working time, exactly: working slots, day kinds, and years that are official or still provisional (domain.md §4, D16).

The calendar is data: seasons of slots, exceptional days, and a status per year. A year without its official notice is
Monday–Friday minus the days the data names, and every due time that reaches into it says 暂定. The workstation's own
time zone is never asked.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import date, datetime, timedelta
from enum import Enum
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

MINUTE_MS = 60_000


class YearStatus(str, Enum):
    """OFFICIAL: the State Council's notice is in the data. PROVISIONAL: computed, may change."""

    OFFICIAL = "official"
    PROVISIONAL = "provisional"


class DayKind(str, Enum):
    """What a date is. Make-up working days (调休上班) are working days though they fall on a weekend."""

    WORKDAY = "workday"
    MAKE_UP_WORKDAY = "make_up_workday"
    WEEKEND = "weekend"
    STATUTORY_HOLIDAY = "statutory_holiday"
    IN_LIEU_REST = "in_lieu_rest"


class Slot(msgspec.Struct, frozen=True):
    """Part of a working day, in minutes of the local day; the end is not part of it."""

    start_minute: int
    end_minute: int


class SlotSeason(msgspec.Struct, frozen=True):
    """The slots of every working day from a date on, until the next season."""

    from_date: str
    slots: tuple[Slot, ...]


class CalendarDay(msgspec.Struct, frozen=True):
    """A date that is not what its weekday says."""

    date: str
    kind: DayKind
    source: str = ""


class CalendarYear(msgspec.Struct, frozen=True):
    """The status of a year and the notice it rests on."""

    year: int
    status: YearStatus
    notice: str = ""


class CalendarData(msgspec.Struct, frozen=True):
    """One edition of the calendar, as it travels."""

    version: str
    zone: str
    seasons: tuple[SlotSeason, ...]
    years: tuple[CalendarYear, ...]
    days: tuple[CalendarDay, ...]


class WorkingCalendar:
    """An edition, indexed: every working slot of the covered years as instants, with a running sum.

    Questions about instants outside the covered years (one before the first, two after the last) raise ValueError.
    """

    def __init__(self, data: CalendarData) -> None:
        self.data = data
        self.version = data.version
        self._zone = ZoneInfo(data.zone)
        self._kinds = {date.fromisoformat(d.date): d.kind for d in data.days}
        self._status = {y.year: y.status for y in data.years}
        self._seasons = sorted(data.seasons, key=lambda s: s.from_date)
        first, last = min(self._status), max(self._status)
        self._dates = [d for d in _dates(first - 1, last + 2) if self.is_working_day(d)]
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._before: list[int] = [0]
        for day in self._dates:
            for start, end in self._slots_of(day):
                self._starts.append(start)
                self._ends.append(end)
                self._before.append(self._before[-1] + end - start)
        self._known = (self._instant(date(first - 1, 1, 1), 0), self._instant(date(last + 3, 1, 1), 0))
        self.local_date = lru_cache(maxsize=4096)(self._local_date)

    # Days

    def day_kind(self, day: date) -> DayKind:
        """What a date is; a date the data does not name is what its weekday says."""
        named = self._kinds.get(day)
        if named is not None:
            return named
        return DayKind.WEEKEND if day.weekday() >= 5 else DayKind.WORKDAY

    def is_working_day(self, day: date) -> bool:
        """True for ordinary and make-up working days."""
        return self.day_kind(day) in (DayKind.WORKDAY, DayKind.MAKE_UP_WORKDAY)

    def _local_date(self, at_ms: int) -> date:
        """The date in the calendar's zone."""
        return datetime.fromtimestamp(at_ms / 1000, self._zone).date()

    def slots_on(self, day: date) -> tuple[tuple[int, int], ...]:
        """The working slots of a date as (start_ms, end_ms); empty on a rest day."""
        return tuple(self._slots_of(day)) if self.is_working_day(day) else ()

    def _slots_of(self, day: date) -> list[tuple[int, int]]:
        valid = [s for s in self._seasons if s.from_date <= day.isoformat()] or self._seasons[:1]
        return [(self._instant(day, s.start_minute), self._instant(day, s.end_minute)) for s in valid[-1].slots]

    def _instant(self, day: date, minute: int) -> int:
        midnight = datetime(day.year, day.month, day.day, tzinfo=self._zone)
        return int((midnight + timedelta(minutes=minute)).timestamp() * 1000)

    # Working time

    def _worked_until(self, at_ms: int) -> int:
        if not self._known[0] <= at_ms < self._known[1]:
            raise ValueError(f"the calendar does not reach {at_ms}")
        index = bisect_right(self._starts, at_ms) - 1
        if index < 0:
            return 0
        return self._before[index] + min(at_ms, self._ends[index]) - self._starts[index]

    def _when_worked(self, total_ms: int, earliest: bool) -> int:
        """The instant at which `total_ms` are worked: the end of the slot that reaches it (earliest), or the start of
        the next slot when it is a slot boundary."""
        index = (bisect_left if earliest else bisect_right)(self._before, total_ms) - 1
        if index < 0 or index >= len(self._starts):
            raise ValueError("the calendar does not reach that far")
        return self._starts[index] + total_ms - self._before[index]

    def is_working_instant(self, at_ms: int) -> bool:
        """True inside a slot; a slot's end is no longer working time."""
        index = bisect_right(self._starts, at_ms) - 1
        return index >= 0 and at_ms < self._ends[index]

    def next_working_instant(self, at_ms: int) -> int:
        """`at_ms` itself when it is working time, else the start of the next slot."""
        return at_ms if self.is_working_instant(at_ms) else self._starts[bisect_right(self._starts, at_ms)]

    def add_working_ms(self, start_ms: int, amount_ms: int) -> int:
        """The instant at which `amount_ms` of working time have passed since `start_ms`; the end of a slot rather than
        the start of the next. An amount of 0 answers the next working instant."""
        if amount_ms <= 0:
            return self.next_working_instant(start_ms)
        return self._when_worked(self._worked_until(start_ms) + amount_ms, earliest=True)

    def subtract_working_ms(self, due_ms: int, amount_ms: int) -> int:
        """The latest instant from which `amount_ms` of working time remain until `due_ms`."""
        return self._when_worked(max(0, self._worked_until(due_ms) - amount_ms), earliest=False)

    def working_ms_between(self, a_ms: int, b_ms: int) -> int:
        """Working time from a to b; negative when b lies before a."""
        return self._worked_until(b_ms) - self._worked_until(a_ms)

    # Working days

    def _day_index(self, day: date, days: int) -> date:
        """The `days`-th working day after `day` (not counting `day`)."""
        return self._dates[bisect_right(self._dates, day) + days - 1]

    def close_of_next_working_day(self, at_ms: int, days: int = 1) -> int:
        """Reading B: close of the n-th working day after the calendar date of receipt."""
        return self._slots_of(self._day_index(self.local_date(at_ms), days))[-1][1]

    def same_clock_on_next_working_day(self, at_ms: int, days: int = 1) -> int:
        """Reading C: the same clock time on the n-th working day after, moved forward to working time."""
        day = self.local_date(at_ms)
        since_midnight_ms = at_ms - self._instant(day, 0)
        return self.next_working_instant(self._instant(self._day_index(day, days), 0) + since_midnight_ms)

    def working_day_ms(self, at_ms: int, days: int = 1) -> int:
        """Reading A: the sum of the slots of n working days, from the day of receipt, or the next working day if that
        is a rest day. Not always eight hours (D16)."""
        first = bisect_left(self._dates, self.local_date(at_ms))
        return sum(end - start for day in self._dates[first : first + days] for start, end in self._slots_of(day))

    def is_provisional(self, a_ms: int, b_ms: int) -> bool:
        """True when the span touches a year whose notice is not in the data: its due time is 暂定."""
        years = range(self.local_date(a_ms).year, self.local_date(b_ms).year + 1)
        return any(self._status.get(year) is not YearStatus.OFFICIAL for year in years)


def _dates(first_year: int, last_year: int) -> list[date]:
    start = date(first_year, 1, 1)
    return [start + timedelta(days=n) for n in range((date(last_year + 1, 1, 1) - start).days)]
