"""A case to read aloud to whoever rings, or to copy as text (practice.md §2, 11:00): large type, nothing of the requester."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from models.papers import ReadingCard
from ui.language import tr
from ui.papers.wording import reading_lines, reading_text, spoken_instant
from ui.widgets.on_key import on_key

SIZE = 1.6
"""Times the ordinary text size: to be read with the receiver at the ear."""


class ReadingCardDialog(QDialog):
    """One case on one card. Ctrl+C copies it as text, Esc closes."""

    def __init__(self, card: ReadingCard, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.card = card
        self.setWindowTitle(tr("读案卡 {0}").format(card.number))
        self.said = QLabel(tr("截至{0}。不含诉求人信息。").format(spoken_instant(card.asked_at, card.asked_at)))
        self.said.setObjectName("quiet")
        copy = QPushButton(tr("复制为文字 Ctrl+C"))
        copy.setObjectName("act")
        copy.setProperty("first", True)
        copy.setDefault(True)
        copy.clicked.connect(self.copy)
        close = QPushButton(tr("关闭 Esc"))
        close.setObjectName("act")
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        buttons = QHBoxLayout()
        buttons.addWidget(copy)
        buttons.addWidget(close)
        buttons.addStretch(1)
        buttons.addWidget(self.said)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 18, 22, 14)
        layout.setSpacing(12)
        layout.addLayout(self._lines())
        layout.addStretch(1)
        layout.addLayout(buttons)
        on_key(QKeySequence.StandardKey.Copy, self, self.copy)
        self.resize(900, 480)
        copy.setFocus()

    def _lines(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(18)
        grid.setVerticalSpacing(10)
        grid.setColumnStretch(1, 1)
        for row, (label, text) in enumerate(reading_lines(self.card)):
            name, told = QLabel(label), QLabel(text)
            name.setObjectName("quiet")
            told.setTextFormat(Qt.TextFormat.PlainText)
            told.setWordWrap(True)
            told.setAccessibleName(f"{label} {text}")
            font = told.font()
            font.setPointSizeF(font.pointSizeF() * SIZE)
            font.setBold(row == 0)
            told.setFont(font)
            grid.addWidget(name, row, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignRight)
            grid.addWidget(told, row, 1)
        return grid

    def copy(self) -> None:
        """Put the card into the clipboard as plain text."""
        QGuiApplication.clipboard().setText(reading_text(self.card))
        self.said.setText(tr("已复制。"))
