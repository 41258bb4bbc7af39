"""A small window that has room for its words."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QDialog, QWidget
from shiboken6 import isValid

from ui import theme

_MAY_CHANGE = (QEvent.Type.LayoutRequest, QEvent.Type.Resize, QEvent.Type.Show)


def is_open(dialog: QDialog) -> bool:
    """False once it has been put away, or its window has gone: an answer that comes now is told to nobody."""
    return isValid(dialog) and dialog.isVisible()


class FittedDialog(QDialog):
    """As wide as its text is large, and never lower than its words need, whatever is said in it later: by itself a window does
    not grow with lines that wrap, and cuts them off."""

    _least_height = 0

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.installEventFilter(self)

    def be_at_least(self, width: int, height: int = 0) -> None:
        """In pixels, at the normal text size."""
        self.setMinimumWidth(theme.scaled(width))
        self._least_height = height

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Its words may have changed, or the width they have. (Seen here and not in `event`, through which it is deleted.)"""
        if watched is self and event.type() in _MAY_CHANGE:
            layout = self.layout()
            if layout is not None and layout.hasHeightForWidth():
                self.setMinimumHeight(max(self._least_height, layout.totalHeightForWidth(self.width())))
        return False
