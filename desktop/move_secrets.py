"""The start passphrase and the keyring, changed over the console's window; the work is done beside the screen's thread."""

from __future__ import annotations

import logging

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from desktop.asking import Asking
from desktop.let_go import goes_when_put_away
from desktop.open_file import OpenFile
from desktop.worded import words_of
from desktop.workplace import Workplace
from services import moving_secrets
from ui.dialogs.move_secrets import CHANGE, TO_KEYRING, MoveSecretsDialog

_log = logging.getLogger("secrets")


class MoveSecrets(QObject):
    """One of the ways of ui/dialogs/move_secrets.py; it reaches every file of this workstation. Closing the window does not
    stop what has begun: half of it is never kept."""

    def __init__(self, file: OpenFile, workplace: Workplace, way: str, over: QWidget) -> None:
        super().__init__(over)
        self._file, self._workplace, self._way = file, workplace, way
        self._asking = Asking()
        self.dialog = MoveSecretsDialog(way, over)
        self.dialog.asked.connect(self._begin)
        goes_when_put_away(self.dialog, self)

    def open(self) -> MoveSecretsDialog:
        """Show it."""
        self.dialog.open()
        return self.dialog

    def _begin(self, old: str, new: str) -> None:
        vault, way, workplace = self._file.station.secrets.vault, self._way, self._workplace

        def move() -> bool:
            if way == CHANGE:
                moving_secrets.change_passphrase(vault, old, new)
            elif way == TO_KEYRING:
                moving_secrets.to_keyring(vault, old)
            else:
                return moving_secrets.to_passphrase(vault, workplace.places(), new)
            return True

        self._asking.ask(move, self._moved, self._refused)

    def _moved(self, has_gone: bool) -> None:
        self._file.sync.tell()
        if isValid(self.dialog):  # another window may stand here by now
            self.dialog.done_all(has_gone, self._file.station.kept().store == "encrypted")

    def _refused(self, error: Exception) -> None:
        if isValid(self.dialog):
            self.dialog.refuse(words_of(error))


def finish_leaving(file: OpenFile, workplace: Workplace) -> None:
    """What a kill left where the secrets lay before goes, beside the screen's thread; usually there is nothing."""
    vault = file.station.secrets.vault

    def told(has_gone: bool) -> None:
        if not has_gone:
            _log.warning("secrets still lie where they lay before; the next start tries again")

    Asking().ask(
        lambda: moving_secrets.finish_leaving(vault, workplace.places()),
        told,
        lambda error: _log.warning("what is left of a move cannot be removed: %s", type(error).__name__),
    )
