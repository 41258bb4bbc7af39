"""The case queue asked of the store: what a query means, its order, pages read on from a key, and figures in one pass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, func, or_, select, true, tuple_

from models.case import State
from models.retention import NEVER_MS
from models.row import CaseRow
from models.store import narrowing
from models.store.case_table import ROW_FIELDS, case_row
from models.store.console_tables import case_confirmed
from models.store.search import matches
from models.views import CHIPS, QueueCounts, QueueQuery

_C = case_row.c
_IS_OPEN = _C.is_open.is_(True)
_UNSENT = _C.id.in_(select(case_confirmed.c.case_id))

_WIDTH = len(ROW_FIELDS)
_ROWS: Select[Any] = select(*(_C[name] for name in ROW_FIELDS), _UNSENT)
"""Said once: to build forty columns anew costs as much as to read a page."""
_COUNT = select(func.count()).select_from(case_row)

_SORTS: dict[str, ColumnElement[Any]] = {
    "due": _C.due_sort,
    "stage": _C.clock_stage,
    "title": _C.title,
    "station": _C.station,
    "lead": _C.lead,
    "channel": _C.channel,
    "number": _C.number,
    "reported": _C.reported_at,
    "next": _C.next_unit,
}


Bounds = tuple[int, int]
"""Between which instants the present lies (ms UTC)."""


class FoundRows(msgspec.Struct, frozen=True):
    """Part of a query's answer. `total`: of the whole answer. `unsent`: ids of those rows with own acts on top.
    `last_key`: where the next page reads on."""

    total: int
    rows: tuple[CaseRow, ...]
    unsent: frozenset[str]
    last_key: tuple[Any, ...]


_CHIPS: dict[str, ColumnElement[bool]] = {
    "open": _IS_OPEN,
    "to_file": _C.state.in_((State.REPORTED.value, State.AWAITING_REVIEW.value)),
    "to_dispatch": _C.state == State.AWAITING_DISPATCH.value,
    "with_units": _C.state.in_((State.DISPATCHED.value, State.HANDLING.value)),
    "to_check": _C.state.in_((State.AWAITING_CHECK.value, State.AWAITING_SUBMIT.value)),
    "to_confirm": _C.state == State.AWAITING_CONFIRM.value,
    "doubtful": _C.any_doubtful.is_(True),
    "evidence_owed": _C.evidence_owed.is_(True),
    "unsent": _UNSENT,
    "closed": _C.is_open.is_(False),
    "all": true(),
}
"""Chips that ask neither who looks nor when."""


def _chip(name: str, unit: str, now_ms: int) -> ColumnElement[bool]:
    if name == "mine":
        return narrowing.is_next_of(unit)
    if name == "suspended":
        return and_(_IS_OPEN, _C.suspended_until > now_ms)
    if name == "overdue":
        return narrowing.is_red(now_ms)
    return _CHIPS[name]


def _where(connection: Connection, query: QueueQuery, unit: str, now: Bounds) -> ColumnElement[bool]:
    found = matches(query.text)
    return and_(
        _chip(query.chip, unit, now[0]),
        *narrowing.conditions(connection, query, unit, *now),
        *(() if found is None else (found,)),
    )


def _keys(query: QueueQuery) -> list[tuple[ColumnElement[Any], bool]]:
    """What an answer is ordered by, each with whether it descends; the last one is never equal for two cases."""
    column = _SORTS[query.sort]
    if query.sort == "due" and query.chip == "closed":
        column = case((_C.closed_at.is_(None), NEVER_MS), else_=-_C.closed_at)
    by: list[tuple[ColumnElement[Any], bool]] = [(column, query.descending)]
    if query.group_by_unit:
        by.insert(0, (_C.lead, False))
    if query.sort != "due":
        by.append((_C.due_sort, False))
    return [*by, (_C.id, False)]


def _order(query: QueueQuery) -> list[ColumnElement[Any]]:
    return [column.desc() if descends else column.asc() for column, descends in _keys(query)]


def _beyond(query: QueueQuery, key: tuple[Any, ...]) -> ColumnElement[bool]:
    """What stands behind a key in the query's order. Where every column ascends, an index begins right there; else the
    bound on the first column lets it begin near."""
    keys = _keys(query)
    if not any(down for _column, down in keys):
        return tuple_(*(column for column, _down in keys)) > tuple_(*key)
    first, descends = keys[0]
    same: list[ColumnElement[bool]] = []
    steps: list[ColumnElement[bool]] = []
    for (column, down), value in zip(keys, key, strict=True):
        steps.append(and_(*same, column < value if down else column > value))
        same.append(column == value)
    return and_(first <= key[0] if descends else first >= key[0], or_(*steps))


def rows(
    connection: Connection, query: QueueQuery, unit: str, now: Bounds, offset: int, limit: int, after: tuple[Any, ...]
) -> FoundRows:
    """Rows `offset` … of the answer for a desk of `unit`; behind the key `after` instead, when that is not empty."""
    where = _where(connection, query, unit, now)
    total = connection.execute(_COUNT.where(where)).scalar_one()
    keys = [column for column, _descends in _keys(query)]
    statement = _ROWS.add_columns(*keys).order_by(*_order(query)).limit(limit)
    statement = statement.where(where, _beyond(query, after)) if after else statement.where(where).offset(offset)
    raw = connection.execute(statement).all()
    found, unsent = _read(raw)
    return FoundRows(int(total), found, unsent, tuple(raw[-1][_WIDTH + 1 :]) if raw else ())


def these(connection: Connection, ids: Sequence[str]) -> tuple[tuple[CaseRow, ...], frozenset[str]]:
    """The rows of some cases, and the ids of those with own acts on top."""
    return _read(connection.execute(_ROWS.where(_C.id.in_(ids))).all())


def late_of(connection: Connection, ids: Sequence[str], unit: str) -> frozenset[str]:
    """Those of some cases that were late for a desk of `unit`."""
    return frozenset(narrowing.late_among(connection, _C.id.in_(ids), unit))


def _read(raw: Sequence[Row[Any]]) -> tuple[tuple[CaseRow, ...], frozenset[str]]:
    """The rows of a page, and the ids of those with own acts on top."""
    return tuple(CaseRow(*row[:_WIDTH]) for row in raw), frozenset(row.id for row in raw if row[_WIDTH])


def groups(connection: Connection, query: QueueQuery, unit: str, now: Bounds) -> Sequence[Row[str, int, int, int]]:
    """Lead, count, red and yellow (or possibly so) of each responsible unit of the answer, by the unit's code."""
    by_light = narrowing.lights(*now)
    figures = (func.count(), *(func.count().filter(by_light[light]) for light in ("red", "yellow")))
    where = _where(connection, query, unit, now)
    return connection.execute(select(_C.lead, *figures).where(where).group_by(_C.lead).order_by(_C.lead)).all()


