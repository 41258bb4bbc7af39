"""Readings of the centre's clock: every answer carries one; the best of this boot is kept (sync.md §3.7)."""

from __future__ import annotations

from models.evidence import Anchor, Moment, moment_by_anchor


def reading(server_ms: int, sent_mono_ms: int, received_mono_ms: int, boot: str) -> Anchor:
    """The anchor an answer gives: stamped between sending and receiving."""
    return Anchor(server_ms, sent_mono_ms, max(0, received_mono_ms - sent_mono_ms), boot)


def better(old: Anchor | None, new: Anchor) -> Anchor:
    """The anchor that knows the present more closely, at the time of the new one."""
    if old is None or old.boot != new.boot:
        return new
    known, offered = _both(old, new)
    if not _overlap(known, offered):
        return new
    return new if offered.hi - offered.lo <= known.hi - known.lo else old


def agree(old: Anchor, new: Anchor) -> bool:
    """Two honest readings of one boot overlap; when they do not, the centre's clock was set between them."""
    return _overlap(*_both(old, new))


def _both(old: Anchor, new: Anchor) -> tuple[Moment, Moment]:
    """What either says of the instant in which the newer came."""
    at = new.sent_mono_ms + new.round_trip_ms
    known, offered = moment_by_anchor(at, new.boot, old), moment_by_anchor(at, new.boot, new)
    assert known is not None and offered is not None
    return known, offered


def _overlap(a: Moment, b: Moment) -> bool:
    return a.lo <= b.hi and b.lo <= a.hi
