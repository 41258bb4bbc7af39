"""A console without a window: store, services and sync in one thread. The town at work is made of these."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from desktop.station import Station
from models.clock import Clock
from models.commands import Args
from models.errors import Weather
from models.rules import Rules
from models.store.work import Work
from models.workstations import CodeBody
from services import cases, enrolment, session
from services.desk import Desk
from services.secrets import Secrets
from services.sync import operator_calls
from services.sync.driver import settle
from services.sync.machine import Sync
from services.sync.round import Exchange
from services.vault import Vault

T = TypeVar("T")


class Headless:
    """One unit's console, at which any of its people may sit down: each signs in with an account of his own.

    Its secrets lie in a readable file and its store is plain: nobody is there to be asked (演示数据 on loopback).
    `new_code` is asked for a one-time code of the unit when the workstation is not enrolled yet; `password` is
    everybody's own (演示数据 have one and the same)."""

    def __init__(
        self, folder: Path, address: str, unit: str, clock: Clock, new_code: Callable[[str], str], password: str
    ) -> None:
        secrets = Secrets(folder / unit, address, Vault(None))
        self.station = Station(folder / unit, address, clock, secrets)
        self.unit = unit
        self._password = password
        self._sitting: dict[str, session.Entered] = {}
        if not self.station.device:
            self.station.keep_registration(enrolment.enrol(address, new_code(unit), clock, unit))
        self._line = self.station.line()
        self.rules: Rules = self.station.fetch_reference()
        told = (self.database, unit, self._rules_arrived)
        self._exchange = Exchange(*told, wait_seconds=0, trusts=self.station.trusts)

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

    def entered(self, person: str) -> session.Entered:
        """The person's sign-in: by the centre, once a session; by the kept verifier while the line is down. Refused."""
        known = self._sitting.get(person)
        if known is not None and known.expires_at > self.station.clock.wall_ms():
            return known
        try:
            found = session.sign_in_online(self._line, person, self._password, "")
            self.database(lambda work: session.keep_sign_in(work, self._line, person, self._password))
        except Weather:
            return self.database(lambda work: session.sign_in_offline(work, person, self._password))
        self._sitting[person] = found
        return found

    def act(self, person: str, args: Args, case_id: str | None = None) -> str:
        """Act as a person of the unit, in a session of his; returns the case. Refused when the account or the rule book
        says no."""
        entered = self.entered(person)
        desk = Desk(person, self.unit, self.station.device, self.station.slot, entered.session)

        def job(work: Work) -> str:
            acted = cases.act(work, desk, args, case_id)
            work.commit()
            return acted.case_id

        return self.database(job)

    def new_code(self, operator: str, unit: str) -> str:
        """A one-time code for a workstation of a unit, as a district operator at this one makes it."""
        return operator_calls.new_code(self._line, CodeBody(unit, label="town"), self.entered(operator).session).code

    def close(self) -> None:
        """Give line and file up."""
        self._line.close()
        self.station.engine.dispose()
