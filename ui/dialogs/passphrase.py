"""The start passphrase of a workstation without a keyring: chosen once, asked at every start."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFormLayout, QLabel, QPushButton, QVBoxLayout

from ui import words
from ui.dialogs.fitted import FittedDialog
from ui.dialogs.secret_dialog import secret_field
from ui.language import tr
from ui.widgets.plain import told_line

WIDTH = 520


class PassphraseDialog(FittedDialog):
    """`entered` with the passphrase; stays open until told `accept`, or why not. `forgotten`: the person says so."""

    entered = Signal(str)
    forgotten = Signal()

    def __init__(self, is_new: bool) -> None:
        super().__init__()
        self.setWindowTitle(tr("设启动口令") if is_new else tr("启动口令"))
        self.passphrase = secret_field(tr("启动口令"))
        self.again = secret_field(tr("再输一次"))
        self._is_new = is_new
        self.problem = told_line("warning")
        explained = QLabel(_explained(is_new))
        explained.setObjectName("quiet")
        explained.setWordWrap(True)
        self._go = QPushButton(tr("设定口令") if is_new else tr("打开"))
        self._go.setDefault(True)
        self._go.clicked.connect(self._submit)
        rows = QFormLayout()
        rows.addRow(tr("启动口令"), self.passphrase)
        layout = QVBoxLayout(self)
        layout.addLayout(rows)
        for part in (explained, self.problem, self._go):
            layout.addWidget(part)
        if is_new:
            rows.addRow(tr("再输一次"), self.again)
        else:
            forgotten = QPushButton(tr("忘记口令…"))
            forgotten.setAutoDefault(False)
            forgotten.setFlat(True)
            forgotten.clicked.connect(self.forgotten)
            layout.addWidget(forgotten)
        self.be_at_least(WIDTH)
        self.passphrase.setFocus()

    def _submit(self) -> None:
        if self._is_new and self.passphrase.text() != self.again.text():
            self.refuse(words.refusal("passphrases_differ", {}, {}))
            return
        self.problem.clear()
        self._go.setEnabled(False)
        self.entered.emit(self.passphrase.text())

    def refuse(self, text: str) -> None:
        """Say why not."""
        self.problem.setText(text)
        self._go.setEnabled(True)
        self.passphrase.selectAll()
        self.passphrase.setFocus()


def _explained(is_new: bool) -> str:
    if is_new:
        return tr(
            "以后每次启动都要输入。口令只有您知道,程序和区中心都不保存,无法找回:忘记了就只能请区中心给出登记码重新登记本机,"
            "没有上报的操作也读不出来。"
        )
    return tr("令牌、密钥和数据由启动口令保护。")
