"""What is heard of the alarms (practice.md §2): by day every alarm once; at night emergencies and the own ten minutes alone,
and those again each minute until somebody says 知道了; never while silent. Pure."""

from __future__ import annotations

from enum import Enum

from msgspec.structs import replace

from models.clock import DAY_MS, HOUR_MS, MINUTE_MS, SHANGHAI_MS
from models.evidence import Moment
from services.alarms import FLOOD_COUNT, Alarm, Alarms, Kind, silent_for_ms

AGAIN_MS = MINUTE_MS
NIGHT_FROM_MS, NIGHT_TO_MS = 18 * HOUR_MS, 7 * HOUR_MS + 30 * MINUTE_MS


class Tone(str, Enum):
    """The three sounds there are."""

    YELLOW = "yellow"
    RED = "red"
    LINE_LOST = "line_lost"


_TONES = {
    Kind.LINE_LOST: Tone.LINE_LOST,
    Kind.LINE_REFUSED: Tone.LINE_LOST,
    Kind.RED: Tone.RED,
    Kind.YELLOW: Tone.YELLOW,
    Kind.NEW: Tone.YELLOW,
    Kind.ASKED: Tone.YELLOW,
}
_LOUDEST = (Tone.RED, Tone.LINE_LOST, Tone.YELLOW)


def is_night(at_ms: int) -> bool:
    """18:00–07:30 in Shanghai (practice.md §2)."""
    of_day_ms = (at_ms + SHANGHAI_MS) % DAY_MS
    return of_day_ms >= NIGHT_FROM_MS or of_day_ms < NIGHT_TO_MS


def sound(state: Alarms, raised: tuple[Alarm, ...], now: Moment, counter_ms: int) -> tuple[Alarms, Tone | None]:
    """What must be heard after a step that raised these: at most one tone, the most serious."""
    if silent_for_ms(state, counter_ms):
        return state, None
    in_flood = len(state.raised) - len(raised) > FLOOD_COUNT
    quiet = in_flood or is_night(now.shown_at)
    heard = [a for a in raised if a.urgent or not quiet]
    if state.sounded is None or counter_ms - state.sounded >= AGAIN_MS:
        heard += [a for a in state.standing if a.urgent]
    tones = {_TONES[a.kind] for a in heard if a.kind in _TONES}
    for tone in _LOUDEST:
        if tone in tones:
            return replace(state, sounded=counter_ms), tone
    return state, None
