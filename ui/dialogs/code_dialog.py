"""A window that takes a one-time code: the field, what is being waited for, and why it was refused."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton, QWidget

from ui.dialogs.fitted import FittedDialog
from ui.dialogs.waiting import waiting_text
from ui.language import tr
from ui.widgets.plain import told_line


class CodeDialog(FittedDialog):
    """What all of them have; each lays it out as its own. `go` is the word on its button."""

    def __init__(self, go: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.code = QLineEdit()  # typed as it is read out: groups, spaces and small letters as one likes
        self.code.setAccessibleName(tr("登记码"))
        self.code.setPlaceholderText("XXXX-XXXX-XXXX-…")
        self.problem = told_line("warning")
        self.waiting = told_line("quiet")
        self._go = QPushButton(go)
        self._go.setDefault(True)

    def wait_for(self, text: str) -> None:
        """Say what is being waited for; Esc closes the window meanwhile, as always."""
        self._go.setEnabled(False)
        self.problem.clear()
        self.waiting.setText(waiting_text(text))

    def refuse(self, text: str) -> None:
        """Say why not; what was typed stays."""
        self.waiting.clear()
        self.problem.setText(text)
        self._go.setEnabled(True)


def explained(text: str) -> QLabel:
    """What a person should know before."""
    found = told_line("quiet")
    found.setText(text)
    return found
