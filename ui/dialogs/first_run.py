"""First run: where the district centre is, and the one-time code that lets this workstation in."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QLineEdit, QVBoxLayout

from ui.dialogs.code_dialog import CodeDialog, explained
from ui.language import tr


class FirstRunDialog(CodeDialog):
    """`asked(address, code)`; stays open until told `accept`, or why not."""

    asked = Signal(str, str)

    def __init__(self, address: str) -> None:
        super().__init__(tr("登记本机"))
        self.setWindowTitle(tr("首次使用:登记本机"))
        self.address = QLineEdit(address)
        self.address.setAccessibleName(tr("区中心地址"))
        self._go.clicked.connect(self._submit)
        rows = QFormLayout()
        rows.addRow(tr("区中心地址"), self.address)
        rows.addRow(tr("登记码"), self.code)
        layout = QVBoxLayout(self)
        layout.addLayout(rows)
        layout.addWidget(
            explained(
                tr("请区中心值班长生成登记码并念给您听。登记码一次有效,几分钟后作废;大小写、空格、短横都不影响。")
            )
        )
        for part in (self.problem, self.waiting, self._go):
            layout.addWidget(part)
        self.be_at_least(480)
        self.code.setFocus()

    def _submit(self) -> None:
        self.problem.clear()
        self._go.setEnabled(False)
        self.asked.emit(self.address.text().strip(), self.code.text().strip())
