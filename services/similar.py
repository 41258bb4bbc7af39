"""Cases that may be the same problem: for 并案 and for the line in the panel. Asked of the local store only."""

from __future__ import annotations

import re

from models.case import Case
from models.clock import DAY_MS
from models.found_by import folded
from models.row import CaseRow
from models.store.case_lists import found_by_words, open_of_town
from models.store.work import Work
from models.views import CaseBrief

WINDOW_DAYS = 30
MOST_FOUND = 20
SHORTEST_PLACE = 3
"""Characters a place must have to be the same place because one contains the other: 路口 alone is everywhere."""

_NOT_OF_A_PLACE = re.compile(r"[\s,.;:()\-,。;:、()·]+")


def similar(work: Work, case: Case) -> tuple[CaseBrief, ...]:
    """Other open cases of the town, reported within 30 days of now: of the same category and station, or of the same
    place in words; the same place first, then the youngest first."""
    since = work.present().shown_at - WINDOW_DAYS * DAY_MS
    rows = open_of_town(work.connection, case, since)
    near = [(same_place(row.place, case.place), row) for row in rows]
    alike = [(here, row) for here, row in near if here or _same_kind(row, case)]
    alike.sort(key=lambda found: (not found[0], -found[1].reported_at))
    return tuple(brief(work, row) for _here, row in alike)


def _same_kind(row: CaseRow, case: Case) -> bool:
    return bool(case.station) and row.station == case.station and row.category == case.category


def same_place(one: str, other: str) -> bool:
    """True when two places are the same words, or one says the other more exactly."""
    a, b = (_NOT_OF_A_PLACE.sub("", text) for text in (one, other))
    if not a or not b:
        return False
    return a == b or (min(len(a), len(b)) >= SHORTEST_PLACE and (a in b or b in a))


def find_cases(work: Work, text: str, besides: str) -> tuple[CaseBrief, ...]:
    """Other cases found by number, by the last digits of it, or by words of place, matter or unit: open ones first, those
    whose number ends as typed before the rest, then the youngest. At most 20."""
    rows = found_by_words(work.connection, text, besides)
    tail = folded(text).strip()
    rows.sort(key=lambda row: (not row.is_open, not folded(row.number).endswith(tail), -row.reported_at))
    return tuple(brief(work, row) for row in rows[:MOST_FOUND])


def brief(work: Work, row: CaseRow) -> CaseBrief:
    """A case in one line."""
    category = work.rules.categories.get(row.category)
    station = work.rules.organisations.get(row.station)
    return CaseBrief(
        id=row.id,
        number=row.number,
        title=row.title,
        place=row.place,
        category_name=category.name if category else "",
        station_name=station.short_name if station else "",
        state=row.state,
        is_open=row.is_open,
        reported_at=row.reported_at,
    )
