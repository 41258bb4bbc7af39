"""Older cases on demand: asked of the centre, held here for a week (sync.md §3.11)."""

from __future__ import annotations

from models.errors import Refused
from models.retention import FETCHED_FOR_MS
from models.store import confirmed, cursors, past_cases
from models.store.case_table import get_case
from models.store.work import Work
from models.wire import PastCases
from services.cases import replay_on
from services.sync.line import Line


def find(line: Line, words: str) -> PastCases:
    """Ask the centre. Weather; Refused("older_cases_older_centre") by one that cannot look for them yet."""
    try:
        return line.past_cases(words)
    except Refused as error:
        if error.code != "no_such_call":
            raise
        raise Refused("older_cases_older_centre") from error


def take_in(work: Work, unit: str, found: PastCases) -> int | None:
    """Hold what the centre found; returns how many were not here. A case that is here already is as the feed says, unless
    both tell of the same place in it: then it is as the answer says, for it may be one that outlived a snapshot because an
    act waited on it. Whatever comes of the others comes with the whole case.

    None, and nothing is held, when this store has heard later words of the centre than that answer: ask again.
    """
    connection = work.connection
    place = cursors.read(connection, unit)
    if place is None or place.epoch != found.epoch or place.sseq > found.sseq:
        return None
    known = {
        c.id for c in found.cases if get_case(connection, c.id) is not None or confirmed.is_touched(connection, c.id)
    }
    replay_on(work, {c.id: c for c in found.cases if c.id not in known or place.sseq == found.sseq})
    past_cases.hold(connection, [case.id for case in found.cases], found.now_ms + FETCHED_FOR_MS)
    work.commit()
    return len(found.cases) - len(known)
