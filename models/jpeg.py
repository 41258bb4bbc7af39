"""The segments of a JPEG file, and the same picture without what the camera wrote beside it (ITU-T T.81, Annex B)."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import msgspec

EXIF = b"Exif\0\0"
START = b"\xff\xd8"
_SCAN, _END = 0xDA, 0xD9
_PIXELS_NEED = frozenset({0xE0, 0xE2, 0xEE})
"""Application segments that say how to show the pixels (JFIF, colour profile, Adobe's transform); all others, and comments,
are words about them."""

_COMMENT = 0xFE


class Segment(msgspec.Struct, frozen=True):
    """One segment before the pixels: its marker, its content, and where the file goes on after it."""

    marker: int
    body: bytes
    end: int


def segments(photograph: bytes) -> Iterator[Segment]:
    """The segments up to the pixels; ends where the bytes stop being a JPEG's."""
    at = len(START)
    if not photograph.startswith(START):
        return
    while at + 4 <= len(photograph) and photograph[at] == 0xFF:
        marker = photograph[at + 1]
        if marker == 0xFF:
            at += 1  # fill
            continue
        if marker in (_SCAN, _END):
            return
        size = struct.unpack_from(">H", photograph, at + 2)[0]
        if size < 2 or at + 2 + size > len(photograph):
            return
        yield Segment(marker, photograph[at + 4 : at + 2 + size], at + 2 + size)
        at += 2 + size


def without_words(photograph: bytes, orientation: int) -> bytes:
    """The same pixels without EXIF, XMP, IPTC, maker's notes and comments; what the picture needs to stand upright stays.
    ValueError when the bytes are no JPEG up to its pixels, or hold several pictures in one (a second one has words too)."""
    kept, end = [], len(START)
    for found in segments(photograph):
        if found.marker == 0xE2 and found.body.startswith(b"MPF\0"):
            raise ValueError("several pictures in one")
        if not (0xE0 <= found.marker <= 0xEF or found.marker == _COMMENT) or found.marker in _PIXELS_NEED:
            kept.append(_written(found.marker, found.body))
        end = found.end
    if photograph[end : end + 2] != bytes((0xFF, _SCAN)):
        raise ValueError("no JPEG")
    close = photograph.rfind(bytes((0xFF, _END)))
    if close < end:
        raise ValueError("no end")
    if orientation != 1:
        kept.insert(1 if kept and kept[0][1] == 0xE0 else 0, _written(0xE1, EXIF + _upright(orientation)))
    return START + b"".join(kept) + photograph[end : close + 2]


def _written(marker: int, body: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def _upright(orientation: int) -> bytes:
    """The smallest TIFF directory that says how the picture is to be turned, and nothing else."""
    return struct.pack("<2sHIHHHIHHI", b"II", 42, 8, 1, 0x0112, 3, 1, orientation, 0, 0)
