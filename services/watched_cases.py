"""What alarms must know of the cases, read from the store: those that may turn colour soon, or those that changed.

`case_row` carries one due time and the earliest yellow of a case; a case has more clocks than that, so the rows only say
which cases may matter (their `yellow_at` is before every instant a clock of theirs can turn), and the case itself the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec
from sqlalchemy import and_, case, or_, select

from models.case import Case, StageClock
from models.clock import HOUR_MS
from models.evidence import Moment
from models.row import next_step, running
from models.rules import Rules
from models.store.case_table import case_row
from models.store.work import Work
from models.wire import decode_case
from services import queue
from services.alarms import WatchedCase, WatchedClock
from services.desk import Desk

HORIZON_MS = 12 * HOUR_MS
LIMIT = 20_000
"""More open cases than any desk has. Of more, those whose colour is still to change are read first."""

_AT_ONCE = 500
_C = case_row.c


class Seen(msgspec.Struct, frozen=True):
    """An answer. `now`: the present when it was read. `whole`: no case was left out for the limit.

    `figures`: red, yellow, and the own moves, of all open cases; only of the first look.
    """

    cases: tuple[WatchedCase, ...]
    now: Moment
    horizon_ms: int
    whole: bool = True
    figures: tuple[int, int, int] = (0, 0, 0)


def all_that_may_turn(work: Work, desk: Desk, first: bool = False) -> Seen:
    """Every open case in which something has turned or will within the horizon, or that waits for this desk."""
    now = work.present()
    horizon_ms = now.lo + HORIZON_MS
    may = or_(_C.yellow_at <= horizon_ms, _C.due_at <= horizon_ms, _C.next_unit == desk.unit, _C.co_count > 0)
    still_to_change = case((or_(_C.yellow_at > now.lo, _C.due_at >= now.lo), 0), else_=1)
    wanted = and_(_C.is_open.is_(True), may)
    query = select(_C.document).where(wanted).order_by(still_to_change, _C.due_sort.desc()).limit(LIMIT + 1)
    bodies = work.connection.execute(query).scalars().all()
    counted = queue.counts(work, desk) if first else None
    return Seen(
        tuple(_watched(work.rules, desk, bodies[:LIMIT])),
        now,
        horizon_ms,
        len(bodies) <= LIMIT,
        (counted.red, counted.yellow, counted.chips["mine"]) if counted else (0, 0, 0),
    )


def these(work: Work, desk: Desk, case_ids: frozenset[str]) -> Seen:
    """Those of the cases that are open."""
    ids = sorted(case_ids)
    found: list[WatchedCase] = []
    for start in range(0, len(ids), _AT_ONCE):
        query = select(_C.document).where(_C.id.in_(ids[start : start + _AT_ONCE]), _C.is_open.is_(True))
        found += _watched(work.rules, desk, work.connection.execute(query).scalars())
    return Seen(tuple(found), work.present(), 0)


def _watched(rules: Rules, desk: Desk, bodies: Iterable[bytes]) -> Iterator[WatchedCase]:
    for body in bodies:
        found = decode_case(bytes(body))
        yield WatchedCase(
            found.id,
            found.title,
            found.place,
            found.emergency,
            _has_arrived(found, desk.unit),
            tuple(_clock(rules, desk, clock) for clock in running(found)),
        )


def _clock(rules: Rules, desk: Desk, clock: StageClock) -> WatchedClock:
    name, own = _name(rules, clock.owner), clock.owner == desk.unit
    return WatchedClock(clock.id, clock.stage.value, name, own, clock.yellow_at, clock.due_at)


def _name(rules: Rules, unit: str) -> str:
    found = rules.organisations.get(unit)
    return found.short_name if found else unit


def _has_arrived(found: Case, unit: str) -> bool:
    """True while the unit owes a move, as lead, co-handler, station or town, and nobody of it has acted on the case."""
    asked = next_step(found).unit == unit or any(
        given.receiver == unit and not given.ended and given.handled_at is None
        and (given.delivered_at is not None or given.notified_at is not None)
        for given in found.assignments
    )  # fmt: skip
    acted = any(step.unit == unit for step in found.history if step.kind != "case.deliver")
    return asked and not acted and found.reporter_unit != unit
