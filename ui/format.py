"""Instants and durations as people read them, always in Shanghai's time (D16)."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from ui.language import tr

ZONE = ZoneInfo("Asia/Shanghai")
WEEKDAYS = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
LONG_MS = 3 * 3_600_000
_TOLD_TIME = re.compile(r"(\u6628[\u5929\u65e5]?|yesterday)?\s*([01]?\d|2[0-3])[:\uff1a]([0-5]\d)", re.IGNORECASE)
"""14:35, or that of the day before: 昨 14:35."""


def local(at_ms: int) -> datetime:
    """The instant in Shanghai."""
    return datetime.fromtimestamp(at_ms / 1000, ZONE)


def midnight_after(at_ms: int) -> int:
    """The next instant at which today becomes another day, in ms UTC."""
    tomorrow = local(at_ms).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return int(tomorrow.timestamp() * 1000)


def clock(at_ms: int) -> str:
    """15:42:07"""
    return local(at_ms).strftime("%H:%M:%S")


def day_and_minute(at_ms: int, now_ms: int) -> str:
    """15:34 today, 11-23 15:34 on another day of this year, with the year otherwise."""
    moment, now = local(at_ms), local(now_ms)
    if moment.date() == now.date():
        return moment.strftime("%H:%M")
    return moment.strftime("%m-%d %H:%M" if moment.year == now.year else "%Y-%m-%d %H:%M")


def day_and_second(at_ms: int, now_ms: int) -> str:
    """15:42:07 today; as `day_and_minute` on another day, when seconds say no more."""
    return clock(at_ms) if local(at_ms).date() == local(now_ms).date() else day_and_minute(at_ms, now_ms)


def iso_date(at_ms: int) -> str:
    """2026-12-31"""
    return f"{local(at_ms):%Y-%m-%d}"


def told_time(text: str) -> tuple[bool, int, int] | None:
    """A time of day as somebody types it: whether yesterday's is meant, hour, minute. None when it is none."""
    found = _TOLD_TIME.fullmatch(text)
    return (bool(found[1]), int(found[2]), int(found[3])) if found is not None else None


def is_date(text: str) -> bool:
    """True for a day of the calendar, written 2026-12-31."""
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def end_of_day(text: str) -> int:
    """The instant (ms UTC) at which that day, as `is_date` reads it, is over."""
    day = date.fromisoformat(text)  # not the next day's beginning: the last day there is has none
    return int(datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=ZONE).timestamp() + 1) * 1000


def last_day(until_ms: int, now_ms: int) -> str:
    """The last day before an instant: 12-31 of this year, with the year otherwise."""
    moment = local(until_ms - 1)
    return moment.strftime("%m-%d" if moment.year == local(now_ms).year else "%Y-%m-%d")


def weekday(at_ms: int) -> str:
    """周一 11-23"""
    moment = local(at_ms)
    return f"{tr(WEEKDAYS[moment.weekday()])} {moment:%m-%d}"


def duration(ms: int) -> str:
    """00:18:40, or 1天 02:10 from a day on."""
    seconds = max(0, ms) // 1000
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    minutes, seconds = divmod(rest, 60)
    return (
        tr("{0}天 {1}").format(days, f"{hours:02d}:{minutes:02d}")
        if days
        else f"{hours:02d}:{minutes:02d}:{seconds:02d}"
    )


def countdown(due_ms: int, now_ms: int, working: bool) -> str:
    """What a countdown cell says: time left to the second; a working-day limit as the time by which (今日17:30前);
    overdue with a minus sign."""
    if now_ms > due_ms:
        return f"−{duration(now_ms - due_ms)}"
    if not working or (due_ms - now_ms <= LONG_MS and not working):
        return duration(due_ms - now_ms)
    due, today = local(due_ms), local(now_ms).date()
    if due.date() == today:
        return tr("今日{0}前").format(f"{due:%H:%M}")
    if due.date() == today + timedelta(days=1):
        return tr("明日{0}前").format(f"{due:%H:%M}")
    return tr("{0}前").format(f"{due:%m-%d %H:%M}")


def age(ms: int) -> str:
    """How long ago, in one unit: 8 秒, 5 分, 2 小时, 3 天."""
    seconds = max(0, ms) // 1000
    for size, unit in ((86_400, "{0} 天"), (3_600, "{0} 小时"), (60, "{0} 分")):
        if seconds >= size:
            return tr(unit).format(seconds // size)
    return tr("{0} 秒").format(seconds)
