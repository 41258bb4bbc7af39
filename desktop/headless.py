"""A console without a window: store, services and sync in one thread. The town at work is made of these."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from desktop.station import Station
from models.clock import Clock
from models.commands import Args
from models.rules import Rules
from models.store.work import Work
from services import cases
from services.desk import Desk
from services.sync.driver import settle
from services.sync.line import Line
from services.sync.machine import Sync
from services.sync.round import Exchange

T = TypeVar("T")


class Headless:
    """One unit's console, acting as whichever of its people is asked."""

    def __init__(self, folder: Path, address: str, unit: str, clock: Clock, operator: str, password: str) -> None:
        self.station = Station(folder / unit, address, clock)
        self.unit = unit
        if not self.station.device:
            door = Line(address, clock)
            self.station.keep_registration(door.register(operator, password, unit, "town"))
            door.close()
        self._line = self.station.line()
        self.rules: Rules = self.station.fetch_reference()
        self._exchange = Exchange(self.database, unit, self._rules_arrived, wait_seconds=0)

    def _rules_arrived(self, rules: Rules) -> None:
        self.rules = rules
        self.station.rules = rules

    def database(self, job: Callable[[Work], T]) -> T:
        """Run a job in a unit of work, here and now."""
        with self.station.work() as work:
            return job(work)

    def settle(self) -> Sync:
        """Exchange everything with the centre."""
        return settle(self._exchange, self._line, Sync(), lambda: 0.5)

    def act(self, person: str, args: Args, case_id: str | None = None) -> str:
        """Act as a person of the unit; returns the case. Refused when the rule book says no."""
        desk = Desk(person, self.unit, self.station.device, self.station.slot)

        def job(work: Work) -> str:
            acted = cases.act(work, desk, args, case_id)
            work.commit()
            return acted.case_id

        return self.database(job)

    def close(self) -> None:
        """Give line and file up."""
        self._line.close()
        self.station.engine.dispose()
