"""Who looks, and in which minute, written across what must not be passed on as a picture (practice.md §2)."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QWidget

ANGLE_DEGREES = -24
STRENGTH = 46
"""Of 255: the words below stay easy to read."""


class Watermark(QWidget):
    """Lies over the whole of `owner`; takes no click."""

    def __init__(self, owner: QWidget, text: str) -> None:
        super().__init__(owner)
        self.text = text
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        owner.installEventFilter(self)
        self.setGeometry(owner.rect())
        self.raise_()
        self.show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The owner has another size."""
        if event.type() == QEvent.Type.Resize and isinstance(watched, QWidget):
            self.setGeometry(watched.rect())
            self.raise_()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        """See QWidget."""
        painter = QPainter(self)
        ink = QColor(self.palette().color(QPalette.ColorRole.WindowText))
        ink.setAlpha(STRENGTH)
        painter.setPen(ink)
        painter.translate(self.width() / 2, self.height() / 2)
        painter.rotate(ANGLE_DEGREES)
        wide, high = self.width() * 1.6, 56.0
        for row in range(-8, 9):
            where = QRectF(-wide / 2, row * high - high / 2, wide, high)
            painter.drawText(where, Qt.AlignmentFlag.AlignCenter, f"{self.text}　　　{self.text}　　　{self.text}")
        painter.end()