def counts(connection: Connection, unit: str, now_lo: int, now_hi: int) -> QueueCounts:
    """How many cases each chip holds for a desk of `unit`, how the open ones shine and when the next light turns, in one
    pass."""
    chips = [func.count().filter(_chip(name, unit, now_lo)) for name in CHIPS]
    by_light = narrowing.lights(now_lo, now_hi)
    shining = [func.count().filter(by_light[light]) for light in ("red", "yellow", "green", "doubtful")]
    wholes = (func.count().filter(_IS_OPEN), func.count())
    turns = [
        func.min(case((and_(_IS_OPEN, _C.yellow_at > now_hi), _C.yellow_at))),
        func.min(case((and_(_IS_OPEN, _C.due_at >= now_hi), _C.due_at + 1))),
        func.min(case((and_(_IS_OPEN, _C.suspended_until > now_lo), _C.suspended_until + 1))),
    ]
    row = connection.execute(select(*turns, *chips, *shining, *wholes).select_from(case_row)).one()
    next_change_at = min((int(at) for at in row[: len(turns)] if at is not None), default=None)
    values = [int(v) for v in row[len(turns) :]]
    reds, yellows, greens, doubtfuls, open_cases, everything = values[len(CHIPS) :]
    figures = (reds, yellows, greens, open_cases, everything, doubtfuls, next_change_at)
    return QueueCounts(dict(zip(CHIPS, values, strict=False)), *figures)


def place_of(connection: Connection, query: QueueQuery, unit: str, now: Bounds, case_id: str) -> int | None:
    """At which place of the answer a case stands, from 0; None when it is not in it."""
    number = func.row_number().over(order_by=_order(query)).label("place")
    ranked = select(_C.id, number).where(_where(connection, query, unit, now)).subquery()
    found = connection.execute(select(ranked.c.place).where(ranked.c.id == case_id)).scalar()
    return None if found is None else int(found) - 1
