"""A workstation is let in again: its file becomes another device's and goes on with all it holds (sync-R4, R5)."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from desktop.asking import Asking
from desktop.let_go import goes_when_put_away
from desktop.open_file import OpenFile
from desktop.station import Station
from desktop.worded import words_of
from models.errors import Refused
from models.store.work import Work
from models.workstations import why_again
from services import enrolment
from services.enrolment import Enrolled
from ui.dialogs.fitted import is_open
from ui.dialogs.let_in_again import LetInAgainDialog
from ui.language import tr


class LetInAgain(QObject):
    """Asks for a code, comes in with it, and lets the line go on as who the file is from then on. `tell` says that it does
    not, when the dialog has gone."""

    def __init__(self, file: OpenFile, over: QWidget, tell: Callable[[str], None]) -> None:
        super().__init__(over)
        self._file, self._tell = file, tell
        self._asking = Asking()
        line = file.line
        self._why = line.reason if line is not None else ""
        self.dialog = LetInAgainDialog(over, line.unsent if line is not None else 0)
        self.dialog.asked.connect(self._ask)
        goes_when_put_away(self.dialog, self, self._asking)

    def open(self) -> LetInAgainDialog:
        """Show it."""
        self.dialog.open()
        return self.dialog

    def _ask(self, code: str) -> None:
        station, why = self._file.station, self._why
        self._asking.ask(lambda: _enrolled(station, code, why), self._keep, self._refuse, self._keep)

    def _keep(self, made: Enrolled) -> None:
        """Also when the person has closed the window meanwhile: the centre has let this workstation in."""
        address = self._file.station.address

        def keep(work: Work) -> Enrolled:
            enrolment.keep_anew(work, made, address)
            work.commit()
            return made

        self._file.jobs.run(keep, self._kept, self._not_kept)

    def _kept(self, made: Enrolled) -> None:
        self._file.station.became(made)
        self._file.sync.begin_anew()
        if isValid(self.dialog):  # another window may stand here by now
            self.dialog.accept()

    def _not_kept(self, error: Exception) -> None:
        if is_open(self.dialog):
            self.dialog.refuse(words_of(error))
        else:  # its code is used up, and the line is refused as before
            self._tell(
                tr("区中心已重新登记本机,但本机没有存下:{0} 请另要一个登记码,再登记一次。").format(words_of(error))
            )

    def _refuse(self, error: Any) -> None:
        if isValid(self.dialog):
            self.dialog.refuse(words_of(error))


def _enrolled(station: Station, code: str, why: str) -> Enrolled:
    former = None
    # Where its token or key is not to be had, the operator takes the old device out by hand.
    with contextlib.suppress(Refused):
        former = enrolment.credentials(station.secrets, station.device, station.identity.public_key)
    keep = station.secrets.refuse_unless_kept
    made = enrolment.enrol(
        station.address, code, station.clock, station.unit, former=former, why=why_again(why), before=keep
    )
    enrolment.keep_secrets(station.secrets, made)
    return made
