"""撤销 where it comes too late: tried after the centre was put back, of what had taken effect before; and a moment after the act,
when the centre has it already and its answer has not come (docs/sync.md, Undo)."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import select

from models.clock import HOUR_MS, MINUTE_MS
from models.recovery import DECIDED, EFFECTIVE
from models.store import outbox
from models.store.console_tables import outbox as table
from models.store.work import Work
from tests.invariants.at_rest import must
from tests.world.console import WorldConsole
from tests.world.faults import Faults
from tests.world.hub import Hub
from tests.world.witness import Witness

_STANDING = (
    select(table.c.cmd_id, table.c.actor, table.c.case_id, table.c.state)
    .where(table.c.retracted.is_(False), table.c.kind != outbox.RETRACT)
    .order_by(table.c.dseq)
)
_MOST_RESTORES = 3
"""Some worlds put the centre back thirty times; after so many nobody tries any more."""


class Act(NamedTuple):
    """One that stands at a workstation; `waits`: it is not handed in, or not any more."""

    cmd_id: str
    actor: str
    case_id: str
    waits: bool


class Repentant:
    """Whoever would rather not have done it."""

    def __init__(
        self, hub: Hub, chance: random.Random, faults: Faults, witness: Witness, consoles: list[WorldConsole]
    ) -> None:
        self._hub, self._chance, self._faults, self._witness = hub, chance, faults, witness
        self._consoles = consoles
        self._restores = 0

    def before_put_back(self) -> None:
        """What the workstations know of their acts now is written down. Some of them will hear of the new history and get no
        act through for a while; then, and long afterwards, people try to undo what had taken effect."""
        if not self._faults.late_undos:
            return
        for console in self._consoles:
            self._witness.put_back(_decided(console.file))
        self._restores += 1
        if self._restores > _MOST_RESTORES:
            return
        for console in self._consoles:
            if self._chance.random() < 0.4:
                until = self._hub.now_ms + self._chance.randrange(5 * MINUTE_MS, 60 * MINUTE_MS)
                console.cable.hands_in_nothing_until_ms = until
        for _ in range(2 * self._faults.late_undos):
            longest = self._chance.choice((40 * MINUTE_MS, 4 * HOUR_MS))
            self._hub.after(self._chance.randrange(MINUTE_MS, longest), self._tries)

    def in_haste(self, acts_at: Callable[[WorldConsole], None]) -> None:
        """Somebody acts, and takes it back before the centre's answer is there."""
        up = [console for console in self._consoles if console.is_up and not console.is_falling]
        if up:
            console = self._chance.choice(up)
            acts_at(console)
            self._hub.after(self._chance.choice((60, 150, 400, 3_000)), partial(self._newest, console))

    def _newest(self, console: WorldConsole) -> None:
        found = [act for act in self._acts_of(console) if act.waits]
        if found and console.undo(found[-1].actor, found[-1].case_id):
            self._faults.played["undone in haste"] += 1

    def _tries(self) -> None:
        """Whoever has such an act, preferably one that waits to be handed in again. Nobody may be told that it is undone."""
        decided, made = self._witness.decided, self._witness.made
        devices = {made[cmd_id].device for cmd_id, outcome in decided.items() if outcome in EFFECTIVE}
        having = [console for console in self._consoles if not devices.isdisjoint(console.devices)]
        mine = [(console, act) for console in having for act in self._undoable(console)]
        waits = [(console, act) for console, act in mine if act.waits]
        if not mine:
            return
        console, act = self._chance.choice(waits or mine)
        self._faults.played["undo tried of what had taken effect"] += 1
        undone = console.undo(act.actor, act.case_id)
        must(
            not undone,
            "D3",
            f"{console.name}: {act.cmd_id} had taken effect before the centre was put back, and is undone",
        )

    def _undoable(self, console: WorldConsole) -> list[Act]:
        """The last act of everybody on each case, where that had taken effect."""
        last = {(act.actor, act.case_id): act for act in self._acts_of(console)}
        return [act for act in last.values() if self._witness.decided.get(act.cmd_id) in EFFECTIVE]

    def _acts_of(self, console: WorldConsole) -> list[Act]:
        if not console.is_up or console.is_falling or console.rules is None:
            return []

        def read(work: Work) -> list[Any]:
            return list(work.connection.execute(_STANDING))

        return [Act(r.cmd_id, r.actor, r.case_id, r.state == outbox.PENDING) for r in console.database(read)]


def _decided(file: Path) -> dict[str, str]:
    """By act: what its workstation knows of it, whether its program runs or not."""
    with closing(sqlite3.connect(file)) as connection:
        rows = connection.execute("SELECT cmd_id, outcome FROM outbox WHERE state = ?", (outbox.SETTLED,))
        return {str(cmd_id): str(outcome) for cmd_id, outcome in rows if outcome in DECIDED}
