"""Where this workstation's secrets go, and the person's part in it: the start passphrase where there is no keyring."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from desktop.asking import Asking
from desktop.only_one import LOCK
from desktop.worded import words_of
from desktop.workers import within
from services.sealed_file import SealedFile, new_sealed_file, open_sealed_file
from services.secrets import Secrets
from services.vault import Vault
from ui.dialogs import choice
from ui.dialogs.passphrase import PassphraseDialog

LOGS = "logs"
_SET_ASIDE = "locked-"
_SEALED = "secrets.sealed"


class Safe:
    """The secrets of every unit file in one folder, in one vault."""

    def __init__(self, base: Path) -> None:
        self._base = base
        self._file = base / _SEALED
        self.vault = Vault(within, file=self._file, alone=threading.RLock())

    def secrets(self, folder: Path, address: str) -> Secrets:
        """Those of one unit's file."""
        return Secrets(folder, address, self.vault)

    def open(self, stamp: str) -> bool:
        """Ask for the passphrase, if there is one; False when the person gives up. Whoever has forgotten it may begin
        anew: everything is set aside in a folder with this stamp."""
        if not self._file.exists():
            return True
        dialog = PassphraseDialog(False)
        forgotten: list[bool] = []

        def begin_anew() -> None:
            if choice.begin_anew():
                forgotten.append(True)
                dialog.reject()

        dialog.forgotten.connect(begin_anew)
        self._ask(dialog, lambda typed: open_sealed_file(self._file, typed))
        if forgotten:
            set_aside(self._base, stamp)
        return bool(forgotten) or self.vault.sealed is not None

    def choose(self) -> bool:
        """No keyring on a new workstation: try it again, or set a passphrase; False when the person does neither."""
        answer = choice.no_keyring()
        if answer == "passphrase":
            self._ask(PassphraseDialog(True), lambda typed: new_sealed_file(self._file, typed))
            return self.vault.sealed is not None
        return answer == "again"

    def _ask(self, dialog: PassphraseDialog, use: Callable[[str], SealedFile]) -> None:
        """Making the wrapping key takes a second on purpose: beside the screen's thread."""
        asking = Asking()

        def done(found: SealedFile) -> None:
            self.vault.sealed = found
            dialog.accept()

        dialog.entered.connect(
            lambda typed: asking.ask(lambda: use(typed), done, lambda error: dialog.refuse(words_of(error)))
        )
        dialog.exec()
        asking.give_up()


def set_aside(base: Path, stamp: str) -> None:
    """Everything of this workstation goes into a folder of its own; nothing is deleted. The sealed secrets go last: while they
    stand there the passphrase is asked for, and whoever was interrupted can begin anew once more."""
    aside = base / f"{_SET_ASIDE}{stamp}"
    aside.mkdir()
    for found in sorted(base.iterdir(), key=lambda f: (f.name == _SEALED, f.name)):
        if found.name not in (LOGS, LOCK) and not found.name.startswith(_SET_ASIDE):
            found.rename(aside / found.name)
