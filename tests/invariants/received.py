"""What is handed on without an assignment, and comes late to its desk, is said to have come late (D6): by when the centre let it out, as
the world saw it, not by what the centre keeps of it."""

from __future__ import annotations

from models.case import Case, ClockState, StageClock
from models.clock import MINUTE_MS
from tests.invariants.at_rest import AtRest, must
from tests.invariants.history import Entry, History

CERTAIN_MS = 2 * MINUTE_MS
"""An answer under way may cross the one minute from which it is worth a word."""


def received_in_time_or_said(rest: AtRest, history: History) -> None:
    """A clock that ran for minutes before any workstation of its desk was sent the entry that started it, and still ran then, tells
    of its way. What was sent before the centre was put back is left out: it has forgotten of it."""
    sent, whole = _first_sent(rest, history), _snapshots(rest, history)
    for entry in history.entries:
        for clock in _handed_on(entry, history):
            told_ms = sent.get((clock.owner, entry.row.chain))
            if told_ms is None or clock.started_at is None or told_ms - clock.started_at < CERTAIN_MS:
                continue
            if any(entry.row.received_at <= at_ms < told_ms for at_ms in whole.get(clock.owner, ())):
                continue  # it came to the desk with everything else
            case = _as_of(history, entry.after, told_ms)
            then = case.clock(clock.id) if case is not None else None
            is_untold = then is not None and then.state is ClockState.RUNNING and then.handed_on is None
            must(not is_untold, "D6", f"{clock.id} of {entry.row.case_id} came late to {clock.owner} without a word")


def _as_of(history: History, case: Case | None, at_ms: int) -> Case | None:
    """The case as the last entry left it that the centre had by then."""
    states = [(e.after, e.row.received_at) for e in history.entries]
    found = [after for after, at in states if after and case and after.id == case.id and at <= at_ms]
    return found[-1] if found else None


def _first_sent(rest: AtRest, history: History) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for device, served in rest.witness.served.items():
        seat = history.devices.get(device)
        for chain, at_ms in served.items() if seat is not None else ():
            key = (seat.unit, chain)
            found[key] = min(found.get(key, at_ms), at_ms)
    return {key: at_ms for key, at_ms in found.items() if at_ms > rest.witness.put_back_ms}


def _snapshots(rest: AtRest, history: History) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for device, given in rest.witness.snapshots.items():
        seat = history.devices.get(device)
        if seat is not None:
            found.setdefault(seat.unit, []).extend(given)
    return found


def _handed_on(entry: Entry, history: History) -> list[StageClock]:
    """The clocks without an assignment that this act started at another desk."""
    if entry.after is None or entry.row.effect == "null":
        return []
    unit = history.unit_of(entry)
    known = {k.id for k in entry.before.clocks} if entry.before is not None else set()
    fresh = [k for k in entry.after.clocks if k.id not in known and not k.assignment]
    return [k for k in fresh if k.state is ClockState.RUNNING and k.owner != unit]
