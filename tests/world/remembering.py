"""What the world writes down outside the centre just before a copy is put back: who is revoked, and how the workstations were told
that their clocks were judged (tests/invariants/outside.py)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, select

from models.recovery import DECIDED
from models.store import carried, confirmed, cursors
from models.store.case_table import case_row
from models.store.console_tables import outbox
from tests.invariants.outside import SURE, Outside, told
from tests.world.centre import WorldCentre
from tests.world.console import WorldConsole

_REVOKED = "SELECT id, revoked_at, revoked_by, revoke_reason FROM device WHERE revoked_at IS NOT NULL"


def remember(centre: WorldCentre, consoles: Sequence[WorldConsole], outside: Outside) -> None:
    """As it is now. What was written down before stays: a later past has no say in how it was in the first."""
    with centre.centre.reading() as connection:
        for name, *was in connection.exec_driver_sql(_REVOKED):
            outside.revoked.setdefault(name, (was[0], was[1], was[2]))
    held: dict[str, set[int]] = defaultdict(set)
    for console in consoles:
        with console.engine.connect().execution_options(read_only=True) as connection:
            place = cursors.read(connection, console.place.unit)
            has_heard = place is not None and place.epoch == centre.epoch()  # of the present past
            if has_heard:
                _clocks(connection, console, outside)
            for cmd_id, gseq in _verdicts(connection):
                held[cmd_id].add(gseq if has_heard else 0)
    for cmd_id, places in held.items():
        if 0 not in places:
            outside.places.setdefault(cmd_id, (centre.epoch(), min(places)))


def _verdicts(connection: Connection) -> Iterator[tuple[str, int]]:
    """Every act that is held here, own or carried, and where its final verdict stands; 0 where none is known."""
    for row in connection.execute(select(outbox.c.cmd_id, outbox.c.outcome, outbox.c.gseq)):
        yield row.cmd_id, row.gseq or 0 if row.outcome in DECIDED else 0
    for act in (act for found in carried.every(connection) for act in found.acts):
        yield act.cmd_id, act.gseq if act.outcome in DECIDED else 0


def _clocks(connection: Connection, console: WorldConsole, outside: Outside) -> None:
    """Those its own acts had stopped, by what the centre last said to it."""
    mine = set(connection.execute(select(outbox.c.cmd_id)).scalars())
    for case_id in connection.execute(select(case_row.c.id)).scalars().all():
        case = confirmed.confirmed(connection, case_id)
        for clock in case.clocks if case is not None else ():
            if clock.stopped_by in mine and clock.verdict in SURE and not clock.ruled_by:
                outside.clocks.setdefault((case_id, clock.id, clock.stopped_by), told(console.name, clock))
