"""Self-check: what this workstation needs for its work, each looked at for real; the words are the screen's (R77).

Every function looks at one thing and returns one `Finding`. What may take seconds says so.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum

import msgspec

from models.calendar import WorkingCalendar
from models.clock import DAY_MS, MINUTE_MS
from models.errors import Refused, Weather
from models.evidence import Grade, Moment
from models.ids import SYSTEM_RANDOM, RandomBytes
from models.store.health import StoreHealth
from models.views import Kept, LineState
from services.secrets import Secrets

BEIJING_MINUTES = 480
"""How far Beijing time is ahead of UTC."""

_MB = 1_000_000
_LITTLE_MB, _TOO_LITTLE_MB = 2_000, 200
_OFF_MS = MINUTE_MS
_SILENT_TOO_LONG_MS = DAY_MS


class Level(StrEnum):
    """GOOD: nothing to do. CARE: work goes on, but somebody should look at it. BAD: something does not work."""

    GOOD = "good"
    CARE = "care"
    BAD = "bad"


class Subject(StrEnum):
    """What is looked at, in the order it is shown."""

    STORE = "store"
    DISK = "disk"
    LINE = "line"
    CLOCK = "clock"
    CALENDAR = "calendar"
    KEYRING = "keyring"
    FONTS = "fonts"
    INPUT_METHOD = "input_method"


class Finding(msgspec.Struct, frozen=True):
    """One thing that was looked at; `code` and `args` are worded by ui/findings.py."""

    subject: Subject
    level: Level
    code: str
    args: dict[str, str | int] = {}


def not_looked_at(subject: Subject, why: str) -> Finding:
    """Looking at it failed; `why` is the kind of error."""
    return Finding(subject, Level.BAD, "check_failed", {"why": why})


def of_store(health: StoreHealth, kept: Kept) -> Finding:
    """Its pages, and how it lies on the disk."""
    counted: dict[str, str | int] = {"cases": health.cases, "acts": health.acts, "unsent": health.unsent}
    if health.damage:
        return Finding(Subject.STORE, Level.BAD, "store_damaged")
    if kept.store != "encrypted":
        return Finding(Subject.STORE, Level.CARE, "store_plain", counted)
    return Finding(Subject.STORE, Level.GOOD, "store_sound", counted)


def of_disk(free_bytes: int) -> Finding:
    """Room for what is still to be done here."""
    args: dict[str, str | int] = {"free_mb": free_bytes // _MB}
    if free_bytes < _TOO_LITTLE_MB * _MB:
        return Finding(Subject.DISK, Level.BAD, "disk_full_soon", args)
    if free_bytes < _LITTLE_MB * _MB:
        return Finding(Subject.DISK, Level.CARE, "disk_little", args)
    return Finding(Subject.DISK, Level.GOOD, "disk_room", args)


def of_line(line: LineState | None, now_ms: int, ask: Callable[[], int]) -> Finding:
    """Whether the centre answers now; `ask` gives the milliseconds an answer took. May take seconds, unless the line is cut
    by the person's own switch: then nothing is asked."""
    if line is not None and line.state == "work_offline":
        return Finding(Subject.LINE, Level.CARE, "line_switched_off")
    try:
        args: dict[str, str | int] = {"took_ms": ask()}
    except Refused as error:
        return Finding(Subject.LINE, Level.BAD, "line_refused", {"reason": error.code})
    except Weather as error:
        heard = line.last_contact_at if line is not None else None
        level = Level.CARE if heard is not None and now_ms - heard < _SILENT_TOO_LONG_MS else Level.BAD
        return Finding(Subject.LINE, level, "line_down", {"reason": error.code})
    if line is not None and line.reason:
        return Finding(Subject.LINE, Level.BAD, "line_refused", {"reason": line.reason})
    return Finding(Subject.LINE, Level.GOOD, "line_good", args)


def of_clock(now: Moment, wall_ms: int, zone_minutes: int, behind_ms: int = 0) -> Finding:
    """The machine's own clock beside the centre's. A wrong one costs nobody a minute (D8), but whoever reads it goes by it.
    `behind_ms` by how much it is behind what has surely come, also without a reading in this boot."""
    if now.grade is Grade.DOUBTFUL:
        if behind_ms > _OFF_MS:
            return Finding(Subject.CLOCK, Level.CARE, "clock_put_back", {"minutes": behind_ms // MINUTE_MS})
        return Finding(Subject.CLOCK, Level.CARE, "clock_unproven")
    if wall_ms - now.hi > _OFF_MS:
        return Finding(Subject.CLOCK, Level.CARE, "clock_ahead", {"minutes": (wall_ms - now.hi) // MINUTE_MS})
    if now.lo - wall_ms > _OFF_MS:
        return Finding(Subject.CLOCK, Level.CARE, "clock_behind", {"minutes": (now.lo - wall_ms) // MINUTE_MS})
    if zone_minutes != BEIJING_MINUTES:
        return Finding(Subject.CLOCK, Level.CARE, "clock_elsewhere", {"offset_minutes": zone_minutes})
    return Finding(Subject.CLOCK, Level.GOOD, "clock_right")


def of_calendar(calendar: WorkingCalendar, now: Moment) -> Finding:
    """Whether the year's official notice is in the calendar in force: without it due times of working days are 暂定, and turn
    no light red (docs/decisions/0003)."""
    missing = calendar.year_without_notice(now.shown_at)
    if missing is not None:
        return Finding(Subject.CALENDAR, Level.CARE, "calendar_without_notice", {"year": missing})
    return Finding(Subject.CALENDAR, Level.GOOD, "calendar_official", {"year": calendar.local_date(now.shown_at).year})


def of_keyring(secrets: Secrets, random_bytes: RandomBytes = SYSTEM_RANDOM) -> Finding:
    """Where a secret is kept now, by keeping one. May take as long as a keyring is given."""
    if secrets.is_sealed:
        return Finding(Subject.KEYRING, Level.GOOD, "key_sealed")
    if secrets.keeps_now(random_bytes):
        return Finding(Subject.KEYRING, Level.GOOD, "key_in_keyring")
    if secrets.may_be_plain:
        return Finding(Subject.KEYRING, Level.CARE, "key_in_file")
    return Finding(Subject.KEYRING, Level.BAD, "key_nowhere")
