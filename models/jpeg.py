"""The segments of a JPEG file, and the same picture without what the camera wrote beside it (ITU-T T.81, Annex B)."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator

import msgspec

EXIF = b"Exif\0\0"
START = b"\xff\xd8"
_TABLES, _CONDITIONS, _SCAN, _END = 0xC4, 0xCC, 0xDA, 0xD9
_SAMPLES, _LINES, _RESTARTS = 0xDB, 0xDC, 0xDD
_FRAMES = frozenset(range(0xC0, 0xD0)) - {_TABLES, 0xC8, _CONDITIONS}
_IN_ORDER = frozenset({0xC0, 0xC1})
"""Frames whose pixels come once, from top to bottom; of all others it is not certain."""

_MOST_COMPONENTS = 10
"""More no decoder takes (libjpeg)."""

_JFIF, _WORDS, _PROFILE, _ADOBE, _COMMENT = 0xE0, 0xE1, 0xE2, 0xEE, 0xFE
_ALONE = frozenset({0x00, 0x01, *range(0xD0, 0xD9)})
"""Markers without a content; none has a place where a segment is to begin."""

_AFTER_PIXELS = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
"""What ends the coded pixels: FF 00 is a byte FF of theirs, FF D0 to FF D7 are restarts in them, and more FF fill."""


class Segment(msgspec.Struct, frozen=True):
    """One segment: its marker, its content, and where the file goes on after it."""

    marker: int
    body: bytes
    end: int


def segments(photograph: bytes) -> Iterator[Segment]:
    """The segments up to the pixels; ends where the bytes stop being a JPEG's."""
    if not photograph.startswith(START):
        return
    found = _segment(photograph, len(START))
    while found is not None and found.marker not in (_SCAN, _END):
        yield found
        found = _segment(photograph, found.end)


def kept_bytes(photograph: bytes, pixels: int) -> int:
    """What a decoder has to keep of all the pixels at once, however small it is to make them. Nothing, when the first scan
    holds the whole picture; else, as in a progressive one, two bytes for each sample of each component."""
    frame, scan = None, _segment(photograph, len(START))
    while scan is not None and scan.marker != _SCAN:
        frame, scan = scan if scan.marker in _FRAMES else frame, _segment(photograph, scan.end)
    if frame is None or scan is None or not all(_has_its_size(s.marker, s.body) for s in (frame, scan)):
        return pixels * 2 * _MOST_COMPONENTS
    if frame.marker in _IN_ORDER and scan.body[0] == frame.body[5]:
        return 0
    across, down = [factors >> 4 for factors in frame.body[7::3]], [factors & 15 for factors in frame.body[7::3]]
    samples = sum(one * other for one, other in zip(across, down, strict=True))
    return pixels * 2 * samples // max(1, max(across) * max(down))


def without_words(photograph: bytes, orientation: int) -> bytes:
    """The same pixels without EXIF, XMP, IPTC, maker's notes, comments and whatever follows the picture's own end; what it
    needs to stand upright stays. ValueError when the bytes are no JPEG from one end to the other, or say that they hold
    several pictures (which of them is meant is not for us to say)."""
    if not photograph.startswith(START):
        raise ValueError("no JPEG")
    kept: list[bytes] = []
    found, scanned = _segment(photograph, len(START)), False
    while found is not None and found.marker != _END:
        at, stays = found.end, _stays(found)
        if stays:
            kept.append(stays)
        if found.marker == _SCAN:
            after, scanned = _AFTER_PIXELS.search(photograph, at), True
            if after is None:
                raise ValueError("no end")
            kept.append(photograph[at : after.start()])
            at = after.start()
        found = _segment(photograph, at)
    if found is None or not scanned:
        raise ValueError("no JPEG")
    if orientation != 1:
        kept.insert(1 if kept[0][1] == _JFIF else 0, _written(_WORDS, EXIF + _upright(orientation)))
    return START + b"".join(kept) + bytes((0xFF, _END))


def _segment(photograph: bytes, at: int) -> Segment | None:
    """The segment that begins there; None when none does, or it is cut off."""
    while photograph[at : at + 2] == b"\xff\xff":
        at += 1  # fill
    if at + 2 > len(photograph) or photograph[at] != 0xFF or photograph[at + 1] in _ALONE:
        return None
    marker = photograph[at + 1]
    if marker == _END:
        return Segment(marker, b"", at + 2)
    if at + 4 > len(photograph):
        return None
    size = struct.unpack_from(">H", photograph, at + 2)[0]
    end = at + 2 + size
    return None if size < 2 or end > len(photograph) else Segment(marker, photograph[at + 4 : end], end)


def _stays(found: Segment) -> bytes:
    """The segment as it is written again; empty when it goes. What is of no kind we know, or longer than its kind can be, is
    a place for words as well: ValueError."""
    marker, body = found.marker, found.body
    if marker == _PROFILE and body.startswith(b"MPF\0"):
        raise ValueError("several pictures in one")
    if 0xE0 <= marker <= 0xEF or marker == _COMMENT:
        shown = _how_to_show(marker, body)
        return _written(marker, shown) if shown else b""
    if not _has_its_size(marker, body):
        raise ValueError("no JPEG")
    return _written(marker, body)


def _how_to_show(marker: int, body: bytes) -> bytes:
    """What of an application's segment the pixels need to look the same: JFIF and Adobe say which colours they are, JFIF
    their density, and a profile is one. JFIF stays without its thumbnail, which may show what was cut away since."""
    if marker == _JFIF and body.startswith(b"JFIF\0") and len(body) >= 14:
        return body[:12] + bytes(2)
    if marker == _PROFILE and body.startswith(b"ICC_PROFILE\0"):
        return body
    if marker == _ADOBE and body.startswith(b"Adobe") and len(body) >= 12:
        return body[:12]
    return b""


def _has_its_size(marker: int, body: bytes) -> bool:
    """Whether a segment that decoding needs holds that and no byte more (T.81, B.2.2 to B.2.5)."""
    if marker == _SAMPLES:
        return _is_full_of(body, lambda at: 1 + 64 * (1 + (body[at] >> 4)))
    if marker == _TABLES:
        return _is_full_of(body, lambda at: 17 + sum(body[at + 1 : at + 17]))
    if marker == _CONDITIONS:
        return len(body) in range(2, 17, 2)
    if marker in (_LINES, _RESTARTS):
        return len(body) == 2
    if marker == _SCAN:
        return len(body) >= 6 and body[0] <= 4 and len(body) == 4 + 2 * body[0]
    return marker in _FRAMES and len(body) >= 9 and body[5] <= 4 and len(body) == 6 + 3 * body[5]


def _is_full_of(body: bytes, size_at: Callable[[int], int]) -> bool:
    """Tables one behind the other, each numbered 0 to 3 in one of two classes."""
    at = 0
    while at < len(body) and not body[at] & 0xEC:
        at += size_at(at)
    return at == len(body)


def _written(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def _upright(orientation: int) -> bytes:
    """The smallest TIFF directory that says how the picture is to be turned, and nothing else."""
    return struct.pack("<2sHIHHHIHHI", b"II", 42, 8, 1, 0x0112, 3, 1, orientation, 0, 0)
