"""A small window that says what is being waited for; Esc gives up."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QProgressBar, QVBoxLayout

from ui.dialogs.fitted import FittedDialog
from ui.language import tr


class WaitingDialog(FittedDialog):
    """Closed by whoever opened it, or by Esc (`rejected`)."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.setWindowTitle(tr("联勤联动工作台"))
        self.said = QLabel(waiting_text(text))
        self.said.setWordWrap(True)
        moving = QProgressBar()
        moving.setRange(0, 0)
        moving.setTextVisible(False)
        layout = QVBoxLayout(self)
        layout.addWidget(self.said)
        layout.addWidget(moving)
        self.be_at_least(360)


def waiting_text(text: str) -> str:
    """What is waited for, and how to stop waiting."""
    return tr("{0}　Esc 取消").format(text)
