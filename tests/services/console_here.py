"""A workstation on a real file beside a centre in this process: the shipped store, gestures and exchanges. Its program may end at
any commit, and its line at any request."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from models import commands as c
from models.blob_folder import BlobFolder
from models.case import Case
from models.ids import id_source
from models.store.case_table import get_case
from models.store.work import Work
from services import cases
from services.desk import Desk
from services.sync import machine
from services.sync.line import Credentials, Line
from services.sync.round import Exchange
from tests.district.in_process import ADDRESS, InProcess
from tests.district.parties import seeded
from tests.whole.parties import acting
from tests.world.engines import opened, rules_of
from tests.world.town import SMALL, moulds

T = TypeVar("T")


class Ended(BaseException):
    """The program ended at a commit."""


class ConsoleHere:
    """The workstation `number` (from 1) of a unit, at which `person` sits. `ends_at_commit`: "before" or "after" the next."""

    def __init__(self, folder: Path, centre: InProcess, unit: str, number: int, person: str) -> None:
        made = moulds(SMALL)
        place = made.places[unit, number]
        self.unit, self.person, self.device = unit, person, place.device
        self.centre, self.clock = centre, centre.clock
        self.file = folder / f"{unit}-{number}.sqlite"
        shutil.copyfile(made.console(unit, number), self.file)
        self.blobs = BlobFolder(self.file.with_suffix(".blobs"))
        self.rules = rules_of(made.reference)
        self.desk = Desk(person, unit, place.device, place.slot)
        self.line = Line(ADDRESS, self.clock, Credentials(place.device, place.token, place.key))
        self.way = centre.mounted(self.line._session)
        self._starts = 100 * number
        self.ends_at_commit = ""
        self.start()

    def start(self) -> None:
        """Begin, knowing nothing but what is in the file."""
        self._starts += 1
        self.engine = opened(self.file)
        self.new_id = id_source(self.clock, seeded(self._starts))
        self.exchange = Exchange(self.database, self.unit, lambda _rules: None, wait_seconds=0, blobs=self.blobs)

    def restart(self) -> None:
        """The program is gone, whatever it was doing, and is started again."""
        self.ends_at_commit = ""
        self.engine.dispose()
        self.start()

    def close(self) -> None:
        """Nothing is left open."""
        self.line.close()
        self.engine.dispose()

    def database(self, job: Callable[[Work], T]) -> T:
        """Run a job in a unit of work."""
        with Work(self.engine, self.rules, self.clock, self.new_id) as work:
            commit = work.commit

            def or_ends() -> None:
                if self.ends_at_commit == "before":
                    raise Ended
                commit()
                if self.ends_at_commit:
                    raise Ended

            work.commit = or_ends  # type: ignore[method-assign]
            return job(work)

    def does(self, effect: machine.Effect) -> machine.Fact | None:
        """One exchange with the centre; None when the program ended in the middle of it, and was started again."""
        try:
            return self.exchange.do(effect, self.line)
        except Ended:
            self.restart()
            return None

    def act(self, args: c.Args, case_id: str | None = None) -> cases.Acted:
        """A gesture; Refused as `cases.act` says."""
        return self.database(acting(self.desk, args, case_id))

    def case(self, case_id: str) -> Case | None:
        """The case on the screen."""
        return self.database(lambda work: get_case(work.connection, case_id))
