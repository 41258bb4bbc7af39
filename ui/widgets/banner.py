"""A line across the window that stays until it is read; never a modal box (D27)."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton

from ui.language import tr


class Banner(QFrame):
    """Hidden while there is nothing to say."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("banner")
        self._text = QLabel()
        seen = QPushButton(tr("知道了"))
        seen.setObjectName("act")
        seen.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 4, 14, 4)
        row.addWidget(self._text, 1)
        row.addWidget(seen)
        self.hide()

    def show_text(self, text: str) -> None:
        """Say it until somebody has read it."""
        self._text.setText(text)
        self.show()
