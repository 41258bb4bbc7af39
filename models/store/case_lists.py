"""Lists of cases and figures over them, each asked by one screen or desk: the questions, not what is made of the answers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, func, or_, select

from models.case import Case, State
from models.row import CaseRow
from models.store.case_table import ROW_FIELDS, case_row
from models.store.narrowing import is_asked, is_next_of, lights
from models.store.search import matches
from models.wire import decode_case

_C = case_row.c
_IS_OPEN = _C.is_open.is_(True)
_AT_ONCE = 500
"""Ids in one question: SQLite has a limit on what can be bound."""


def _cases(connection: Connection, query: Select[Any]) -> Iterator[Case]:
    return (decode_case(bytes(body)) for body in connection.execute(query).scalars())


def open_cases(connection: Connection) -> Iterator[Case]:
    """Every open case."""
    return _cases(connection, select(_C.document).where(_IS_OPEN))


def over_with_a_duty(connection: Connection, unit: str) -> Iterator[Case]:
    """Cases that are over, in which a word typed for the unit still waits for its 追认, or somebody's photograph is owed."""
    to_ratify = and_(_C.next_code == "case.ratify", _C.next_unit == unit)
    owed = and_(_C.is_open.is_(False), _C.evidence_owed.is_(True))
    return _cases(connection, select(_C.document).where(or_(to_ratify, owed)))


def open_of(connection: Connection, case_ids: Sequence[str]) -> Iterator[Case]:
    """Those of the cases that are open, or over and still wait for an answer."""
    for start in range(0, len(case_ids), _AT_ONCE):
        wanted = _C.id.in_(case_ids[start : start + _AT_ONCE])
        yield from _cases(connection, select(_C.document).where(wanted, or_(_IS_OPEN, is_asked())))


def open_or_closed_since(connection: Connection, since_ms: int) -> Iterator[Case]:
    """Every open case, and those closed at or after an instant."""
    return _cases(connection, select(_C.document).where(or_(_C.closed_at >= since_ms, _IS_OPEN)))


def that_may_turn(connection: Connection, unit: str, now_ms: int, until_ms: int, limit: int) -> list[Case]:
    """Open cases in which a clock has turned or will by `until_ms`, that have co-handlers, or whose next move is the unit's; and
    those, over or not, in which somebody is asked. At most `limit`: those whose colour is still to change first."""
    may = or_(_C.yellow_at <= until_ms, _C.due_at <= until_ms, is_next_of(unit), _C.co_count > 0)
    still_to_change = case((or_(_C.yellow_at > now_ms, _C.due_at >= now_ms), 0), else_=1)
    query = (
        select(_C.document)
        .where(or_(and_(_IS_OPEN, may), is_asked()))
        .order_by(still_to_change, _C.due_sort.desc())
        .limit(limit)
    )
    return list(_cases(connection, query))


def about_station(connection: Connection, station: str, elsewhere: bool, most: int) -> Iterator[Case]:
    """Open cases of the station's place or in its hands; `elsewhere` adds, behind them, all that wait to be dispatched. In
    each part those that wait first, then by what is due."""
    waiting = _C.state == State.AWAITING_DISPATCH.value
    here = or_(_C.station == station, _C.lead == station)
    query = (
        select(_C.document)
        .where(_IS_OPEN, or_(here, waiting) if elsewhere else here)
        .order_by(here.desc(), waiting.desc(), _C.due_sort, _C.id)
        .limit(most)
    )
    return _cases(connection, query)


def station_loads(connection: Connection, now_lo: int, now_hi: int) -> dict[str, tuple[int, ...]]:
    """Open cases of each station's place, how many of them are red and yellow, and of these by the station's own clock."""
    own = _C.clock_owner == _C.station
    by_light = lights(now_lo, now_hi)
    shining = (by_light["red"], by_light["yellow"])
    figures = [func.count().filter(light) for light in (*shining, *(and_(own, light) for light in shining))]
    query = select(_C.station, func.count(), *figures).where(_IS_OPEN).group_by(_C.station)
    return {str(row[0]): tuple(int(figure) for figure in row[1:]) for row in connection.execute(query)}


def first_clocks(connection: Connection) -> Sequence[Row[str, str, int | None, int | None, bool]]:
    """Owner, stage, yellow_at, due_at and whether that is 暂定, of the clock due first in each open case."""
    columns = (_C.clock_owner, _C.clock_stage, _C.yellow_at, _C.due_at, _C.clock_provisional)
    return connection.execute(select(*columns).where(_IS_OPEN, _C.clock_stage != "")).all()


def turning_between(connection: Connection, from_ms: int, until_ms: int) -> Iterator[Case]:
    """Open cases in which a running clock turns colour between two instants."""
    near = or_(_C.yellow_at.between(from_ms, until_ms), _C.due_at.between(from_ms, until_ms))
    return _cases(connection, select(_C.document).where(_IS_OPEN, _C.paused.is_(False), near))


def leads_of_alike(connection: Connection, of: Case, since_ms: int) -> Iterator[str]:
    """The lead of every other case of this category and town reported since an instant that has one."""
    query = select(_C.lead).where(
        _C.category == of.category, _C.reported_at >= since_ms, _C.town == of.town, _C.lead != "", _C.id != of.id
    )
    return (str(lead) for lead in connection.execute(query).scalars())


def open_of_town(connection: Connection, of: Case, since_ms: int) -> list[CaseRow]:
    """Other open cases of the case's town reported since an instant."""
    return _rows(connection, _IS_OPEN, _C.town == of.town, _C.id != of.id, _C.reported_at >= since_ms)


def found_by_words(connection: Connection, text: str, besides: str) -> list[CaseRow]:
    """Other cases in which all the words typed occur; none when nothing was typed."""
    found = matches(text)
    return [] if found is None else _rows(connection, found, _C.id != besides)


def _rows(connection: Connection, *conditions: ColumnElement[bool]) -> list[CaseRow]:
    columns: list[Any] = [_C[name] for name in ROW_FIELDS]
    return [CaseRow(*row) for row in connection.execute(select(*columns).where(*conditions))]
