"""Signing in, and changing a first password, in one small window."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QFormLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout

from models.people import Person
from ui.dialogs.fitted import FittedDialog
from ui.language import tr
from ui.widgets.plain import told_line


class SignInDialog(FittedDialog):
    """Emits `entered(person, password, new_password)`; stays open until told `accept`, or why not. `first`: who is shown
    at first."""

    entered = Signal(str, str, str)

    def __init__(self, unit_name: str, people: tuple[Person, ...], first: str = "") -> None:
        super().__init__()
        self.setWindowTitle(tr("登录 · {0}").format(unit_name))
        self.person = QComboBox()
        self.person.setAccessibleName(tr("姓名"))
        for person in people:
            self.person.addItem(f"{person.name}  {person.title}", person.id)
        self.person.setCurrentIndex(max(0, self.person.findData(first)))
        self.password = QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setAccessibleName(tr("密码"))
        self.new_password = QLineEdit()
        self.new_password.setEchoMode(QLineEdit.EchoMode.Password)
        self.new_password.setAccessibleName(tr("新密码"))
        self.new_password.hide()
        self._new_label = QLabel(tr("新密码"))
        self._new_label.hide()
        self.problem = told_line("warning")
        self._go = QPushButton(tr("登录"))
        self._go.setDefault(True)
        self._go.clicked.connect(self._submit)
        rows = QFormLayout()
        rows.addRow(tr("姓名"), self.person)
        rows.addRow(tr("密码"), self.password)
        rows.addRow(self._new_label, self.new_password)
        layout = QVBoxLayout(self)
        layout.addWidget(QLabel(f"<b>{unit_name}</b>"))
        layout.addLayout(rows)
        layout.addWidget(self.problem)
        layout.addWidget(self._go)
        for secret in (self.password, self.new_password):
            self.finished.connect(secret.clear)  # the dialog lives as long as its window
        self.be_at_least(360)
        self.password.setFocus(Qt.FocusReason.OtherFocusReason)

    def _submit(self) -> None:
        self._go.setEnabled(False)
        self.problem.clear()
        self.entered.emit(str(self.person.currentData()), self.password.text(), self.new_password.text())

    def ask_new_password(self, text: str) -> None:
        """A first password must be changed before anything else."""
        self._new_label.show()
        self.new_password.show()
        self.refuse(text)
        self.new_password.setFocus()

    def refuse(self, text: str) -> None:
        """Say why not; what was typed stays."""
        self.problem.setText(text)
        self._go.setEnabled(True)
