"""Widgets side by side that wrap into further rows where there is no room for one: no word is cut off, none pushes the window."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt
from PySide6.QtWidgets import QLayout, QLayoutItem


class Flow(QLayout):
    """Lays its widgets out row by row, as many in a row as fit."""

    def __init__(self, space: int) -> None:
        super().__init__()
        self._space = space
        self._items: list[QLayoutItem] = []
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        """See QLayout."""
        self._items.append(item)

    def count(self) -> int:
        """See QLayout."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """See QLayout."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """See QLayout."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """It takes no more height than its rows."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """Fewer pixels across, more rows."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Of all rows in this width."""
        return self._place(QRect(0, 0, width, 0), moves=False)

    def sizeHint(self) -> QSize:
        """All in one row."""
        hints = [item.sizeHint() for item in self._shown()]
        width = sum(hint.width() for hint in hints) + self._space * max(0, len(hints) - 1)
        return QSize(width, max((hint.height() for hint in hints), default=0))

    def minimumSize(self) -> QSize:
        """The widest one alone."""
        hints = [item.sizeHint() for item in self._items]
        widest = max((hint.width() for hint in hints), default=0)
        return QSize(widest, max((hint.height() for hint in hints), default=0))

    def setGeometry(self, rect: QRect) -> None:
        """See QLayout."""
        super().setGeometry(rect)
        self._place(rect, moves=True)

    def _shown(self) -> list[QLayoutItem]:
        """What is hidden takes no room, nor the space beside it."""
        return [item for item in self._items if not item.isEmpty()]

    def _place(self, rect: QRect, moves: bool) -> int:
        """Go through the rows; their height."""
        x, y, tallest = rect.x(), rect.y(), 0
        for item in self._shown():
            hint = item.sizeHint()
            if x > rect.x() and x + hint.width() > rect.right() + 1:
                x, y, tallest = rect.x(), y + tallest + self._space, 0
            if moves:
                item.setGeometry(QRect(QPoint(x, y), hint))
            x, tallest = x + hint.width() + self._space, max(tallest, hint.height())
        return y + tallest - rect.y()
