"""A key of a window or a page: held down it is pressed once."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QWidget


def on_key(
    key: str | QKeySequence.StandardKey,
    owner: QWidget,
    verb: Callable[[], object],
    context: Qt.ShortcutContext = Qt.ShortcutContext.WindowShortcut,
) -> QShortcut:
    """Qt repeats a shortcut while its key is down: an act would be done to case after case, alarms acknowledged unread."""
    made = QShortcut(QKeySequence(key), owner, verb)
    made.setContext(context)
    made.setAutoRepeat(False)
    return made
