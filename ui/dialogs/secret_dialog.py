"""A window that asks for passphrases: what it is about, the fields, what is being waited for, why not, what came of it. Esc
closes."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from ui import words
from ui.dialogs.fitted import FittedDialog
from ui.dialogs.waiting import waiting_text
from ui.language import tr
from ui.widgets.act_button import act_button
from ui.widgets.plain import told_line

WIDTH = 560


class SecretDialog(FittedDialog):
    """Stays open until told what came of it, or why not. `fields` are the names of what is asked, in order."""

    def __init__(self, title: str, about: str, fields: Sequence[str], go: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.said = told_line("")
        self.said.setText(about)
        self.fields = [secret_field(name) for name in fields]
        self.problem = told_line("warning")
        self.waiting = told_line("quiet")
        self.go = act_button(go, self._begin)
        self.go.setProperty("first", True)
        self.go.setDefault(True)
        self.close_ = act_button(tr("关闭 Esc"), self.reject)
        self._asked = QWidget()
        rows = QFormLayout(self._asked)
        rows.setContentsMargins(0, 0, 0, 0)
        for name, field in zip(fields, self.fields, strict=True):
            rows.addRow(name, field)
        buttons = QHBoxLayout()
        buttons.addWidget(self.go)
        buttons.addWidget(self.close_)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        for part in (self.said, self._asked, self.problem, self.waiting):
            layout.addWidget(part)
        layout.addStretch(1)
        layout.addLayout(buttons)
        self.be_at_least(WIDTH)
        self.fields[0].setFocus()

    def _begin(self) -> None:
        raise NotImplementedError

    def differ(self, passphrase: QLineEdit, again: QLineEdit) -> bool:
        """True, and said, when the two are not the same."""
        self.problem.clear()
        if passphrase.text() == again.text():
            return False
        self.refuse(words.refusal("passphrases_differ", {}, {}), passphrase)
        return True

    def wait_for(self, text: str) -> None:
        """Say what is being waited for."""
        self.problem.clear()
        self.go.setEnabled(False)
        self.waiting.setText(waiting_text(text))

    def refuse(self, text: str, at: QLineEdit | None = None) -> None:
        """Why not; what is here is as it was. The cursor goes to the field to be mended."""
        self.waiting.clear()
        self.problem.setText(text)
        self.go.setEnabled(True)
        field = at or self.fields[0]
        field.selectAll()
        field.setFocus()

    def show_done(self, text: str) -> None:
        """It is done."""
        self.waiting.clear()
        self.problem.clear()
        self._asked.hide()
        self.go.hide()
        self.said.setText(text)
        self.close_.setFocus()


def secret_field(name: str) -> QLineEdit:
    """A field that shows nothing of what is typed."""
    made = QLineEdit()
    made.setEchoMode(QLineEdit.EchoMode.Password)
    made.setAccessibleName(name)
    return made
