"""What alarms must know of the cases, read from the store: those that may turn colour soon, or those that changed.

`case_row` carries one due time and the earliest yellow of a case; a case has more clocks than that, so the rows only say
which cases may matter (their `yellow_at` is before every instant a clock of theirs can turn), and the case itself the rest.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from models.case import Case, RequestKind, StageClock
from models.clock import HOUR_MS
from models.decide import allowed
from models.decide.desks import to_answer
from models.evidence import Moment
from models.moves import MOVES, OF_THE_CENTRE
from models.policy import Stage
from models.row import next_step, running
from models.rules import Rules
from models.stage_clock import is_unfinished
from models.store.case_lists import open_of, that_may_turn
from models.store.work import Work
from services import queue
from services.alarms import WatchedCase, WatchedClock
from services.desk import Desk

HORIZON_MS = 12 * HOUR_MS
LIMIT = 20_000
"""More open cases than any desk has. Of more, those whose colour is still to change are read first."""


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
    found = that_may_turn(work.connection, desk.unit, now.lo, horizon_ms, LIMIT + 1)
    counted = queue.counts(work, desk) if first else None
    return Seen(
        _watched(work.rules, desk, found[:LIMIT], now.lo),
        now,
        horizon_ms,
        len(found) <= LIMIT,
        (counted.red, counted.yellow, counted.chips["mine"]) if counted else (0, 0, 0),
    )


def these(work: Work, desk: Desk, case_ids: frozenset[str]) -> Seen:
    """Those of the cases that are open."""
    found = open_of(work.connection, sorted(case_ids))
    now = work.present()
    return Seen(_watched(work.rules, desk, found, now.lo), now, 0)


def _watched(rules: Rules, desk: Desk, cases: Iterable[Case], now_ms: int) -> tuple[WatchedCase, ...]:
    return tuple(
        WatchedCase(
            found.id,
            found.title,
            found.place,
            found.emergency,
            _has_arrived(found, desk.unit),
            tuple(_clock(rules, desk, clock) for clock in running(found)),
            *_asked(rules, desk, found, now_ms),
            number=found.number,
            ten_minutes=any(_is_to_dispatch(desk, clock) for clock in found.clocks),
        )
        for found in cases
    )


_ANSWER = "case.answer_"
ANSWERS = frozenset(kind for kind in MOVES if kind.startswith(_ANSWER))


def _asked(rules: Rules, desk: Desk, found: Case, now_ms: int) -> tuple[str, str]:
    """The request that waits for this desk and that this person may answer, and the act that answers it; a notice for
    nobody else here."""
    actor = desk.actor(rules)
    if actor is None or not any(request.granted is None for request in found.requests):
        return "", ""
    void = found.open_request(RequestKind.VOID)
    for kind in (kind for kind in allowed(found, actor, rules, now_ms) if kind in ANSWERS):
        if kind == "case.answer_void" and (void is None or void.to != desk.unit):
            continue  # the district may, but somebody of the town was asked
        return to_answer(found, desk.unit, RequestKind(kind.removeprefix(_ANSWER)))[0].id, kind
    return "", ""


def _clock(rules: Rules, desk: Desk, clock: StageClock) -> WatchedClock:
    name, own = _name(rules, clock.owner), clock.owner == desk.unit
    return WatchedClock(clock.id, clock.stage.value, name, own, clock.yellow_at, clock.due_at, clock.provisional)


def _is_to_dispatch(desk: Desk, clock: StageClock) -> bool:
    return clock.owner == desk.unit and clock.stage is Stage.DISPATCH and is_unfinished(clock)


def _name(rules: Rules, unit: str) -> str:
    found = rules.organisations.get(unit)
    return found.short_name if found else unit


def _has_arrived(found: Case, unit: str) -> bool:
    """True while the unit owes a move, as lead, co-handler, station or town, and nobody of it has acted on the case. What
    was given to it has come if it is here: that the centre knows it is no matter of this desk's."""
    step = next_step(found)
    asked = (step.unit == unit and step.code not in ANSWERS) or any(
        given.receiver == unit and not given.ended and given.handled_at is None for given in found.assignments
    )
    acted = any(step.unit == unit for step in found.history if step.kind not in OF_THE_CENTRE)
    return asked and not acted and found.reporter_unit != unit
