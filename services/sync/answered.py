"""What the centre says of acts one is in doubt about, some hundreds at a time (`POST /v1/status`)."""

from __future__ import annotations

from typing import NamedTuple

from models.wire import Reason
from services.sync.line import Line

_AT_ONCE = 500


class Answered(NamedTuple):
    """What became of them, as (id, outcome, reason, place); and what the unit said of those that came to nothing, in the order, as
    the acts' own texts (models/tray_acts.py)."""

    known: list[tuple[str, str, Reason | None, int]]
    said: list[str]


def answered(line: Line, ids: list[str], epochs: set[int]) -> Answered:
    """What it says now; the histories it says so of are added to `epochs`."""
    found = Answered([], [])
    for part in portions(ids):
        status = line.status(part)
        epochs.add(status.epoch)
        found.known.extend(status.known)
        found.said.extend(status.said)
    return found


def portions(ids: list[str]) -> list[list[str]]:
    """As many as one asks about at once."""
    return [ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE)]
