"""First run: where the district centre is, which unit this workstation serves, and the operator who vouches for it."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QDialog, QFormLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout

from ui.dialogs.waiting import waiting_text
from ui.language import tr


class FirstRunDialog(QDialog):
    """Two steps in one window: `looked_up(address)` fills the units; `registered(address, unit, operator, password)`."""

    looked_up = Signal(str)
    registered = Signal(str, str, str, str)

    def __init__(self, address: str) -> None:
        super().__init__()
        self.setWindowTitle(tr("首次使用:连接区中心"))
        self.address = QLineEdit(address)
        self.address.setAccessibleName(tr("区中心地址"))
        self.unit = QComboBox()
        self.unit.setAccessibleName(tr("本单位"))
        self.operator = QLineEdit()
        self.operator.setAccessibleName(tr("区中心值班长编号"))
        self.password = QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setAccessibleName(tr("值班长密码"))
        self.problem = QLabel()
        self.problem.setObjectName("warning")
        self.problem.setWordWrap(True)
        self.waiting = QLabel()
        self.waiting.setObjectName("quiet")
        self.waiting.setWordWrap(True)
        self._go = QPushButton(tr("查找区中心"))
        self._go.setDefault(True)
        self._go.clicked.connect(self._submit)
        rows = QFormLayout()
        rows.addRow(tr("区中心地址"), self.address)
        rows.addRow(tr("本单位"), self.unit)
        rows.addRow(tr("值班长编号"), self.operator)
        rows.addRow(tr("值班长密码"), self.password)
        layout = QVBoxLayout(self)
        layout.addLayout(rows)
        layout.addWidget(self.problem)
        layout.addWidget(self.waiting)
        layout.addWidget(self._go)
        self.setMinimumWidth(440)
        self._found = False
        self._enable()

    def _enable(self) -> None:
        for part in (self.unit, self.operator, self.password):
            part.setEnabled(self._found)
        self._go.setText(tr("登记本机") if self._found else tr("查找区中心"))

    def _submit(self) -> None:
        self.problem.clear()
        self._go.setEnabled(False)
        if not self._found:
            self.looked_up.emit(self.address.text().strip())
            return
        unit = str(self.unit.currentData())
        self.registered.emit(self.address.text().strip(), unit, self.operator.text().strip(), self.password.text())

    def wait_for(self, text: str) -> None:
        """Say what is being waited for; Esc closes the window meanwhile, as always."""
        self.waiting.setText(waiting_text(text))

    def show_units(self, units: list[tuple[str, str]]) -> None:
        """The centre answered: pick the unit."""
        for code, name in units:
            self.unit.addItem(name, code)
        self.waiting.clear()
        self._found = True
        self._go.setEnabled(True)
        self._enable()
        self.unit.setFocus()

    def refuse(self, text: str) -> None:
        """Say why not."""
        self.waiting.clear()
        self.problem.setText(text)
        self._go.setEnabled(True)
