"""What the centre has of an act that one about the tray names (models/tray_acts.py)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from district.store.records import Seen
from models.commands import kind_of
from models.tray_acts import AboutTray, CloseEntry, Told
from models.wire import decode_command

CLOSE = kind_of(CloseEntry("", ""))


def told(about: AboutTray, seen: Seen | None, rows: Iterable[Any]) -> Told | None:
    """`seen` is the act it names, if the centre has it; `rows` are the log's about that one, the earliest first."""
    if seen is None:
        return None
    closed = (row for row in rows if row["kind"] == CLOSE and row["outcome"] == "accepted")
    first = next((str(row["cmd_id"]) for row in closed if _is_of(row["body"], about)), "")
    return Told(seen.unit, seen.outcome, seen.code, first)


def _is_of(body: str, about: AboutTray) -> bool:
    """True for a close of the same entry: about the same verdict."""
    close = decode_command(body).args
    return isinstance(close, CloseEntry) and close.verdict == about.verdict
