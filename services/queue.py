"""The case queue: rows of a query by place, true totals, and live figures, straight from the local store (D10, D23)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from models.evidence import counting_bounds
from models.row import CaseRow, at_desk
from models.store import queue_query
from models.store.work import Work
from models.views import QueueCounts, QueueGroup, QueuePage, QueueQuery, QueueRow
from services.desk import Desk


def page(work: Work, desk: Desk, query: QueueQuery, offset: int, limit: int, after: tuple[Any, ...] = ()) -> QueuePage:
    """Rows `offset` … of the query's answer, with its true total. `after` is the last key of the page before, if it is
    known: reading on from there costs the same anywhere, and repeats and skips nothing when rows came or went in
    between. Without it (a jump of the scroll bar) the rows before are counted off: 20–30 ms at 100,000, off the screen's
    thread."""
    found = queue_query.rows(work.connection, query, desk.unit, counting_bounds(work.present()), offset, limit, after)
    seen = _as_seen(work, desk, found.rows)
    rows = tuple(_shown(work, row, row.id in found.unsent, query.group_by_unit) for row in seen)
    unit = work.rules.organisations.get(query.unit or query.station)
    groups = _groups(work, desk, query) if query.group_by_unit else ()
    return QueuePage(query, offset, found.total, rows, groups, unit.name if unit else "", found.last_key)


def in_place(
    work: Work, desk: Desk, query: QueueQuery, ids: Sequence[str]
) -> tuple[tuple[QueueRow, ...], tuple[QueueGroup, ...]]:
    """Some cases of a query's answer as they are now, wherever they would stand now, and the figures of its groups."""
    found, unsent = queue_query.these(work.connection, ids)
    seen = _as_seen(work, desk, found)
    rows = tuple(_shown(work, row, row.id in unsent, query.group_by_unit) for row in seen)
    return rows, _groups(work, desk, query) if query.group_by_unit else ()


def _as_seen(work: Work, desk: Desk, rows: Sequence[CaseRow]) -> list[CaseRow]:
    """A case that has ended was late only with what this desk is shown as late: the light of its row. What has just come to
    the desk is the desk's."""
    asked = [row.id for row in rows if row.any_late and not row.is_open]
    late = queue_query.late_of(work.connection, asked, desk.unit) if asked else frozenset()
    right = (row if row.is_open or row.any_late == (row.id in late) else replace(row, any_late=False) for row in rows)
    return [at_desk(row, desk.unit) for row in right]


def _groups(work: Work, desk: Desk, query: QueueQuery) -> tuple[QueueGroup, ...]:
    """The responsible units of an answer in its order, each with its count and its lights."""
    units = work.rules.organisations
    found = queue_query.groups(work.connection, query, desk.unit, counting_bounds(work.present()))
    return tuple(
        QueueGroup(lead, units[lead].name if lead in units else "", count, reds, yellows)
        for lead, count, reds, yellows in found
    )


def _shown(work: Work, row: CaseRow, unsent: bool, grouped: bool) -> QueueRow:
    rules = work.rules
    names = rules.short_names
    category = rules.categories.get(row.category)
    channel = rules.channels.get(row.channel)
    return QueueRow(
        row=row,
        category_name=category.name if category else "",
        station_name=names.get(row.station, ""),
        lead_name=names.get(row.lead, ""),
        channel_name=channel.name if channel else "",
        next_unit_name=names.get(row.next_unit, ""),
        unsent=unsent,
        group=names.get(row.lead, "") if grouped else "",
    )


def counts(work: Work, desk: Desk) -> QueueCounts:
    """How many cases each chip holds, how the open ones shine and when the next light turns, in one pass."""
    return queue_query.counts(work.connection, desk.unit, *counting_bounds(work.present()))


def locate(work: Work, desk: Desk, query: QueueQuery, case_id: str) -> int | None:
    """At which place of the query's answer a case stands; None when it is not in it."""
    return queue_query.place_of(work.connection, query, desk.unit, counting_bounds(work.present()), case_id)
