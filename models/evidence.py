"""What a timestamp is worth: an interval that surely holds the instant, and how good it is (sync.md §3.7, D8)."""

from __future__ import annotations

from enum import Enum

import msgspec

DRIFT_PARTS_PER_MILLION = 200
"""How fast a workstation's counter may run away from true time; the interval widens by this."""

NO_END_MS = 1 << 53
"""Later than every instant: the end of an interval that has none."""


class Grade(str, Enum):
    """A: same boot as a reading of the centre's clock. C: the wall clock only, bounded by neighbours (时间待认定).
    W: the wall clock's word, bounded by nothing yet; only on the workstation, until the centre has judged."""

    ANCHORED = "A"
    DOUBTFUL = "C"
    CLAIMED = "W"


class Moment(msgspec.Struct, frozen=True, array_like=True):
    """When something happened: between `lo` and `hi` (ms UTC, both inclusive), with its grade."""

    lo: int
    hi: int
    grade: Grade = Grade.ANCHORED

    @property
    def shown_at(self) -> int:
        """The instant to show; screens add the bounds when the grade is not A."""
        return (self.lo + self.hi) // 2


class Unproven(Moment, frozen=True, array_like=True):
    """The present in a boot without a reading of the centre's clock: surely not before `lo`, with no end that is sure.
    The wall clock's word is shown, and nothing else is made of it."""

    wall_ms: int = 0

    @property
    def shown_at(self) -> int:
        """The wall clock's word, unless it is surely past."""
        return max(self.wall_ms, self.lo)


def unproven(wall_ms: int, proven_ms: int) -> Unproven:
    """The present when all that is sure is an instant that has passed."""
    return Unproven(proven_ms, NO_END_MS, Grade.DOUBTFUL, wall_ms)


def counting_bounds(now: Moment) -> tuple[int, int]:
    """The present for counting down and adding up: one instant when it is known, else no more than what is sure."""
    return (now.lo, now.hi) if now.grade is Grade.DOUBTFUL else (now.shown_at, now.shown_at)


def is_earlier(one: Moment, other: Moment) -> bool:
    """True when `one` bounds the instant no worse at either end and better at the late one: of two words on the same
    duty the one that is credited (I13)."""
    return one.lo <= other.lo and one.hi < other.hi


def exactly(at_ms: int) -> Moment:
    """The moment of something the centre saw itself."""
    return Moment(at_ms, at_ms)


class Anchor(msgspec.Struct, frozen=True, array_like=True):
    """One reading of the centre's clock: the centre answered `server_ms` to a question asked at counter `sent_mono_ms`
    whose answer came `round_trip_ms` later, in boot `boot`."""

    server_ms: int
    sent_mono_ms: int
    round_trip_ms: int
    boot: str


class ClaimedTime(msgspec.Struct, frozen=True):
    """What the workstation knew when the act was made: wall clock, boot, counter, last anchor of this boot."""

    wall_ms: int
    boot: str
    mono_ms: int
    anchor: Anchor | None = None


def with_later(claimed: ClaimedTime, readings: dict[str, Anchor]) -> ClaimedTime:
    """What is known of the time of an act by now: made without a reading, it is proved by one of the same boot that came later."""
    later = readings.get(claimed.boot) if claimed.anchor is None else None
    return claimed if later is None else msgspec.structs.replace(claimed, anchor=later)


def moment_by_anchor(mono_ms: int, boot: str, anchor: Anchor) -> Moment | None:
    """The interval an anchor proves for a counter reading of the same boot, earlier or later; None across boots.

    The centre stamped `server_ms` somewhere between sending and receiving, so the answer lies within the round trip,
    widened by the counter's drift over the distance.
    """
    if anchor.boot != boot:
        return None
    sent, received = anchor.sent_mono_ms, anchor.sent_mono_ms + anchor.round_trip_ms
    if mono_ms >= sent:
        distance = mono_ms - sent
        drift = distance * DRIFT_PARTS_PER_MILLION // 1_000_000 + 1
        return Moment(anchor.server_ms + (mono_ms - received) - drift, anchor.server_ms + distance + drift)
    distance = sent - mono_ms
    drift = distance * DRIFT_PARTS_PER_MILLION // 1_000_000 + 1
    return Moment(anchor.server_ms - (received - mono_ms) - drift, anchor.server_ms - distance + drift)


def moment_of_act(claimed: ClaimedTime, not_before_ms: int, received_ms: int) -> Moment:
    """When an act happened, as far as it can be proved to the centre that received it at `received_ms`.

    With an anchor of the same boot: grade A. Without: doubtful, bounded below by the last proven instant of the same
    device (`not_before_ms`) and above by receipt. The bounds always satisfy lo <= hi <= received (I15).
    """
    proven = None if claimed.anchor is None else moment_by_anchor(claimed.mono_ms, claimed.boot, claimed.anchor)
    if proven is None:
        return Moment(min(not_before_ms, received_ms), received_ms, Grade.DOUBTFUL)
    hi = min(proven.hi, received_ms)
    return Moment(min(max(proven.lo, min(not_before_ms, hi)), hi), hi, Grade.ANCHORED)
