"""Whether somebody is using a list just now, by key, wheel or mouse: then nothing in it may move under his hand."""

from __future__ import annotations

from PySide6.QtCore import QElapsedTimer, QEvent, QObject
from PySide6.QtWidgets import QAbstractScrollArea

IN_USE_MS = 4_000
"""Time to find a row with the eye and press on it."""

ON_ITS_WAY_MS = 600
"""A press that comes so soon after something changed was begun before it was seen."""

INPUT = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.Wheel,
        QEvent.Type.MouseMove,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseButtonRelease,
    }
)


class InUse(QObject):
    """Watches a list, its viewport and its scroll bars."""

    def __init__(self, area: QAbstractScrollArea) -> None:
        super().__init__(area)
        self._since = QElapsedTimer()
        area.viewport().setMouseTracking(True)
        for part in (area, area.viewport(), area.verticalScrollBar(), area.horizontalScrollBar()):
            part.installEventFilter(self)

    def on(self) -> bool:
        """True up to IN_USE_MS after the last input."""
        return self._since.isValid() and self._since.elapsed() < IN_USE_MS

    def rest(self) -> None:
        """Whoever used it wants to see what is new."""
        self._since.invalidate()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notices, and leaves every event to whom it is for."""
        if event.type() in INPUT:
            self._since.start()
        return False


class JustNow:
    """Whether something has changed by itself so lately that a hand on its way cannot mean it."""

    def __init__(self) -> None:
        self._since = QElapsedTimer()

    def happened(self) -> None:
        """It has changed now."""
        self._since.start()

    def on(self) -> bool:
        """True up to ON_ITS_WAY_MS after it."""
        return self._since.isValid() and self._since.elapsed() < ON_ITS_WAY_MS

    def rest(self) -> None:
        """A person has changed it: whatever is pressed next is meant."""
        self._since.invalidate()
