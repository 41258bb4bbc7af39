"""Green, yellow, red, and why (R58, D15, D18a). A light is derived from stored instants, never stored.

Every light explains itself: since when, what changes it next and when, whose move it is.
"""

from __future__ import annotations

from enum import Enum

import msgspec

from models.case import ClockState, StageClock, Verdict


class Light(str, Enum):
    """The signal of a clock now. PAUSED and WAITING are quiet; DOUBTFUL is the machine not knowing the time; EVIDENCE_OWED was met
    in time, and its photograph is owed."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"
    PAUSED = "paused"
    WAITING = "waiting"
    DONE = "done"
    DONE_LATE = "done_late"
    DOUBTFUL = "doubtful"
    EVIDENCE_OWED = "evidence_owed"


class Explanation(msgspec.Struct, frozen=True):
    """Why a light shows what it shows. Instants in ms UTC; `next_light` is what it turns into at `next_at`."""

    light: Light
    owner: str
    since_at: int | None
    next_light: Light | None
    next_at: int | None


def light_at(now_lo: int, now_hi: int, yellow_at: int | None, due_at: int | None, provisional: bool = False) -> Light:
    """The light of a running clock when the present is known to lie in now_lo..now_hi (D8).

    DOUBTFUL when the bounds fall on both sides of the due time; between green and yellow the later colour is shown,
    because a warning too early costs less than one too late. A `provisional` due time (暂定) turns nothing red: the year's
    notice may still move it (practice.md §3).
    """
    if due_at is None:
        return Light.WAITING
    if provisional:
        return Light.YELLOW if now_hi >= (due_at if yellow_at is None else yellow_at) else Light.GREEN
    if now_lo > due_at:
        return Light.RED
    if now_hi > due_at:
        return Light.DOUBTFUL
    return Light.YELLOW if yellow_at is not None and now_hi >= yellow_at else Light.GREEN


_UNSETTLED: dict[Verdict | None, Light] = {Verdict.DOUBTFUL: Light.DOUBTFUL, Verdict.EVIDENCE_OWED: Light.EVIDENCE_OWED}


def light_of(clock: StageClock, now_lo: int, now_hi: int) -> Light:
    """The light of one clock now, which is given as it is shown (models/owed_evidence.py)."""
    if clock.state is ClockState.STOPPED:
        if clock.verdict is Verdict.LATE and not clock.provisional:
            return Light.DONE_LATE
        return _UNSETTLED.get(clock.verdict, Light.DONE)
    if clock.state is ClockState.WAITING:
        return Light.WAITING
    if clock.is_quiet:
        return Light.PAUSED
    return light_at(now_lo, now_hi, clock.yellow_at, clock.due_at, clock.provisional)


def explain(clock: StageClock, now_lo: int, now_hi: int) -> Explanation:
    """Why the clock's light is what it is, and what it turns into next."""
    light = light_of(clock, now_lo, now_hi)
    if light is Light.GREEN:
        return Explanation(light, clock.owner, clock.started_at, Light.YELLOW, clock.yellow_at)
    if light is Light.YELLOW:
        turns = (None, None) if clock.provisional else (Light.RED, clock.due_at)
        return Explanation(light, clock.owner, clock.yellow_at, *turns)
    if light in (Light.RED, Light.DOUBTFUL):
        return Explanation(light, clock.owner, clock.due_at, None, None)
    if light is Light.PAUSED:
        return Explanation(light, clock.owner, clock.pauses[-1].from_ms if clock.is_paused else None, None, None)
    stopped = clock.stopped.shown_at if clock.stopped else None
    return Explanation(light, clock.owner, stopped, None, None)
