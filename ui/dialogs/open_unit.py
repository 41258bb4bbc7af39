"""换单位: open another unit's file in this window (D21). The first time a one-time code of the district lets it in."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFormLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from models.found_by import folded, found_by
from ui.dialogs.code_dialog import CodeDialog, explained
from ui.language import tr

CODE, KNOWN = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1


class UnitChoice(msgspec.Struct, frozen=True):
    """A unit one may change to: `label` says for whom one would act, `is_known` that its file is on this workstation."""

    unit: str
    label: str
    is_known: bool


class OpenUnitDialog(CodeDialog):
    """`asked(unit, code)`; the code only for a unit that is not on this workstation yet."""

    asked = Signal(str, str)

    def __init__(self, choices: list[UnitChoice]) -> None:
        super().__init__(tr("打开"))
        self.setWindowTitle(tr("换单位"))
        self._choices = choices
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("单位名称或拼音首字母"))
        self.search.setAccessibleName(tr("查找单位"))
        self.search.textChanged.connect(self._fill)
        self.search.installEventFilter(self)
        self.list = QListWidget()
        self.list.setAccessibleName(tr("可打开的单位"))
        self.list.itemSelectionChanged.connect(self._moved)
        self.list.itemActivated.connect(lambda _i: self.submit())
        self._go.clicked.connect(self.submit)
        self._vouch = QWidget()
        self._arrange()
        self._fill("")

    def _arrange(self) -> None:
        rows = QFormLayout(self._vouch)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addRow(explained(tr("本机第一次打开此单位:须联网,并请区中心值班长给出此单位的登记码。")))
        rows.addRow(tr("登记码"), self.code)
        layout = QVBoxLayout(self)
        layout.addWidget(self.search)
        layout.addWidget(self.list, 1)
        layout.addWidget(self._vouch)
        layout.addWidget(self.problem)
        layout.addWidget(self.waiting)
        layout.addWidget(self._go)
        self.setMinimumSize(460, 420)

    def _fill(self, text: str) -> None:
        self.list.clear()
        wanted = folded(text).strip()
        for choice in self._choices:
            if wanted in found_by(choice.label):
                item = QListWidgetItem(choice.label)
                item.setData(CODE, choice.unit)
                item.setData(KNOWN, choice.is_known)
                self.list.addItem(item)
        self.list.setCurrentRow(0)

    def _moved(self) -> None:
        found = self.list.selectedItems()
        self._vouch.setVisible(bool(found) and not found[0].data(KNOWN))
        self.problem.clear()

    def submit(self) -> None:
        """Ask for the chosen unit; stays open until told `accept`, or why not."""
        found = self.list.selectedItems()
        if not found:
            return
        item = found[0]
        if not item.data(KNOWN) and not self.code.text().strip():
            self.code.setFocus()
            return
        self.wait_for(tr("正在打开单位…"))
        self.asked.emit(str(item.data(CODE)), self.code.text().strip())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows move in the list while typing."""
        pressed = event.key() if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) else None
        if pressed in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            by = 1 if pressed == Qt.Key.Key_Down else -1
            self.list.setCurrentRow(max(0, min(self.list.count() - 1, self.list.currentRow() + by)))
            return True
        return super().eventFilter(watched, event)
