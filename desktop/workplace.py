"""A workstation and the unit files on it, one for each unit that was ever opened here (D21)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from desktop.station import STORE_FILE, Station
from models.clock import Clock
from services import enrolment
from services.moving_secrets import Place
from services.secrets import Secrets


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

    def units(self) -> list[str]:
        """The units that have a file here."""
        return self._known()

    def station(self, unit: str) -> Station:
        """The file of a unit. Refused as models/store/opening.py says."""
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
        found.fetch_reference()
        return found

    def enrol(self, unit: str, code: str) -> Station:
        """Make this workstation one of the unit's, with a one-time code for it: needs the line. Weather, Refused."""
        keep = self._secrets(unit).refuse_unless_kept
        made = enrolment.enrol(self.address, code, self.clock, unit, before=keep)
        found = self.station(unit)
        found.keep_registration(made)
        found.fetch_reference()
        return found


def single(station: Station) -> Workplace:
    """A workplace that begins with one file, others beside it."""
    beside = station.folder.parent / "units"

    def folder_of(unit: str) -> Path:
        return station.folder if unit == station.unit else beside / unit

    def known() -> list[str]:
        others = [f.name for f in beside.iterdir() if (f / STORE_FILE).exists()] if beside.is_dir() else []
        return [station.unit, *others]

    return Workplace(station.address, station.clock, folder_of, known, station.secrets.beside)
