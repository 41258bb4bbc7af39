"""A workstation and the unit files on it, one for each unit that was ever opened here (D21)."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

from desktop.asking import Asking
from desktop.station import STORE_FILE, Station
from models.clock import Clock
from models.errors import Refused, Weather
from services import enrolment
from services.moving_secrets import Place
from services.secrets import Secrets

_log = logging.getLogger("console")


class Workplace:
    """Opens each file once. `folder_of` says where a unit's file is kept, `known` which units have one, `secrets_of` where
    the secrets of a file lie."""

    def __init__(
        self,
        address: str,
        clock: Clock,
        folder_of: Callable[[str], Path],
        known: Callable[[], list[str]],
        secrets_of: Callable[[Path, str], Secrets],
    ) -> None:
        self.address = address
        self.clock = clock
        self._folder_of = folder_of
        self._known = known
        self._secrets_of = secrets_of
        self._one_at_a_time = threading.Lock()

    def units(self) -> list[str]:
        """The units that have a file here."""
        return self._known()

    def station(self, unit: str) -> Station:
        """The file of a unit, for a worker. Refused as models/store/opening.py says."""
        with self._one_at_a_time:  # opening may mend, upgrade and encrypt the file: never twice at once
            return Station(self._folder_of(unit), self.address, self.clock, self._secrets(unit))

    def _secrets(self, unit: str) -> Secrets:
        return self._secrets_of(self._folder_of(unit), self.address)

    def places(self) -> list[Place]:
        """Where the secrets of each file lie."""
        return [Place(self._folder_of(unit) / STORE_FILE, self._secrets(unit)) for unit in self.units()]

    def opened(self, unit: str) -> Station:
        """The file of a unit with its reference data, which is asked for when it is not there: may take seconds. Weather,
        Refused."""
        found = self.station(unit)
        try:
            found.fetch_reference()
        except (Refused, Weather):
            found.engine.dispose()
            raise
        return found

    def enrol(self, unit: str, code: str) -> Station:
        """Make this workstation one of the unit's, with a one-time code for it: needs the line. Weather, Refused."""
        keep = self._secrets(unit).refuse_unless_kept
        made = enrolment.enrol(self.address, code, self.clock, unit, before=keep)
        found = self.station(unit)
        found.keep_registration(made)
        found.fetch_reference()
        return found


def open_beside(workplace: Workplace, unit: str, taken: Callable[[Station], None]) -> None:
    """Open a file nobody asked for now, beside the screen's thread: a keyring may be slow, and a store that is of an older
    version, or was damaged, takes its time. `taken` is told on the screen's; one that cannot be opened keeps nothing up."""

    def failed(error: Exception) -> None:
        _log.error("the file of %s cannot be opened: %s", unit, type(error).__name__)

    Asking().ask(partial(workplace.opened, unit), taken, failed)


def single(station: Station) -> Workplace:
    """A workplace that begins with one file, others beside it."""
    beside = station.folder.parent / "units"

    def folder_of(unit: str) -> Path:
        return station.folder if unit == station.unit else beside / unit

    def known() -> list[str]:
        others = [f.name for f in beside.iterdir() if (f / STORE_FILE).exists()] if beside.is_dir() else []
        return [station.unit, *others]

    return Workplace(station.address, station.clock, folder_of, known, station.secrets.beside)
