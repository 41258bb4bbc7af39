"""Bodies on the line, smaller: Zstandard (RFC 8878) at level 3, which takes less time than the line saves (sync.md §3.9)."""

from __future__ import annotations

import sys

from models.errors import Refused
from models.wire import Malformed

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ENCODING = "zstd"
"""How it is called in Content-Encoding and Accept-Encoding."""

WORTH_BYTES = 1_000
"""Below this a body is sent as it is."""

_TEXT = ("application/json", "application/x-ndjson")

_LEVEL = 3


def is_worth(media_type: str, body: bytes) -> bool:
    """True for text of ours that is long enough."""
    return media_type.partition(";")[0] in _TEXT and len(body) >= WORTH_BYTES


def compressed(body: bytes) -> bytes:
    """The body, compressed."""
    return bytes(zstd.compress(body, _LEVEL))


def plain(body: bytes, limit: int) -> bytes:
    """What was compressed. Malformed when it is no whole Zstandard frame; Refused("too_large") for more than `limit` bytes:
    a few kilobytes may claim to be gigabytes, and no more than that is ever made of them."""
    reader = zstd.ZstdDecompressor()
    try:
        found = bytes(reader.decompress(body, max_length=limit + 1))
    except zstd.ZstdError as error:
        raise Malformed("zstd") from error
    if len(found) > limit:
        raise Refused("too_large")
    if not reader.eof or reader.unused_data:
        raise Malformed("zstd")
    return found
