"""Letting this workstation in again: a new one-time code, and what becomes of what is not reported yet (sync-R4, R5)."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QFormLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ui.dialogs.first_run import code_field
from ui.dialogs.waiting import waiting_text
from ui.language import tr


class LetInAgainDialog(QDialog):
    """`asked(code)`; stays open until told `accept`, or why not."""

    asked = Signal(str)

    def __init__(self, parent: QWidget, unsent: int) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("重新登记本机"))
        self.code = code_field()
        explained = QLabel(
            tr(
                "请区中心值班长给本单位生成一个登记码并念给您听。登记后本机换新编号,原编号停用。"
                "区中心还没有的操作(现有 {0} 项待上报)原样带过去,一项不少,也不会重复。"
            ).format(unsent)
        )
        explained.setObjectName("quiet")
        explained.setWordWrap(True)
        self.problem = QLabel()
        self.problem.setObjectName("warning")
        self.problem.setWordWrap(True)
        self.waiting = QLabel()
        self.waiting.setObjectName("quiet")
        self.waiting.setWordWrap(True)
        self._go = QPushButton(tr("重新登记"))
        self._go.setDefault(True)
        self._go.clicked.connect(self._submit)
        rows = QFormLayout()
        rows.addRow(tr("登记码"), self.code)
        layout = QVBoxLayout(self)
        layout.addWidget(explained)
        layout.addLayout(rows)
        for part in (self.problem, self.waiting, self._go):
            layout.addWidget(part)
        self.setMinimumWidth(480)
        self.code.setFocus()

    def _submit(self) -> None:
        self.problem.clear()
        self._go.setEnabled(False)
        self.waiting.setText(waiting_text(tr("正在联系区中心…")))
        self.asked.emit(self.code.text().strip())

    def refuse(self, text: str) -> None:
        """Say why not; what was typed stays."""
        self.waiting.clear()
        self.problem.setText(text)
        self._go.setEnabled(True)
        self.code.setFocus()
