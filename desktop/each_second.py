"""What is done once a second, part by part: one that fails keeps no other from its turn."""

from __future__ import annotations

import logging
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

TICK_MS = 1_000
_log = logging.getLogger("console")


class EachSecond(QObject):
    """`parts` by name, in their order. A part that fails again and again is told in the log once."""

    def __init__(self, **parts: Callable[[], None]) -> None:
        super().__init__()
        self._parts = parts
        self._failing: set[str] = set()
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.turn)

    def start(self) -> None:
        """From now on."""
        self._timer.start(TICK_MS)

    def stop(self) -> None:
        """No more."""
        self._timer.stop()

    def turn(self) -> None:
        """The second has turned."""
        for name, part in self._parts.items():
            try:
                part()
            except Exception:
                if name not in self._failing:
                    _log.exception("what is done each second fails: %s", name)
                self._failing.add(name)
            else:
                self._failing.discard(name)
