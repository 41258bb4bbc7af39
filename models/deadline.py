"""When a limit is due, and when it turns yellow (R4–R6, D15, D16; domain.md §4).

Pauses are intervals on the clock, never subtracted from a stored number: a pause moves the due time by as much of the
limit's own kind of time as it covered, and an open pause moves nothing until it ends. A pause that begins when the limit
has already run out moves nothing: what is late stays late.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import msgspec

from models.calendar import DAY_MS, MINUTE_MS, WorkingCalendar

HOUR_MS = 60 * MINUTE_MS
LONGEST_LIMIT_AMOUNT = 2_000
"""Of any unit: 2,000 working days are eight years, well inside every calendar."""


class LimitUnit(str, Enum):
    """Kinds of time. 紧急工作时 and natural days run round the clock; working hours and days only in slots."""

    MINUTE = "minute"
    URGENT_HOUR = "urgent_hour"
    NATURAL_DAY = "natural_day"
    WORK_HOUR = "work_hour"
    WORK_DAY = "work_day"


class WorkDayReading(str, Enum):
    """What "n working days" means. HOURS (A): the slots of n days. NEXT_CLOSE (B, the default): close of the n-th
    working day after receipt. SAME_CLOCK (C): the same clock time on it."""

    HOURS = "hours"
    NEXT_CLOSE = "next_close"
    SAME_CLOCK = "same_clock"


class Limit(msgspec.Struct, frozen=True):
    """An amount of a kind of time; `reading` matters for working days only."""

    amount: int
    unit: LimitUnit
    reading: WorkDayReading = WorkDayReading.NEXT_CLOSE


class Pause(msgspec.Struct, frozen=True):
    """A stretch in which the clock stood still; `to_ms` None while it still stands."""

    from_ms: int
    to_ms: int | None = None


class Deadline(msgspec.Struct, frozen=True, gc=False):
    """A due time; `provisional` when it rests on a year without its notice (暂定). What runs round the clock rests on none."""

    due_ms: int
    provisional: bool


class YellowRule(msgspec.Struct, frozen=True):
    """Yellow by time to act: natural minutes before the due time, working minutes before it, or a share of the limit
    with a floor in minutes. Of several, the earliest holds; of none, yellow comes with the due time."""

    minutes: int = 0
    work_minutes: int = 0
    percent: int = 0
    at_least_minutes: int = 0


# Members by name of their own: reading them off the enum costs as much as the bisection.
_MINUTE, _URGENT_HOUR, _NATURAL_DAY = LimitUnit.MINUTE, LimitUnit.URGENT_HOUR, LimitUnit.NATURAL_DAY
_WORK_HOUR, _WORK_DAY = LimitUnit.WORK_HOUR, LimitUnit.WORK_DAY
_NEXT_CLOSE, _SAME_CLOCK = WorkDayReading.NEXT_CLOSE, WorkDayReading.SAME_CLOCK


def deadline(calendar: WorkingCalendar, start_ms: int, limit: Limit, pauses: Sequence[Pause] = ()) -> Deadline:
    """When the limit is due for a clock that started at `start_ms`. ValueError when the calendar does not reach it."""
    if limit.reading is _NEXT_CLOSE and limit.unit is _WORK_DAY:
        due_ms = calendar.close_of_next_working_day(start_ms, limit.amount)
    else:
        due_ms = _due(calendar, start_ms, limit)
    if pauses:
        due_ms = _moved(calendar, start_ms, due_ms, limit, pauses)
    return Deadline(due_ms, not _natural_ms(limit.unit) and calendar.is_provisional(start_ms, due_ms))


def runs_round_the_clock(unit: LimitUnit) -> bool:
    """True for kinds of time that go on at night."""
    return _natural_ms(unit) > 0


def _natural_ms(unit: LimitUnit) -> int:
    """The length of a round-the-clock unit; 0 for a unit of working time."""
    if unit is _MINUTE:
        return MINUTE_MS
    if unit is _URGENT_HOUR:
        return HOUR_MS
    return DAY_MS if unit is _NATURAL_DAY else 0


def _due(calendar: WorkingCalendar, start_ms: int, limit: Limit) -> int:
    unit = limit.unit
    if unit is _MINUTE or unit is _URGENT_HOUR or unit is _NATURAL_DAY:
        return start_ms + limit.amount * _natural_ms(unit)
    if unit is _WORK_HOUR:
        return calendar.add_working_ms(start_ms, limit.amount * HOUR_MS)
    if limit.reading is _NEXT_CLOSE:
        return calendar.close_of_next_working_day(start_ms, limit.amount)
    if limit.reading is _SAME_CLOCK:
        return calendar.same_clock_on_next_working_day(start_ms, limit.amount)
    return calendar.add_working_ms(start_ms, calendar.working_day_ms(start_ms, limit.amount))


def _moved(calendar: WorkingCalendar, start_ms: int, due_ms: int, limit: Limit, pauses: Sequence[Pause]) -> int:
    """The due time after its ended pauses, in order; where two overlap the clock stood still once."""
    natural = _natural_ms(limit.unit) > 0
    counted_ms = start_ms
    for from_ms, to_ms in sorted((p.from_ms, p.to_ms) for p in pauses if p.to_ms is not None):
        from_ms = max(from_ms, counted_ms)
        if from_ms >= due_ms:
            break
        if to_ms <= from_ms:
            continue
        if natural:
            due_ms += to_ms - from_ms
        else:
            stood_ms = calendar.working_ms_between(from_ms, to_ms)
            due_ms = calendar.add_working_ms(due_ms, stood_ms) if stood_ms else due_ms
        counted_ms = to_ms
    return due_ms


def yellow_at(calendar: WorkingCalendar, start_ms: int, due_ms: int, limit: Limit, rule: YellowRule) -> int:
    """When the clock turns yellow: never before it started, never after it is due (D15, practice.md §3).

    A share is one of the limit as given, in its own kind of time: a pause moves it with the due time and does not
    stretch it.
    """
    at_ms = due_ms - rule.minutes * MINUTE_MS
    if rule.work_minutes:
        at_ms = min(at_ms, _worked_before(calendar, start_ms, due_ms, rule.work_minutes * MINUTE_MS))
    if rule.percent:
        at_ms = min(at_ms, _share_before(calendar, start_ms, due_ms, limit, rule))
    return min(max(at_ms, start_ms), due_ms)


def _worked_before(calendar: WorkingCalendar, start_ms: int, due_ms: int, amount_ms: int) -> int:
    """`amount_ms` of working time before the due time, or the start when there are not so many."""
    if calendar.working_ms_between(start_ms, due_ms) <= amount_ms:
        return start_ms
    return calendar.subtract_working_ms(due_ms, amount_ms)


def _share_before(calendar: WorkingCalendar, start_ms: int, due_ms: int, limit: Limit, rule: YellowRule) -> int:
    floor_ms = rule.at_least_minutes * MINUTE_MS
    unit_ms = _natural_ms(limit.unit)
    if unit_ms:
        return due_ms - max(limit.amount * unit_ms * rule.percent // 100, floor_ms)
    if limit.unit is _WORK_HOUR:
        whole_ms = limit.amount * HOUR_MS
    else:
        whole_ms = calendar.working_ms_between(start_ms, _due(calendar, start_ms, limit))
    return _worked_before(calendar, start_ms, due_ms, max(whole_ms * rule.percent // 100, floor_ms))
