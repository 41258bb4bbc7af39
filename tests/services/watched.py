"""Watched cases and looks at them, in minutes from noon, for the tests of alarms."""

from __future__ import annotations

from models.clock import MINUTE_MS
from models.evidence import Moment, exactly
from services.alarms import Alarm, Alarms, WatchedCase, WatchedClock, first_look, look

NOON_MS = 1_795_404_600_000
"""2026-11-23 11:30 in Shanghai."""
NOTHING = (0, 0, 0)


def clock(
    name: str = "k", yellow: float | None = 10, due: float | None = 14, own: bool = False, stage: str = "arrival"
) -> WatchedClock:
    """A clock with its instants in minutes from noon."""
    at = [None if m is None else NOON_MS + int(m * MINUTE_MS) for m in (yellow, due)]
    return WatchedClock(name, stage, "中队", own, at[0], at[1])


def case(
    name: str, *clocks: WatchedClock, emergency: bool = False, arrived: bool = False, asked: str = ""
) -> WatchedCase:
    return WatchedCase(name, f"title {name}", "place", emergency, arrived, clocks, asked)


def at(minutes: float) -> Moment:
    return exactly(NOON_MS + int(minutes * MINUTE_MS))


def watching(*cases: WatchedCase, minutes: float = 0) -> Alarms:
    state, raised = first_look(Alarms(), cases, NOTHING, at(minutes), 0)
    assert not raised
    return state


def looked(state: Alarms, minutes: float, *cases: WatchedCase) -> tuple[Alarms, tuple[Alarm, ...]]:
    asked = frozenset(c.id for c in cases)
    return look(state, cases, at(minutes), int(minutes * MINUTE_MS), asked)
