"""How the clocks of an act were judged, as far as this workstation was told: a restored centre judges them anew (decision 0010)."""

from __future__ import annotations

from sqlalchemy import Connection

from models.case import StageClock
from models.recovery import WasClock
from models.store.confirmed import confirmed


def clocks_of(connection: Connection, case_id: str, cmd_id: str) -> dict[str, WasClock]:
    """The clocks, by id, that the act had stopped or ruled on by what the centre last said of its case."""
    case = confirmed(connection, case_id)
    if case is None:
        return {}
    return {clock.id: was_clock(clock) for clock in case.clocks if cmd_id in (clock.stopped_by, clock.ruled_by)}


def was_clock(clock: StageClock) -> WasClock:
    """A clock, as it is told."""
    verdict = clock.verdict.value if clock.verdict is not None else ""
    return WasClock(clock.stage.value, verdict, clock.started_at, clock.due_at)
