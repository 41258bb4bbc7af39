"""Lines above a table that may become many."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

MOST_LINES = 9


class Notes(QScrollArea):
    """As high as what is said in its lines, up to MOST_LINES: what goes beyond is scrolled, with the keyboard too, and takes no
    room from what stands below."""

    def __init__(self, lines: Iterable[QWidget]) -> None:
        super().__init__()
        self.setObjectName("notes")
        self._inside = QWidget()
        self._lines = QVBoxLayout(self._inside)
        self._lines.setContentsMargins(0, 0, 0, 0)
        for line in lines:
            self._lines.addWidget(line)
        self.setWidget(self._inside)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._inside.installEventFilter(self)
        self.verticalScrollBar().rangeChanged.connect(self._may_scroll)
        self._may_scroll(0, 0)

    def _may_scroll(self, _least: int, most: int) -> None:
        """Nobody stops here on his way with Tab when there is nothing to scroll."""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if most > 0 else Qt.FocusPolicy.NoFocus)

    def hasHeightForWidth(self) -> bool:
        """Its lines wrap."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Of all lines, or of as many as it may have."""
        most = MOST_LINES * self.fontMetrics().lineSpacing()
        return min(most, self._lines.totalHeightForWidth(width))

    def sizeHint(self) -> QSize:
        """In the width it has."""
        return QSize(super().sizeHint().width(), self.heightForWidth(self.width()))

    def minimumSizeHint(self) -> QSize:
        """One line may be all there is room for."""
        return QSize(0, self.fontMetrics().lineSpacing())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Something else is said."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.updateGeometry()
        return super().eventFilter(watched, event)
