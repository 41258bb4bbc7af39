"""Working time, exactly: working slots, day kinds, and years that are official or still provisional (domain.md §4, D16).

The calendar is data: seasons of slots, exceptional days, and a status per year. A year without its official notice is
Monday–Friday minus the days the data names, and every due time that reaches into it says 暂定. The workstation's own
time zone is never asked.

Everything is answered from tables made once per edition: bisection over working slots and working days, integers only.
docs/decisions/0003-working-time.md says what the readings mean.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from datetime import date, datetime, timedelta
from enum import Enum
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec

MINUTE_MS = 60_000
DAY_MINUTES = 24 * 60
DAY_MS = DAY_MINUTES * MINUTE_MS

NOTICE_WANTED_DAYS = 31
"""From so long before a year on its notice is missed: first opinions are given in one working day, so December counts into it."""

YEARS_BEFORE, YEARS_AFTER = 5, 12
"""How far the tables reach beyond the years of the data; such years are provisional, Monday to Friday."""

_EPOCH = date(1970, 1, 1).toordinal()


class YearStatus(str, Enum):
    """OFFICIAL: the State Council's notice is in the data. PROVISIONAL: computed, may change."""

    OFFICIAL = "official"
    PROVISIONAL = "provisional"


class DayKind(str, Enum):
    """What a date is.

    MAKE_UP_WORKDAY (调休上班): worked though on a weekend. STATUTORY_HOLIDAY: a rest day of a holiday's block, its own
    Saturdays and Sundays included. IN_LIEU_REST (调休放假): a rest day of the block that a make-up day pays for.
    """

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
    """The slots of every working day from a date on, until the next season; before the first season, the first's.
    `source` says who set them."""

    from_date: str
    slots: tuple[Slot, ...]
    source: str = ""


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
    """An edition, indexed. Immutable; made in some milliseconds, asked in less than one microsecond.

    Instants are ms UTC, amounts ms. Answers reach from YEARS_BEFORE years before the data's first year to YEARS_AFTER
    years after its last; what lies outside raises ValueError. So does, at once, an edition that makes no sense.
    """

    def __init__(self, data: CalendarData) -> None:
        self.data = data
        self.version = data.version
        self._kinds = _named_days(data)
        self._seasons = _seasons(data)
        status = {y.year: y.status for y in data.years}
        if not status or len(status) != len(data.years):
            raise ValueError("the calendar needs years, each once")
        first, last = min(status) - YEARS_BEFORE, max(status) + YEARS_AFTER
        self._offset_ms = _only_offset_ms(data.zone, first, last)
        self._first_ms = self._midnight(date(first, 1, 1))
        self._end_ms = self._midnight(date(last + 1, 1, 1))
        self._lay_out(date(first, 1, 1), date(last + 1, 1, 1))
        self._official_starts: list[int] = []
        self._official_ends: list[int] = []
        for year in sorted(y for y, kind in status.items() if kind is YearStatus.OFFICIAL):
            start_ms = self._midnight(date(year, 1, 1))
            if self._official_ends and self._official_ends[-1] == start_ms:
                self._official_ends.pop()
            else:
                self._official_starts.append(start_ms)
            self._official_ends.append(self._midnight(date(year + 1, 1, 1)))

    def _lay_out(self, first: date, end: date) -> None:
        """The tables: per working slot (starts, ends, worked before), per working day, and per date: how many working
        days and slots there were before it."""
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._before: list[int] = [0]
        self._midnights: list[int] = []
        self._closes: list[int] = []
        self._day_before: list[int] = [0]
        self._days_before: list[int] = [0]
        self._slots_before: list[int] = [0]
        for ordinal in range(first.toordinal(), end.toordinal()):
            day = date.fromordinal(ordinal)
            if self.is_working_day(day):
                self._lay_out_day(day)
            self._days_before.append(len(self._midnights))
            self._slots_before.append(len(self._starts))

    def _lay_out_day(self, day: date) -> None:
        worked_ms = self._before[-1]
        for start_ms, end_ms in self._slot_times(day):
            worked_ms += end_ms - start_ms
            self._starts.append(start_ms)
            self._ends.append(end_ms)
            self._before.append(worked_ms)
        self._midnights.append(self._midnight(day))
        self._closes.append(self._ends[-1])
        self._day_before.append(worked_ms)

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

    def local_date(self, at_ms: int) -> date:
        """The date in the calendar's zone."""
        return date.fromordinal(_EPOCH + (at_ms + self._offset_ms) // DAY_MS)

    def slots_on(self, day: date) -> tuple[tuple[int, int], ...]:
        """The working slots of a date as (start_ms, end_ms); empty on a rest day."""
        return self._slot_times(day) if self.is_working_day(day) else ()

    def _slot_times(self, day: date) -> tuple[tuple[int, int], ...]:
        index = bisect_right(self._seasons, day, key=lambda season: season[0]) - 1
        midnight_ms = self._midnight(day)
        slots = self._seasons[max(index, 0)][1]
        return tuple((midnight_ms + s.start_minute * MINUTE_MS, midnight_ms + s.end_minute * MINUTE_MS) for s in slots)

    def _midnight(self, day: date) -> int:
        return (day.toordinal() - _EPOCH) * DAY_MS - self._offset_ms

    # Working time

    def _day_at(self, at_ms: int) -> int:
        """Index of the local date; ValueError out of reach."""
        if self._first_ms <= at_ms < self._end_ms:
            return (at_ms - self._first_ms) // DAY_MS
        raise ValueError(f"the calendar does not reach {at_ms}")

    def _slot_before(self, at_ms: int) -> int:
        """Index of the last slot that started at or before `at_ms`; -1 before the first. ValueError out of reach."""
        day = self._day_at(at_ms)  # a day has a handful of slots, the table thousands
        return bisect_right(self._starts, at_ms, self._slots_before[day], self._slots_before[day + 1]) - 1

    def _worked_until(self, at_ms: int) -> int:
        index = self._slot_before(at_ms)
        if index < 0:
            return 0
        rest_ms = self._ends[index] - at_ms
        return self._before[index + 1] - rest_ms if rest_ms > 0 else self._before[index + 1]

    def is_working_instant(self, at_ms: int) -> bool:
        """True inside a slot; a slot's end is no longer working time."""
        index = self._slot_before(at_ms)
        return index >= 0 and at_ms < self._ends[index]

    def next_working_instant(self, at_ms: int) -> int:
        """`at_ms` itself when it is working time, else the start of the next slot."""
        index = self._slot_before(at_ms)
        if index >= 0 and at_ms < self._ends[index]:
            return at_ms
        return _reached(self._starts, index + 1)

    def add_working_ms(self, start_ms: int, amount_ms: int) -> int:
        """The instant at which `amount_ms` of working time have passed since `start_ms`; the end of a slot rather than
        the start of the next. An amount of 0 answers the next working instant."""
        if amount_ms <= 0:
            return self.next_working_instant(start_ms)
        total_ms = self._worked_until(start_ms) + amount_ms
        index = bisect_left(self._before, total_ms)
        return _reached(self._ends, index - 1) - self._before[index] + total_ms

    def subtract_working_ms(self, due_ms: int, amount_ms: int) -> int:
        """The latest instant from which `amount_ms` of working time remain until `due_ms`: the start of a slot rather
        than the end of the one before. An amount of 0 answers `due_ms`."""
        total_ms = self._worked_until(due_ms) - amount_ms
        if amount_ms <= 0:
            return due_ms
        if total_ms < 0:
            raise ValueError(f"the calendar does not reach back {amount_ms} ms from {due_ms}")
        index = bisect_right(self._before, total_ms) - 1
        return self._starts[index] + total_ms - self._before[index]

    def working_ms_between(self, a_ms: int, b_ms: int) -> int:
        """Working time from a to b; negative when b lies before a."""
        return self._worked_until(b_ms) - self._worked_until(a_ms)

    # Working days

    def _day_after(self, at_ms: int, days: int) -> int:
        """Index of the `days`-th working day after the calendar date of `at_ms`, which is not counted itself."""
        if days < 1:
            raise ValueError(f"{days} working days are none")
        return self._days_before[self._day_at(at_ms) + 1] + days - 1

    def close_of_next_working_day(self, at_ms: int, days: int = 1) -> int:
        """Reading B: close of the n-th working day after the calendar date of receipt."""
        # Most limits are read this way, so _day_after is written out: it halves the cost.
        if days < 1 or at_ms < self._first_ms:
            raise ValueError(f"the calendar does not reach {days} working days from {at_ms}")
        try:
            return self._closes[self._days_before[(at_ms - self._first_ms) // DAY_MS + 1] + days - 1]
        except IndexError:
            raise ValueError("the calendar does not reach that far") from None

    def same_clock_on_next_working_day(self, at_ms: int, days: int = 1) -> int:
        """Reading C: the same clock time on the n-th working day after, moved forward to working time."""
        since_midnight_ms = (at_ms + self._offset_ms) % DAY_MS
        midnight_ms = _reached(self._midnights, self._day_after(at_ms, days))
        return self.next_working_instant(midnight_ms + since_midnight_ms)

    def working_day_ms(self, at_ms: int, days: int = 1) -> int:
        """Reading A: the sum of the slots of n working days, from the day of receipt, or the next working day if that
        is a rest day. Not always eight hours (D16)."""
        if days < 1:
            raise ValueError(f"{days} working days are none")
        first = self._days_before[self._day_at(at_ms)]
        return _reached(self._day_before, first + days) - self._day_before[first]

    def is_provisional(self, a_ms: int, b_ms: int) -> bool:
        """True when the span a..b (a ≤ b) touches a year whose notice is not in the data: its due time is 暂定."""
        index = bisect_right(self._official_starts, a_ms) - 1
        return index < 0 or b_ms >= self._official_ends[index]

    def year_without_notice(self, at_ms: int) -> int | None:
        """The year whose notice is not in the data though it has begun, or begins within NOTICE_WANTED_DAYS; None: no such."""
        if self.is_provisional(at_ms, at_ms):
            return self.local_date(at_ms).year
        soon_ms = at_ms + NOTICE_WANTED_DAYS * DAY_MS
        return self.local_date(soon_ms).year if self.is_provisional(at_ms, soon_ms) else None


def _reached(table: list[int], index: int) -> int:
    try:
        return table[index]
    except IndexError:
        raise ValueError("the calendar does not reach that far") from None


def _named_days(data: CalendarData) -> dict[date, DayKind]:
    named = {date.fromisoformat(d.date): d.kind for d in data.days}
    if len(named) != len(data.days):
        raise ValueError("the calendar names a day twice")
    return named


def _seasons(data: CalendarData) -> list[tuple[date, tuple[Slot, ...]]]:
    """Seasons by their first date; ValueError unless each has slots in order, apart, and inside one day."""
    seasons = sorted(((date.fromisoformat(s.from_date), s.slots) for s in data.seasons), key=lambda s: s[0])
    if not seasons or len({start for start, _ in seasons}) != len(seasons):
        raise ValueError("the calendar needs seasons of slots, each from a date of its own")
    for start, slots in seasons:
        free_from = 0
        for slot in slots:
            if not free_from <= slot.start_minute < slot.end_minute <= DAY_MINUTES:
                raise ValueError(f"the slots of the season from {start} overlap or leave their day")
            free_from = slot.end_minute
        if not slots:
            raise ValueError(f"the season from {start} has no slots")
    return seasons


def _only_offset_ms(zone: str, first_year: int, last_year: int) -> int:
    """The zone's one distance from UTC. ValueError for a zone that changes its clocks in these years: a day would not
    have 24 hours, and no limit here says what that would mean (China: none since 1991)."""
    info = ZoneInfo(zone)
    start = datetime(first_year, 1, 1, tzinfo=info)
    days = range(0, (last_year + 1 - first_year) * 366, 7)
    offsets = {(start + timedelta(days=n)).utcoffset() for n in days}
    offset = offsets.pop()
    if offsets or offset is None:
        raise ValueError(f"the zone {zone} changes its clocks")
    return offset // timedelta(milliseconds=1)


@lru_cache(maxsize=8)
def working_calendar(data: CalendarData) -> WorkingCalendar:
    """The edition, indexed once in a process however many unit files read it."""
    return WorkingCalendar(data)
