"""The case queue: rows of a query by place, true totals, and live figures, straight from the local store (D10, D23)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, or_, select, tuple_

from models.case import State
from models.clock import DAY_MS, HOUR_MS
from models.evidence import counting_bounds
from models.row import CaseRow
from models.store.case_table import NEVER_MS, ROW_FIELDS, case_row
from models.store.console_tables import case_confirmed
from models.store.search import matches
from models.store.work import Work
from models.views import CHIPS, QueueCounts, QueueGroup, QueuePage, QueueQuery, QueueRow
from services.desk import Desk

_C = case_row.c
EPOCH_DAY = date(1970, 1, 1).toordinal()
_IS_OPEN = _C.is_open.is_(True)
_WITH_UNITS = _C.state.in_((State.DISPATCHED.value, State.HANDLING.value))
_TO_CHECK = _C.state.in_((State.AWAITING_CHECK.value, State.AWAITING_SUBMIT.value))
_UNSENT = _C.id.in_(select(case_confirmed.c.case_id))

NO_RESULT = ("declined", "merged", "void", "transferred_out")
"""Ended without anything having been handled: not counted as 办结."""

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


def _chip(name: str, desk: Desk, now_ms: int) -> ColumnElement[bool]:
    conditions: dict[str, ColumnElement[bool]] = {
        "open": _IS_OPEN,
        "mine": and_(_IS_OPEN, _C.next_unit == desk.unit),
        "to_file": _C.state.in_((State.REPORTED.value, State.AWAITING_REVIEW.value)),
        "to_dispatch": _C.state == State.AWAITING_DISPATCH.value,
        "with_units": _WITH_UNITS,
        "to_check": _TO_CHECK,
        "to_confirm": _C.state == State.AWAITING_CONFIRM.value,
        "overdue": and_(_IS_OPEN, _C.due_at < now_ms),
        "unsent": _UNSENT,
        "closed": _C.is_open.is_(False),
    }
    return conditions[name]


def _where(query: QueueQuery, desk: Desk, now_ms: int) -> ColumnElement[bool]:
    conditions = [_chip(query.chip, desk, now_ms)]
    if query.unit:
        conditions.append(_C.clock_owner == query.unit)
    if query.stage:
        conditions.append(_C.clock_stage == query.stage)
    if query.light == "late":
        conditions.append(_C.any_late.is_(True))
    if query.day:
        start = _midnight(query.day)
        conditions.append(and_(_C.closed_at >= start, _C.closed_at < start + DAY_MS, _C.close_kind.not_in(NO_RESULT)))
    found = matches(query.text)
    if found is not None:
        conditions.append(found)
    return and_(*conditions)


def _midnight(day: str) -> int:
    """The first instant of a local day "YYYY-MM-DD" (Shanghai is UTC+8 all year)."""
    return (date.fromisoformat(day).toordinal() - EPOCH_DAY) * DAY_MS - 8 * HOUR_MS


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


def page(work: Work, desk: Desk, query: QueueQuery, offset: int, limit: int, after: tuple[Any, ...] = ()) -> QueuePage:
    """Rows `offset` … of the query's answer, with its true total. `after` is the last key of the page before, if it is
    known: reading on from there costs the same anywhere, and repeats and skips nothing when rows came or went in
    between. Without it (a jump of the scroll bar) the rows before are counted off: 20–30 ms at 100,000, off the screen's
    thread."""
    where = _where(query, desk, counting_bounds(work.present())[0])
    total = work.connection.execute(select(func.count()).select_from(case_row).where(where)).scalar_one()
    columns = [_C[name] for name in ROW_FIELDS]
    keys = [column for column, _descends in _keys(query)]
    statement: Select[Any] = select(*columns, *keys).order_by(*_order(query)).limit(limit)
    statement = statement.where(where, _beyond(query, after)) if after else statement.where(where).offset(offset)
    raw = work.connection.execute(statement).all()
    found = [CaseRow(*row[: len(columns)]) for row in raw]
    last_key = tuple(raw[-1][len(columns) :]) if raw else ()
    ids = [row.id for row in found]
    touched = select(case_confirmed.c.case_id).where(case_confirmed.c.case_id.in_(ids))
    unsent = set(work.connection.execute(touched).scalars())
    rows = tuple(_shown(work, row, row.id in unsent, query.group_by_unit) for row in found)
    unit = work.rules.organisations.get(query.unit)
    groups = _groups(work, where) if query.group_by_unit else ()
    return QueuePage(query, offset, int(total), rows, groups, unit.name if unit else "", last_key)


def _groups(work: Work, where: ColumnElement[bool]) -> tuple[QueueGroup, ...]:
    """The responsible units of an answer in its order, each with its count and its lights."""
    now_lo, now_hi = counting_bounds(work.present())
    red, yellow = _lights(now_lo, now_hi)
    figures = (func.count(), func.count().filter(red), func.count().filter(yellow))
    statement = select(_C.lead, *figures).where(where).group_by(_C.lead).order_by(_C.lead)
    units = work.rules.organisations
    return tuple(
        QueueGroup(lead, units[lead].name if lead in units else "", count, reds, yellows)
        for lead, count, reds, yellows in work.connection.execute(statement)
    )


def _lights(now_lo: int, now_hi: int) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Surely red; yellow, or possibly so."""
    return (
        and_(_IS_OPEN, _C.due_at < now_lo),
        and_(_IS_OPEN, _C.yellow_at <= now_hi, _C.due_at >= now_hi),
    )


def _shown(work: Work, row: CaseRow, unsent: bool, grouped: bool) -> QueueRow:
    rules = work.rules
    category = rules.categories.get(row.category)
    channel = rules.channels.get(row.channel)

    def name(code: str) -> str:
        unit = rules.organisations.get(code)
        return unit.short_name if unit else ""

    return QueueRow(
        row=row,
        category_name=category.name if category else "",
        station_name=name(row.station),
        lead_name=name(row.lead),
        channel_name=channel.name if channel else "",
        next_unit_name=name(row.next_unit),
        unsent=unsent,
        group=name(row.lead) if grouped else "",
    )


def counts(work: Work, desk: Desk) -> QueueCounts:
    """How many cases each chip holds and how the open ones shine, in one pass."""
    now_lo, now_hi = counting_bounds(work.present())
    chips = [func.count().filter(_chip(name, desk, now_lo)) for name in CHIPS]
    red, yellow = _lights(now_lo, now_hi)
    doubtful = and_(_IS_OPEN, _C.due_at >= now_lo, _C.due_at < now_hi)
    running = and_(_IS_OPEN, _C.due_at.is_not(None))
    lights = [func.count().filter(c) for c in (red, doubtful, yellow, running, _IS_OPEN)]
    row = work.connection.execute(select(*chips, *lights, func.count()).select_from(case_row)).one()
    values = [int(v) for v in row]
    reds, doubtfuls, yellows, all_running, open_cases, everything = values[len(CHIPS) :]
    greens = all_running - reds - doubtfuls - yellows
    figures = (reds, yellows, greens, open_cases, everything, doubtfuls)
    return QueueCounts(dict(zip(CHIPS, values, strict=False)), *figures)


def locate(work: Work, desk: Desk, query: QueueQuery, case_id: str) -> int | None:
    """At which place of the query's answer a case stands; None when it is not in it."""
    number = func.row_number().over(order_by=_order(query)).label("place")
    ranked = select(_C.id, number).where(_where(query, desk, counting_bounds(work.present())[0])).subquery()
    found = work.connection.execute(select(ranked.c.place).where(ranked.c.id == case_id)).scalar()
    return None if found is None else int(found) - 1
