"""Cases whose end is long past, found by words."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, func, or_, select

from district.store.tables import case_scope
from models.found_by import folded
from models.store.case_table import case_row

_IN = (case_row.c.number, case_row.c.title, case_row.c.place)
_WIDER = ord("！") - ord("!")
"""How far the wide form of a sign of ASCII stands behind it."""


def found(connection: Connection, scope: str, words: Sequence[str], ended_before: int, most: int) -> list[bytes]:
    """The cases of a scope that had ended by then (ms UTC) and in which each word occurs, the last ended first, as they are
    stored."""
    joined = case_row.join(case_scope, case_scope.c.case_id == case_row.c.id)
    wanted = select(case_row.c.id).select_from(joined)
    wanted = wanted.where(case_scope.c.scope == scope, case_row.c.ended_by < ended_before)
    for word in words:
        wanted = wanted.where(or_(*(_has(column, word) for column in _IN)))
    # Which they are first, and only then what is in them: else that would be read of every case with the words.
    which = wanted.order_by(case_row.c.ended_by.desc(), case_row.c.id).limit(most)
    ids = list(connection.execute(which).scalars())
    found = connection.execute(select(case_row.c.id, case_row.c.document).where(case_row.c.id.in_(ids)))
    by_id = {row.id: bytes(row.document) for row in found}
    return [by_id[case_id] for case_id in ids]


def _has(column: ColumnElement[str], word: str) -> ColumnElement[bool]:
    """Whether the word occurs, in whatever width either is written: nothing folded is stored beside these, so what may be
    wide of this word is made narrow where it is read."""
    sought = folded(word)
    narrow: ColumnElement[str] = column
    for sign in sorted({s for s in sought + sought.upper() if "!" <= s <= "~"}):
        narrow = func.replace(narrow, chr(ord(sign) + _WIDER), sign)
    return or_(narrow.icontains(sought, autoescape=True), column.icontains(word, autoescape=True))
