"""Somebody signs in to an open file: by the centre when it answers, by the kept verifier when it does not (D4)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QWidget

from desktop.asking import Asking
from desktop.let_go import goes_when_put_away
from desktop.open_file import OpenFile
from desktop.worded import may_be_offline, words_of
from models.errors import Refused, Weather
from services import session
from services.session import Entered
from services.sync.line import Line
from ui.dialogs.sign_in import SignInDialog


class ChangeUser(QObject):
    """One sign-in window over `window`; `done(file, entered)` when somebody has signed in, and not when he gave it up or the
    window was locked meanwhile."""

    def __init__(self, file: OpenFile, window: QWidget | None, done: Callable[[OpenFile, Entered], None]) -> None:
        super().__init__(window or QApplication.instance())
        self._file = file
        unit = file.rules.organisations[file.station.unit]
        self._people = tuple(file.rules.people_at(unit.code))
        self._unit_name = unit.name
        self._window = window
        self._done = done
        self._dialog: SignInDialog | None = None
        self._asking = Asking()

    def ask(self, person: str) -> SignInDialog:
        """Open the window, with this person chosen at first."""
        dialog = SignInDialog(self._unit_name, self._people, person)
        if self._window is not None:
            dialog.setParent(self._window, dialog.windowFlags())
        dialog.entered.connect(self._enter)
        goes_when_put_away(dialog, self, self._asking)
        self._dialog = dialog
        dialog.open()
        return dialog

    def _enter(self, person: str, password: str, new: str) -> None:
        call = partial(entered, self._file, person, password, new)
        self._asking.ask(call, self._sat_down, self._show_refusal)

    def _show_refusal(self, error: Exception) -> None:
        if self._dialog is not None:
            first = isinstance(error, Refused) and error.code == "change_password_first"
            (self._dialog.ask_new_password if first else self._dialog.refuse)(words_of(error))

    def _sat_down(self, who: Entered) -> None:
        if self._dialog is not None:
            self._dialog.accept()
        self._done(self._file, who)


def entered(file: OpenFile, person: str, password: str, new: str) -> Entered:
    """Signed in, beside the screen's thread. Weather, Refused."""
    try:
        if file.sync.working_offline:
            raise Weather("work_offline")
        return file.station.ask(lambda line: _signed_in(file, line, person, password, new))
    except Exception as error:
        if not may_be_offline(error):
            raise
    return file.jobs.wait(lambda work: session.sign_in_offline(work, person, password))


def _signed_in(file: OpenFile, line: Line, person: str, password: str, new: str) -> Entered:
    """Over the line, and kept for days without it; or refused, and kept no longer. The refusal waits for no busy store: whoever asks
    that store without the line stands behind it in the queue."""
    try:
        who, taken = session.sign_in_with(line, person, password, new)
    except Refused as error:
        code = error.code
        file.jobs.run(lambda work: session.drop_pass(work, person, password, code), lambda _none: None)
        raise
    file.jobs.wait(lambda work: session.keep_sign_in(work, line, person, taken))
    return who
