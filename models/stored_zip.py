"""A ZIP that is the same bytes for the same contents: stored, not compressed, one fixed date, nothing optional.

So a reader can make it again from what it took out, and any byte that differs is noticed, also those a ZIP program ignores.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

from models.wire import Malformed

Member = tuple[str, bytes]
"""A name (ASCII) and what stands under it."""

_LOCAL = struct.Struct("<IHHHHHIIIHH")
_CENTRAL = struct.Struct("<IHHHHHHIIIHHHHHII")
_END = struct.Struct("<IHHHHIIH")
_LOCAL_MARK, _CENTRAL_MARK, _END_MARK = 0x04034B50, 0x02014B50, 0x06054B50
_VERSION, _BY_UNIX, _FIRST_DAY, _PLAIN_FILE = 20, 3 << 8 | 20, 1 << 5 | 1, 0o100644 << 16


def pack(members: Sequence[Member]) -> bytes:
    """The file with these members, in this order."""
    files, contents, offset = [], [], 0
    for name, body in members:
        raw, sums = name.encode("ascii"), (zlib.crc32(body), len(body), len(body))
        head = _LOCAL.pack(_LOCAL_MARK, _VERSION, 0, 0, 0, _FIRST_DAY, *sums, len(raw), 0)
        listed = _CENTRAL.pack(
            _CENTRAL_MARK, _BY_UNIX, _VERSION, 0, 0, 0, _FIRST_DAY, *sums, len(raw), 0, 0, 0, 0, _PLAIN_FILE, offset
        )
        files.append(head + raw + body)
        contents.append(listed + raw)
        offset += len(files[-1])
    listing = b"".join(contents)
    end = _END.pack(_END_MARK, 0, 0, len(members), len(members), len(listing), offset, 0)
    return b"".join((*files, listing, end))


def unpack(raw: bytes) -> list[Member]:
    """The members in their order. Malformed for anything `pack` would not have written."""
    members: list[Member] = []
    at = 0
    try:
        while raw[at : at + 4] == _LOCAL_MARK.to_bytes(4, "little"):
            *_, size, length, _extra = _LOCAL.unpack_from(raw, at)
            begin = at + _LOCAL.size + length
            name = raw[at + _LOCAL.size : begin].decode("ascii")
            members.append((name, raw[begin : begin + size]))
            at = begin + size
    except (struct.error, UnicodeDecodeError) as error:
        raise Malformed("zip") from error
    if pack(members) != raw or len({name for name, _ in members}) != len(members):
        raise Malformed("zip")
    return members
