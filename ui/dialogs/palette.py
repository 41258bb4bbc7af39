"""The command palette (Ctrl+K) and the cheat sheet (F1): every act on offer, found by words or pinyin initials."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from models.found_by import folded, found_by
from ui.language import tr


class Entry(msgspec.Struct, frozen=True):
    """One act of the palette: its code, its words, its key."""

    code: str
    label: str
    key: str


class Palette(QDialog):
    """Emits `picked(code)`."""

    picked = Signal(str)

    def __init__(self, entries: list[Entry], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("可办操作"))
        self._entries = entries
        self.line = QLineEdit()
        self.line.setPlaceholderText(tr("输入文字或拼音首字母,回车执行"))
        self.line.setAccessibleName(tr("查找操作"))
        self.list = QListWidget()
        self.list.setAccessibleName(tr("操作"))
        layout = QVBoxLayout(self)
        layout.addWidget(self.line)
        layout.addWidget(self.list)
        self.line.textChanged.connect(self._fill)
        self.line.installEventFilter(self)
        self.list.itemActivated.connect(lambda _i: self._pick())
        self._fill("")
        self.setMinimumSize(420, 360)

    def _fill(self, text: str) -> None:
        self.list.clear()
        wanted = folded(text).strip()
        for entry in self._entries:
            if wanted in found_by(entry.label):
                item = QListWidgetItem(f"{entry.label}    {entry.key}")
                item.setData(Qt.ItemDataRole.UserRole, entry.code)
                self.list.addItem(item)
        self.list.setCurrentRow(0)

    def _pick(self) -> None:
        item = self.list.currentItem()
        if item is not None:
            self.accept()
            self.picked.emit(str(item.data(Qt.ItemDataRole.UserRole)))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows move in the list while typing; Enter picks."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                by = 1 if event.key() == Qt.Key.Key_Down else -1
                self.list.setCurrentRow(max(0, min(self.list.count() - 1, self.list.currentRow() + by)))
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._pick()
                return True
        return super().eventFilter(watched, event)
