"""The latest instant that has surely come, as a workstation keeps it: whoever puts its wall clock back gains nothing by it, in
whatever boot (docs/decisions/0012)."""

from __future__ import annotations

import msgspec

from models.evidence import DRIFT_PARTS_PER_MILLION, Moment


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """At counter `mono_ms` of boot `boot` it was surely not before `at_ms` (ms UTC)."""

    at_ms: int
    boot: str
    mono_ms: int


def surely_ms(mark: Mark | None, boot: str, mono_ms: int) -> int:
    """What the mark says of now: carried on by the counter in its own boot, less the counter's drift; of another boot only
    that it came after the mark was made. 0 without one."""
    if mark is None:
        return 0
    elapsed = max(0, mono_ms - mark.mono_ms) if mark.boot == boot else 0
    return mark.at_ms + elapsed - elapsed * DRIFT_PARTS_PER_MILLION // 1_000_000


def raised(mark: Mark | None, boot: str, mono_ms: int, lo_ms: int) -> Mark:
    """The mark to keep now, when `lo_ms` is sure as well. In a boot that never hears of the centre it goes on from the first
    look, so days without a line are days there too."""
    return Mark(max(surely_ms(mark, boot, mono_ms), lo_ms), boot, mono_ms)


def corrected(mark: Mark | None, boot: str, mono_ms: int, heard: Moment) -> Mark:
    """The same, when the centre has just said that it is `heard`. If that is all before the mark, the centre's clock was wrong
    and has been set, and the newer word counts: a mark in the future would keep everybody out until then."""
    if heard.hi < surely_ms(mark, boot, mono_ms):
        return Mark(heard.lo, boot, mono_ms)
    return raised(mark, boot, mono_ms, heard.lo)
