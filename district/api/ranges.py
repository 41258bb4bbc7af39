"""Byte ranges: which part of something is asked for, so that a download cut off goes on where it was."""

from __future__ import annotations

import re

from fastapi import Request

from district.api.answers import Answer

_RANGE = re.compile(r"bytes=(\d{0,12})-(\d{0,12})")


def span_asked(request: Request, size: int) -> tuple[int, int] | None:
    """First and last byte asked for, of `size`; None when the whole is. 416 when there are no such bytes."""
    found = _RANGE.fullmatch(request.headers.get("range", ""))
    if found is None or found[0] == "bytes=-":
        return None
    first, last = _span(found[1], found[2], size)
    if first >= size or last < first:
        raise Answer(416, "no_such_range")
    return first, last


def _span(first: str, last: str, size: int) -> tuple[int, int]:
    if not first:
        return max(0, size - int(last)), size - 1
    return int(first), min(int(last), size - 1) if last else size - 1
