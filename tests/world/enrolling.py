"""People who let workstations in, and in again: a workstation that stands still calls, and after a while a district operator
reads a one-time code out (district/enrolment.py), which somebody there types in (WorldConsole.come_in, services/enrolment.py)."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Protocol

from district import enrolment as district_enrolment
from models.clock import Clock
from models.workstations import USUAL_MINUTES
from services.sync.line import Credentials
from tests.district.parties import OPERATOR
from tests.world.centre import Fallen, WorldCentre
from tests.world.faults import Faults
from tests.world.hub import Hub
from tests.world.line import WorldLine
from tests.world.people import pause_ms

if TYPE_CHECKING:
    from tests.world.console import WorldConsole

ADDRESS = "http://127.0.0.1"
MENDED_BY_A_CODE = ("chain_fork", "chain_gap", "chain_revoked", "device_revoked", "unknown_device")
"""What a person lets a workstation in again for; the sync page offers it for these."""

LineOf = Callable[[Clock], WorldLine]


class Called(Protocol):
    """Who is called when a workstation stands still."""

    def called(self, console: WorldConsole) -> None: ...


class Operators:
    """Those of the district, who answer when somebody calls."""

    def __init__(self, hub: Hub, chance: random.Random, faults: Faults, centre: WorldCentre) -> None:
        self._hub, self._chance, self._faults, self._centre = hub, chance, faults, centre
        self._called: set[str] = set()

    def called(self, console: WorldConsole) -> None:
        """A workstation stands still; somebody who sits there calls, once."""
        if console.name not in self._called:
            self._called.add(console.name)
            self._hub.after(pause_ms(self._chance, self._faults.help_minutes), partial(self._answer, console))

    def hurry(self) -> None:
        """From now on nobody waits for long: whoever has called may call again."""
        self._called.clear()

    def _answer(self, console: WorldConsole) -> None:
        self._called.discard(console.name)
        if not console.is_up or not console.needs_a_code or console.operators is not self:
            return  # nobody is there, or a thief, or it has gone by: whoever finds it standing calls again
        code = self._code(console.place.unit)
        if code:
            console.come_in(code)
        else:
            self.called(console)

    def _code(self, unit: str) -> str:
        """What `python -m district enrol` prints; "" while the centre is not there."""
        if self._centre.app is None:
            return ""
        centre = self._centre.centre
        try:
            with centre.writing() as connection:
                now = centre.clock.wall_ms()
                told = (unit, "", OPERATOR, USUAL_MINUTES, "", now, centre.random_bytes)
                return str(district_enrolment.make(connection, *told)[0].shown())
        except Fallen:
            self._centre.crash(60_000)
            return ""


def lines_for_codes(line_of: LineOf) -> Callable[..., WorldLine]:
    """What stands in the place of the line a workstation makes to come in by, while it is nobody: its own way there."""

    def made(_address: str, clock: Clock, _known: Credentials | None, _authority: str) -> WorldLine:
        return line_of(clock)

    return made
