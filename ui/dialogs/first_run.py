"""First run: where the district centre is, and the one-time code that lets this workstation in."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QDialog, QFormLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout

from ui.dialogs.waiting import waiting_text
from ui.language import tr


def code_field() -> QLineEdit:
    """Where a one-time code is typed as it is read out: groups, spaces and small letters as one likes."""
    found = QLineEdit()
    found.setAccessibleName(tr("登记码"))
    found.setPlaceholderText("XXXX-XXXX-XXXX-…")
    return found


class FirstRunDialog(QDialog):
    """`asked(address, code)`; stays open until told `accept`, or why not."""

    asked = Signal(str, str)

    def __init__(self, address: str) -> None:
        super().__init__()
        self.setWindowTitle(tr("首次使用:登记本机"))
        self.address = QLineEdit(address)
        self.address.setAccessibleName(tr("区中心地址"))
        self.code = code_field()
        explained = QLabel(
            tr("请区中心值班长生成登记码并念给您听。登记码一次有效,几分钟后作废;大小写、空格、短横都不影响。")
        )
        explained.setObjectName("quiet")
        explained.setWordWrap(True)
        self.problem = QLabel()
        self.problem.setObjectName("warning")
        self.problem.setWordWrap(True)
        self.waiting = QLabel()
        self.waiting.setObjectName("quiet")
        self.waiting.setWordWrap(True)
        self._go = QPushButton(tr("登记本机"))
        self._go.setDefault(True)
        self._go.clicked.connect(self._submit)
        rows = QFormLayout()
        rows.addRow(tr("区中心地址"), self.address)
        rows.addRow(tr("登记码"), self.code)
        layout = QVBoxLayout(self)
        layout.addLayout(rows)
        for part in (explained, self.problem, self.waiting, self._go):
            layout.addWidget(part)
        self.setMinimumWidth(480)
        self.code.setFocus()

    def _submit(self) -> None:
        self.problem.clear()
        self._go.setEnabled(False)
        self.asked.emit(self.address.text().strip(), self.code.text().strip())

    def wait_for(self, text: str) -> None:
        """Say what is being waited for; Esc closes the window meanwhile, as always."""
        self.waiting.setText(waiting_text(text))

    def refuse(self, text: str) -> None:
        """Say why not; what was typed stays."""
        self.waiting.clear()
        self.problem.setText(text)
        self._go.setEnabled(True)
