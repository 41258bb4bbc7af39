"""Opening another unit's file in the window (D21): a list of units, and for a new one a one-time code of the district."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from desktop.asking import Asking
from desktop.let_go import goes_when_put_away
from desktop.station import Station
from desktop.worded import words_of
from models.errors import Weather
from models.rules import Rules
from ui.dialogs.open_unit import OpenUnitDialog, UnitChoice
from ui.language import tr
from ui.main_window import MainWindow

if TYPE_CHECKING:
    from desktop.console import Console


class ChangeUnit(QObject):
    """One such list over the console's window."""

    def __init__(self, console: Console, window: MainWindow) -> None:
        super().__init__(window)
        self._console = console
        self._window = window
        self._dialog: OpenUnitDialog | None = None
        self._asking = Asking()

    def ask(self) -> None:
        """Open the list: where the person sits first, then the files of this workstation, then everybody else."""
        console = self._console
        person, here = console.desk.person, console.desk.unit
        found = choices(console.file.rules, person, console.workplace.units())
        dialog = OpenUnitDialog([choice for choice in found if choice.unit != here])
        dialog.setParent(self._window, dialog.windowFlags())
        dialog.asked.connect(self._asked)
        dialog.rejected.connect(self._asking.give_up)
        dialog.destroyed.connect(self._asking.give_up)
        goes_when_put_away(dialog, self)
        self._dialog = dialog
        dialog.open()

    def _asked(self, unit: str, code: str) -> None:
        """Opening a file, even a known one, may wait for the centre: never on the screen's thread."""
        workplace = self._console.workplace
        if unit in self._console.files:
            self._go(None, unit)
        elif unit in workplace.units():
            self._asking.ask(partial(workplace.opened, unit), self._open_new, self._show_refusal, _put_away)
        elif self._console.working_offline:
            self._show_refusal(Weather("work_offline"))
        else:
            call = partial(workplace.enrol, unit, code)
            self._asking.ask(call, self._open_new, self._show_refusal, _put_away)

    def _open_new(self, station: Station) -> None:
        self._go(station, station.unit)

    def _go(self, station: Station | None, unit: str) -> None:
        if self._dialog is not None:
            self._dialog.accept()
        self._console.open_unit(station, unit)

    def _show_refusal(self, error: Exception) -> None:
        if self._dialog is not None:
            self._dialog.refuse(words_of(error))


def _put_away(station: Station) -> None:
    """Opened too late: the person has given up. It stays on this workstation."""
    station.engine.dispose()


def choices(rules: Rules, person: str, known: list[str]) -> list[UnitChoice]:
    """Units to change to: the person's own (代表…), where he is seconded (派驻…), files of this workstation, all others
    with staff."""
    own = rules.units_of(person)
    staffed = {p.unit for p in rules.reference.people if p.active}
    rest = [o.code for o in rules.reference.organisations if o.code in staffed]
    found = []
    for unit in dict.fromkeys([*own, *known, *rest]):
        if unit not in rules.organisations:
            continue  # abolished since its file was made here: what waits in that is sent all the same
        name = rules.organisations[unit].name
        label = name
        if own and unit == own[0]:
            label = tr("代表{0}").format(name)
        elif unit in own:
            label = tr("派驻{0}").format(name)
        found.append(UnitChoice(unit, label, unit in known))
    return found
