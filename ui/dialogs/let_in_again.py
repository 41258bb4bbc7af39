"""Letting this workstation in again: a new one-time code, and what becomes of what is not reported yet (sync-R4, R5)."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QVBoxLayout, QWidget

from ui.dialogs.code_dialog import CodeDialog, explained
from ui.language import tr


class LetInAgainDialog(CodeDialog):
    """`asked(code)`; stays open until told `accept`, or why not."""

    asked = Signal(str)

    def __init__(self, parent: QWidget, unsent: int) -> None:
        super().__init__(tr("重新登记"), parent)
        self.setWindowTitle(tr("重新登记本机"))
        self._go.clicked.connect(self._submit)
        rows = QFormLayout()
        rows.addRow(tr("登记码"), self.code)
        layout = QVBoxLayout(self)
        layout.addWidget(
            explained(
                tr(
                    "请区中心值班长给本单位生成一个登记码并念给您听。登记后本机换新编号,原编号停用。"
                    "区中心还没有的操作(现有 {0} 项待上报)原样带过去,一项不少,也不会重复。"
                ).format(unsent)
            )
        )
        layout.addLayout(rows)
        for part in (self.problem, self.waiting, self._go):
            layout.addWidget(part)
        self.be_at_least(480)
        self.code.setFocus()

    def _submit(self) -> None:
        self.wait_for(tr("正在联系区中心…"))
        self.asked.emit(self.code.text().strip())

    def refuse(self, text: str) -> None:
        """Say why not; the cursor goes back to the code."""
        super().refuse(text)
        self.code.setFocus()
