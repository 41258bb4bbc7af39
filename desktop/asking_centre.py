"""What only the centre can answer: asked with the session of who sits here, and told in words when it cannot be asked now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from desktop.asking import Asking
from desktop.open_file import OpenFile
from desktop.worded import words_of
from models.errors import Refused, Weather
from services.sync.line import Line
from ui import words
from ui.ports import Seat

Call = Callable[[Line, str], Any]
"""A question over the line, with the session's token."""


class Refuse(Protocol):
    """Says why not, and whether signing in again would help."""

    def __call__(self, text: str, *, may_sign_in: bool = False) -> None: ...


class AskingCentre:
    """One question at a time. `needs_line` and `needs_session` are the codes of the words for a line that is down, and for
    somebody who signed in without it; "" when the workstation alone may ask. Given up, it says nothing more."""

    def __init__(self, file: OpenFile, seat: Seat, refuse: Refuse, needs_line: str, needs_session: str = "") -> None:
        self._file = file
        self._seat = seat
        self._refuse = refuse
        self._needs_line = needs_line
        self._needs_session = needs_session
        self._asking = Asking()
        self._is_over = False

    def ask(self, call: Call, done: Callable[[Any], None]) -> None:
        """Ask beside the screen's thread; `done` is given the answer, or it is said why there is none."""
        self._ask(call, done, self.failed)

    def _ask(self, call: Call, done: Callable[[Any], None], failed: Callable[[Exception], None]) -> None:
        session = self._seat.desk.session
        if not self.has_line():
            self.failed(Weather("line_down"))
        elif self._needs_session and not session:
            self._say(words.REFUSALS[self._needs_session], may_sign_in=True)
        else:
            station = self._file.station
            self._asking.ask(lambda: station.ask(lambda line: call(line, session)), done, failed)

    def has_line(self) -> bool:
        """True when the line is up; whatever comes in over it must be kept from a store that is cut off by the switch."""
        line = self._file.line
        return line is not None and line.state == "online"

    def failed(self, error: Exception) -> None:
        """Say why there is no answer."""
        if isinstance(error, Weather):
            self._say(words.REFUSALS[self._needs_line])
        else:
            expired = isinstance(error, Refused) and error.code == "session_expired"
            self._say(words_of(error), may_sign_in=expired)

    def _say(self, text: str, may_sign_in: bool = False) -> None:
        if not self._is_over:
            self._refuse(text, may_sign_in=may_sign_in)

    def give_up(self) -> None:
        """Nobody waits for the answer any more, nor will for another."""
        self._is_over = True
        self._asking.give_up()
