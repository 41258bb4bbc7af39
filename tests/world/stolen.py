"""A workstation is stolen and revoked, another person declines what it hands in then; and shortly after the centre is put back to a
copy that knows nothing of all that (docs/decisions/0010). It is never let in again."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

from sqlalchemy import select

from district import devices, review
from models.clock import MINUTE_MS
from models.errors import Refused
from models.store.console_tables import outbox
from services.sync import machine
from tests.district.parties import OPERATOR
from tests.world.centre import Fallen, WorldCentre
from tests.world.console import WorldConsole
from tests.world.faults import Faults
from tests.world.hub import Hub
from tests.world.reviewing import ANOTHER_OPERATOR
from tests.world.witness import Witness

WHY = "stolen"
_LASTS_MS = 110 * MINUTE_MS
"""From the theft to the copy that is put back, at most."""


class Nobody:
    """Who answers when a thief calls."""

    def called(self, console: WorldConsole) -> None:
        """No code is read out to him."""


class Thieves:
    """`consoles`: those of the world; one that is stolen is no more among them, and runs on. `chance` is its own: a world without a
    theft is the world it was."""

    def __init__(
        self, hub: Hub, chance: random.Random, faults: Faults, witness: Witness, centre: WorldCentre,
        consoles: list[WorldConsole], acts_at: Callable[[WorldConsole], None],
    ) -> None:  # fmt: skip
        self._hub, self._chance, self._faults, self._witness = hub, chance, faults, witness
        self._centre, self._consoles, self._acts_at = centre, consoles, acts_at
        self.thefts = faults.thefts or chance.choice((0, 0, 0, 0, 1))
        self.stolen: list[WorldConsole] = []

    def begin(self, end_ms: int) -> None:
        """So many in this world, which people leave at that instant."""
        length = end_ms - self._hub.now_ms - _LASTS_MS
        for _ in range(self.thefts if length > 0 else 0):
            self._hub.after(int(length * self._chance.random()), self._steal)

    def _steal(self) -> None:
        able = [c for c in self._consoles if c.is_up and not c.is_falling and c.rules is not None and not c.is_stopped]
        if self._centre.app is None or len(able) < 4:
            return
        console = self._chance.choice(able)
        self._centre.copy()
        self._faults.played["workstation stolen"] += 1
        self._consoles.remove(console)
        self.stolen.append(console)
        console.operators = Nobody()
        for_ms = self._chance.randrange(20 * MINUTE_MS, 50 * MINUTE_MS)
        console.cable.cut(for_ms)
        for _ in range(8):
            self._hub.after(self._chance.randrange(for_ms), partial(self._acts_at, console))
        self._hub.after(for_ms // 2, partial(self._revoke, console.place.device))
        self._hub.after(for_ms + 20 * MINUTE_MS, partial(self._decline, console.place.device))
        back = self._centre.aim if self._chance.random() < 0.3 else self._centre.put_copy_back
        self._hub.after(for_ms + self._chance.randrange(25 * MINUTE_MS, 60 * MINUTE_MS), back)

    def _revoke(self, device: str) -> None:
        centre = self._centre
        try:
            if centre.app is None:
                raise Fallen
            with centre.centre.writing() as connection:
                is_new = devices.revoke(connection, device, OPERATOR, WHY, now := centre.clock.wall_ms())
        except Fallen:
            centre.crash(MINUTE_MS)
            self._hub.after(2 * MINUTE_MS, partial(self._revoke, device))
            return
        except Refused:
            return  # a centre that was put back has never heard of it
        if is_new:
            self._witness.outside.revoked.setdefault(device, (now, OPERATOR, WHY))
        self._faults.played["stolen workstation revoked"] += 1

    def _decline(self, device: str) -> None:
        if self._centre.app is None:
            return
        centre = self._centre.centre
        try:
            with centre.reading() as connection:
                found = review.apart(connection, device, centre.clock.wall_ms()).acts
                fresh = [act for act in found if not act.decision and not act.outcome]
                asked = review.Asked(
                    device, tuple(act.hash for act in fresh), False, ANOTHER_OPERATOR, "不是本单位所为"
                )
                acts = review.read(connection, asked)
            with centre.in_order() as journal:
                done = review.decide(journal, asked, acts)
        except Refused:
            return
        except Fallen:
            self._centre.crash(MINUTE_MS)
            return
        self._witness.outside.declined |= {act.cmd_id for act in fresh}
        self._faults.played["acts of a stolen workstation declined"] += done.decided

    def at_last(self) -> None:
        """Nothing stands in its way any more: it hands in all it has, and is told that it is revoked."""
        for console in self.stolen:
            console.cable.cut_until_ms = 0
            if not console.is_up:
                console.start()
            console.work_offline(False)
            console.take(machine.TimerFired())

    def at_rest(self) -> None:
        """What it never handed in is gone with it, and so are the bytes of its photographs."""
        for console in self.stolen:
            with console.engine.connect().execution_options(read_only=True) as connection:
                rows = connection.execute(select(outbox.c.cmd_id, outbox.c.state)).all()
            self._witness.lost |= {row.cmd_id for row in rows if row.state == "pending"}
            self._witness.files -= {row.cmd_id for row in rows}
