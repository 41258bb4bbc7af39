"""What is handed on without an assignment, and comes late to its desk, is said to have come late (D6): by when a workstation of the desk
first asked on from behind it, as the world saw it, not by what the centre keeps of it."""

from __future__ import annotations

from district.store.audit import feed_items
from models.case import Case, ClockState, StageClock
from models.clock import MINUTE_MS
from tests.invariants.at_rest import AtRest, must
from tests.invariants.history import Entry, History

CERTAIN_MS = 2 * MINUTE_MS
"""An answer under way may cross the one minute from which it is worth a word."""

IN_TURN_MS = 10_000
"""A delivery waits for its place in the order."""


def received_in_time_or_said(rest: AtRest, history: History) -> None:
    """A clock that ran for minutes before any workstation of its desk had the entry that started it, and still ran then, tells of
    its way. What had come before the centre was put back is left out: it has forgotten of it."""
    asked = _asked(rest, history)
    with rest.district.reading() as connection:
        places = {(row.scope, row.gseq): row.sseq for row in feed_items(connection)}
    for entry in history.entries:
        for clock in _handed_on(entry, history):
            place = places.get((clock.owner, entry.row.gseq))
            come = [at_ms for at_ms, up_to in asked.get(clock.owner, ()) if place is not None and up_to >= place]
            told_ms = min(come, default=0)
            if told_ms <= rest.witness.put_back_ms or clock.started_at is None:
                continue
            if told_ms - clock.started_at < CERTAIN_MS:
                continue
            case = _as_of(history, entry.after, told_ms + IN_TURN_MS)
            then = case.clock(clock.id) if case is not None else None
            is_untold = then is not None and then.state is ClockState.RUNNING and then.handed_on is None
            must(not is_untold, "D6", f"{clock.id} of {entry.row.case_id} came late to {clock.owner} without a word")


def _as_of(history: History, case: Case | None, at_ms: int) -> Case | None:
    """The case as the last entry left it that the centre had by then."""
    states = [(e.after, e.row.received_at) for e in history.entries]
    found = [after for after, at in states if after and case and after.id == case.id and at <= at_ms]
    return found[-1] if found else None


def _asked(rest: AtRest, history: History) -> dict[str, list[tuple[int, int]]]:
    """When workstations of each unit asked for news, and from where on."""
    found: dict[str, list[tuple[int, int]]] = {}
    for device, asked in rest.witness.asked.items():
        seat = history.devices.get(device)
        if seat is not None:
            found.setdefault(seat.unit, []).extend(asked)
    return found


def _handed_on(entry: Entry, history: History) -> list[StageClock]:
    """The clocks without an assignment that this act started at another desk."""
    if entry.after is None or entry.row.effect == "null":
        return []
    unit = history.unit_of(entry)
    known = {k.id for k in entry.before.clocks} if entry.before is not None else set()
    fresh = [k for k in entry.after.clocks if k.id not in known and not k.assignment]
    return [k for k in fresh if k.state is ClockState.RUNNING and k.owner != unit]
