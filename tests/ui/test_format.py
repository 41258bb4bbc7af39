"""Times as people read them."""

from __future__ import annotations

from datetime import datetime

from ui import format as fmt


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=fmt.ZONE).timestamp() * 1000)


NOW = at("2026-11-23 15:42:07")


def test_countdowns() -> None:
    assert fmt.countdown(NOW + 156_000, NOW, False) == "00:02:36"
    assert fmt.countdown(NOW - 1_120_000, NOW, False) == "−00:18:40"
    assert fmt.countdown(at("2026-11-23 17:30:00"), NOW, True) == "今日17:30前"
    assert fmt.countdown(at("2026-11-24 17:30:00"), NOW, True) == "明日17:30前"
    assert fmt.countdown(at("2026-11-26 17:30:00"), NOW, True) == "11-26 17:30前"
    assert fmt.countdown(NOW + 94_200_000, NOW, False) == "1天 02:10"


def test_moments_and_ages() -> None:
    assert fmt.day_and_minute(NOW, NOW) == "15:42"
    assert fmt.day_and_minute(at("2026-11-21 08:05:00"), NOW) == "11-21 08:05"
    assert fmt.day_and_minute(at("2025-11-21 08:05:00"), NOW) == "2025-11-21 08:05"
    assert fmt.weekday(NOW) == "周一 11-23"
    assert [fmt.age(ms) for ms in (8_000, 300_000, 7_200_000, 200_000_000)] == ["8 秒", "5 分", "2 小时", "2 天"]


def test_every_day_of_the_calendar_has_an_end() -> None:
    """One that reckons with the day after the last falls over on a date that somebody typed."""
    assert fmt.end_of_day("2026-12-31") == at("2027-01-01 00:00:00")
    assert fmt.end_of_day("9999-12-31") == fmt.end_of_day("9999-12-30") + 86_400_000
