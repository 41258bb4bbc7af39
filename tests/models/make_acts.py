"""Writes down one act of every kind as this version makes it: `python -m tests.models.make_acts NAME`, into tests/models/acts.

A file that was committed is never changed: what it says stands in logs and outboxes for ever, and every later version must read
it. A version with a new kind, or a new field, adds a file.
"""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

import msgspec

from models import commands as c
from models.evidence import Anchor, ClaimedTime
from models.wire import GENESIS, PROTOCOL, encode

FOLDER = Path(__file__).parent / "acts"
KINDS: tuple[type[msgspec.Struct], ...] = get_args(c.Args)
AT_MS = 1_795_399_200_000
_PLAIN: dict[Any, Any] = {bool: True, int: 7, float: 0.5}


def acts() -> Iterator[bytes]:
    """Each kind with every field said, and with only those that must be."""
    for kind in KINDS:
        whole = _made(kind, every=True)
        bare = _made(kind, every=False)
        for args in (whole, bare) if whole != bare else (whole,):
            yield encode(_command(args))


def _command(args: Any) -> c.Command:
    time = ClaimedTime(AT_MS, "boot-1", 60_000, Anchor(AT_MS, 50_000, 12, "boot-1"))
    return c.Command(
        v=PROTOCOL, cmd_id="019-act", device="D-1", dseq=3, prev=GENESIS, actor="341002102-clerk-1", unit="341002102",
        subject=c.Subject("case", "019-case"), args=args, time=time, expect=2, session="s", app="0.1.0",
    )  # fmt: skip


def _made(kind: Any, *, every: bool) -> Any:
    hints = get_type_hints(kind)
    required = {f.name for f in msgspec.structs.fields(kind) if f.required}
    return kind(**{name: _value(hints[name], name) for name in hints if name in required or every})


def _value(kind: Any, name: str) -> Any:
    if get_origin(kind) in (Union, types.UnionType):
        return _value(next(part for part in get_args(kind) if part is not type(None)), name)
    if get_origin(kind) is tuple:
        return tuple(_value(part, name) for part in get_args(kind) if part is not Ellipsis)
    if get_origin(kind) is dict:
        return {name: _value(str, name) if get_args(kind)[1] is str else 7}
    if get_origin(kind) is list:
        return [_value(get_args(kind)[0], name)]
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return _made(kind, every=True)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind))
    return _PLAIN.get(kind, f"{name} 甲")


if __name__ == "__main__":
    target = FOLDER / f"{sys.argv[1]}.ndjson"
    if target.exists():
        sys.exit(f"{target.name} was committed: a later version must read it as it is")
    target.write_bytes(b"".join(line + b"\n" for line in acts()))
