"""When a limit is due, and when it turns yellow (R4–R6, D15, D16; domain.md §4).

Pauses are intervals on the clock: a pause moves the due time by as much of the limit's own kind of time as it covered,
and an open pause moves nothing until it ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

import msgspec

from models.calendar import MINUTE_MS, WorkingCalendar

HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS


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


class Deadline(msgspec.Struct, frozen=True):
    """A due time; `provisional` when it rests on a year without its notice (暂定)."""

    due_ms: int
    provisional: bool


class YellowRule(msgspec.Struct, frozen=True):
    """Yellow by time to act: natural minutes, working minutes, or a share of the limit with a floor in minutes."""

    minutes: int = 0
    work_minutes: int = 0
    percent: int = 0
    at_least_minutes: int = 0


_NATURAL_MS = {LimitUnit.MINUTE: MINUTE_MS, LimitUnit.URGENT_HOUR: HOUR_MS, LimitUnit.NATURAL_DAY: DAY_MS}


def deadline(calendar: WorkingCalendar, start_ms: int, limit: Limit, pauses: Sequence[Pause] = ()) -> Deadline:
    """When the limit is due for a clock that started at `start_ms`."""
    due_ms = _due(calendar, start_ms, limit)
    for pause in pauses:
        if pause.to_ms is None:
            continue
        if limit.unit in _NATURAL_MS:
            due_ms += max(0, pause.to_ms - max(pause.from_ms, start_ms))
        else:
            stood_ms = calendar.working_ms_between(max(pause.from_ms, start_ms), pause.to_ms)
            if stood_ms > 0:
                due_ms = calendar.add_working_ms(due_ms, stood_ms)
    return Deadline(due_ms, calendar.is_provisional(start_ms, due_ms))


def _due(calendar: WorkingCalendar, start_ms: int, limit: Limit) -> int:
    natural_ms = _NATURAL_MS.get(limit.unit)
    if natural_ms is not None:
        return start_ms + limit.amount * natural_ms
    if limit.unit is LimitUnit.WORK_HOUR:
        return calendar.add_working_ms(start_ms, limit.amount * HOUR_MS)
    if limit.reading is WorkDayReading.NEXT_CLOSE:
        return calendar.close_of_next_working_day(start_ms, limit.amount)
    if limit.reading is WorkDayReading.SAME_CLOCK:
        return calendar.same_clock_on_next_working_day(start_ms, limit.amount)
    return calendar.add_working_ms(start_ms, calendar.working_day_ms(start_ms, limit.amount))


def yellow_at(calendar: WorkingCalendar, start_ms: int, due_ms: int, limit: Limit, rule: YellowRule) -> int:
    """When the clock turns yellow: never before it started, never after it is due. A share is measured in the limit's
    own kind of time."""
    if rule.work_minutes:
        at_ms = calendar.subtract_working_ms(due_ms, rule.work_minutes * MINUTE_MS)
    elif rule.percent:
        at_ms = _share(calendar, start_ms, due_ms, limit, rule)
    else:
        at_ms = due_ms - rule.minutes * MINUTE_MS
    return min(max(at_ms, start_ms), due_ms)


def _share(calendar: WorkingCalendar, start_ms: int, due_ms: int, limit: Limit, rule: YellowRule) -> int:
    floor_ms = rule.at_least_minutes * MINUTE_MS
    if limit.unit in _NATURAL_MS:
        return due_ms - max((due_ms - start_ms) * rule.percent // 100, floor_ms)
    share_ms = calendar.working_ms_between(start_ms, due_ms) * rule.percent // 100
    return calendar.subtract_working_ms(due_ms, max(share_ms, floor_ms))
