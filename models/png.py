"""The same PNG picture without what was written beside it (PNG, third edition)."""

from __future__ import annotations

import struct
import zlib

PNG = b"\x89PNG\r\n\x1a\n"
_ANY = 2**31 - 1
_MOST_BYTES = {
    b"IHDR": 13, b"PLTE": 768, b"IDAT": _ANY, b"IEND": 0,
    b"cHRM": 32, b"gAMA": 4, b"iCCP": _ANY, b"sBIT": 4, b"sRGB": 1, b"cICP": 4,
    b"tRNS": 256, b"bKGD": 6, b"pHYs": 9,
    b"acTL": 8, b"fcTL": 26, b"fdAT": _ANY,
}  # fmt: skip
"""What the pixels need to be shown and to look the same, and how much of each can be that. Whatever else may stand in such
a file, also what is not thought of yet, is words."""

_IS_ANCILLARY = 0x20
"""The bit of a name's first letter that says the pixels can be shown without it."""


def without_words(picture: bytes) -> bytes:
    """The same pixels without text, EXIF, time, signed origins and whatever follows the end. ValueError or struct.error when
    the bytes are no sound PNG, or need a chunk that we do not know."""
    at, kept = len(PNG), [PNG]
    if not picture.startswith(PNG):
        raise ValueError("no PNG")
    while True:
        size, name = struct.unpack_from(">I4s", picture, at)
        end = at + 12 + size
        if end > len(picture) or zlib.crc32(picture[at + 4 : end - 4]) != struct.unpack_from(">I", picture, end - 4)[0]:
            raise ValueError("no PNG")
        if name in _MOST_BYTES and size <= _MOST_BYTES[name]:
            kept.append(picture[at:end])
        elif name in _MOST_BYTES or not name[0] & _IS_ANCILLARY:
            raise ValueError("no PNG that we know")
        at = end
        if name == b"IEND":
            return b"".join(kept)
