"""What stands in the place of the cases while the window is locked: who may unlock it, with his password, or somebody else."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from ui.language import tr
from ui.widgets.act_button import act_button

CARD_WIDTH = 440


class LockPage(QWidget):
    """`entered` with the password; `user_asked`: somebody else wants to sit down."""

    entered = Signal(str)
    user_asked = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._who = QLabel()
        self.password = QLineEdit()
        self.password.setEchoMode(QLineEdit.EchoMode.Password)
        self.password.setAccessibleName(tr("密码"))
        self.password.setPlaceholderText(tr("密码"))
        self.password.returnPressed.connect(self._submit)
        self.problem = QLabel()
        self.problem.setObjectName("warning")
        told = QLabel(tr("报警、时限和上报照常进行;没有办完的表单都留着。"))
        told.setObjectName("quiet")
        self.problem.setWordWrap(True)
        self.go = act_button(tr("解锁 Enter"), self._submit)
        other = act_button(tr("更换用户 Ctrl+U"), self.user_asked)
        buttons = QHBoxLayout()
        buttons.addWidget(self.go)
        buttons.addWidget(other)
        buttons.addStretch(1)
        card = QFrame()
        card.setObjectName("card")
        card.setMinimumWidth(CARD_WIDTH)
        inside = QVBoxLayout(card)
        inside.setContentsMargins(24, 20, 24, 20)
        inside.setSpacing(10)
        inside.addWidget(QLabel(f"<h2>{tr('已锁定')}</h2>"))
        for part in (self._who, self.password, self.problem):
            inside.addWidget(part)
        inside.addLayout(buttons)
        inside.addWidget(told)
        middle = QHBoxLayout()
        middle.addStretch(1)
        middle.addWidget(card)
        middle.addStretch(1)
        layout = QVBoxLayout(self)
        layout.addStretch(2)
        layout.addLayout(middle)
        layout.addStretch(3)

    def show_for(self, who: str) -> None:
        """Wait for this person's password."""
        self._who.setText(who)
        self.password.clear()
        self.problem.clear()
        self.password.setEnabled(True)
        self.go.setEnabled(True)
        self.password.setFocus(Qt.FocusReason.OtherFocusReason)

    def refuse(self, text: str) -> None:
        """Say why not."""
        self.show_for(self._who.text())
        self.problem.setText(text)

    def _submit(self) -> None:
        self.problem.clear()
        self.password.setEnabled(False)
        self.go.setEnabled(False)
        self.entered.emit(self.password.text())
