"""A question that may take long, asked beside the screen's thread; the answer comes back on it, unless nobody waits any more."""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal

from desktop.held import Held, without_frames
from models.errors import Refused, Weather

_log = logging.getLogger("asking")
Told = Callable[[Any], None]


class Asking:
    """One question at a time. It goes with whoever asked; what is still asked holds it until the answer has come. The thread that
    asks holds nothing of the screen: windows are never let go of there."""

    def __init__(self) -> None:
        self._waiting: tuple[int, Told, Told] | None = None

    def ask(self, call: Callable[[], Any], done: Told, failed: Told, too_late: Told | None = None) -> None:
        """Begin `call` on a thread of its own: `done` is given its value, or `failed` its exception. `too_late` is given
        a value that came after the question had been given up."""
        asked = _asked()
        number = asked.by_number.put((call, self, too_late))
        self._waiting = (number, done, failed)
        threading.Thread(target=asked.serve, args=(number,), daemon=True, name="asking").start()

    def give_up(self) -> None:
        """Nobody waits for the answer any more."""
        self._waiting = None

    @property
    def is_waited_for(self) -> bool:
        """True while somebody waits for an answer."""
        return self._waiting is not None

    def take(self, number: int, good: bool, value: Any, too_late: Told | None) -> None:
        """The answer to the question of that number, on the screen's thread."""
        told = too_late
        if self._waiting is not None and self._waiting[0] == number:
            _number, done, failed = self._waiting
            self._waiting, told = None, done if good else failed
        elif not good:
            told = None
        if told is not None:
            told(value)


class _Asked(QObject):
    """What is being asked in the whole program, and the way back to the screen's thread."""

    _back = Signal(int, bool, object)

    def __init__(self, application: QCoreApplication) -> None:
        super().__init__(application)
        self.by_number: Held[tuple[Callable[[], Any], Asking, Told | None]] = Held()
        self._back.connect(self._take, Qt.ConnectionType.QueuedConnection)

    def serve(self, number: int) -> None:
        """Ask it, on the thread this is called on."""
        good, value = self._came_to(number)
        with contextlib.suppress(RuntimeError):  # the program may have ended meanwhile
            self._back.emit(number, good, value)

    def _came_to(self, number: int) -> tuple[bool, Any]:
        try:
            return True, self.by_number[number][0]()
        except Exception as error:
            if not isinstance(error, Refused | Weather | OSError):
                _log.exception("a question failed")
            return False, without_frames(error)

    def _take(self, number: int, good: bool, value: Any) -> None:
        _call, asking, too_late = self.by_number.let_go(number)
        asking.take(number, good, value, too_late)


def _asked() -> _Asked:
    """One for the program, until it ends."""
    application = QCoreApplication.instance()
    assert application is not None
    return application.findChild(_Asked) or _Asked(application)
