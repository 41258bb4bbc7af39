"""When somebody last used this program: by key, by mouse, or by what an input method composed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

_INPUT = frozenset(
    {
        QEvent.Type.KeyPress,
        QEvent.Type.InputMethod,
        QEvent.Type.MouseButtonPress,
        QEvent.Type.MouseMove,
        QEvent.Type.Wheel,
        QEvent.Type.TouchBegin,
    }
)


class LastInput(QObject):
    """Watches the window and the field in front only: a filter over the whole program would be asked about every painting.
    `mono_ms` also counts while the machine sleeps."""

    def __init__(self, mono_ms: Callable[[], int]) -> None:
        super().__init__()
        self._mono_ms = mono_ms
        self._at = mono_ms()
        application = QGuiApplication.instance()
        if isinstance(application, QApplication):
            application.focusWindowChanged.connect(self._watch)
            application.focusObjectChanged.connect(self._watch)
            self._watch(application.focusWindow())
            self._watch(application.focusObject())

    def _watch(self, in_front: QObject | None) -> None:
        if in_front is not None:
            in_front.installEventFilter(self)

    def came(self) -> None:
        """Somebody is here."""
        self._at = self._mono_ms()

    def idle_ms(self) -> int:
        """For how long nobody was."""
        return self._mono_ms() - self._at

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notices, and leaves every event to whom it is for."""
        if event.type() in _INPUT:
            self.came()
        return False
