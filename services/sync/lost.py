"""Telling a centre that was put back what acts had come to, own or carried, before they are handed in again (docs/decisions/0010)."""

from __future__ import annotations

from collections.abc import Sequence

from models.errors import Refused
from models.recovery import Was
from services.sync.line import Line

AT_ONCE = 200
"""So many words fit into one call, each with the clocks of its act."""


def tell_lost(line: Line, lost: Sequence[Was]) -> None:
    """The centre decides what it has lost in the order it had; one that is older decides as it comes."""
    try:
        for start in range(0, len(lost), AT_ONCE):
            line.tell_lost(list(lost[start : start + AT_ONCE]))
    except Refused as error:
        if error.code != "no_such_call":
            raise
