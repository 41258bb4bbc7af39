"""查看诉求人: a deliberate reading of a requester's name and phone, which the centre records; nothing of it can be copied."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from services.requester import Requester
from ui.dialogs.fitted import FittedDialog
from ui.language import tr
from ui.widgets.act_button import act_button
from ui.widgets.plain import told_line
from ui.widgets.watermark import Watermark


class RequesterDialog(FittedDialog):
    """`asked` when the record is to be read; `sign_in_asked` when the sign-in is to be renewed first. Esc closes."""

    asked = Signal()
    sign_in_asked = Signal()

    def __init__(self, number: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("诉求人 {0}").format(number))
        self.watermark: Watermark | None = None
        self.said, self.problem = told_line(""), told_line("warning")
        self.said.setText(tr("查看诉求人姓名和电话将由区中心记录:何人、何时、哪一案。只为办理本案,不得转告。"))
        self.rows = QFormLayout()
        self.read = act_button(tr("查看"), self._ask)
        self.sign_in = act_button(tr("重新登录"), self.sign_in_asked.emit)
        self.sign_in.hide()
        buttons = QHBoxLayout()
        for button in (self.read, self.sign_in, act_button(tr("关闭 Esc"), self.reject)):
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addWidget(self.said)
        layout.addLayout(self.rows)
        layout.addWidget(self.problem)
        layout.addStretch(1)
        layout.addLayout(buttons)
        self.be_at_least(460, 240)
        self.read.setDefault(True)
        self.finished.connect(self._forget)

    def _forget(self) -> None:
        """The dialog lives as long as its window; whom it named does not."""
        while self.rows.rowCount():
            self.rows.removeRow(0)

    def _ask(self) -> None:
        self.wait()
        self.asked.emit()

    def wait(self) -> None:
        """It is being read."""
        self.read.setEnabled(False)
        self.sign_in.hide()
        self.problem.clear()
        self.said.setText(tr("正在向区中心读取…"))

    def show_requester(self, found: Requester, watermark: str) -> None:
        """Who asked, under the name of who looks and the minute."""
        self.read.hide()
        for label, text in ((tr("姓名"), found.name), (tr("电话"), found.phone), (tr("备注"), found.note)):
            if text:
                self.rows.addRow(label, _line(text))
        self.said.setText(
            tr("此记录在本机录入,尚未上报,读自本机;区中心没有记录这次查看。")
            if found.is_unsent
            else tr("区中心已记录这次查看。")
        )
        self.watermark = Watermark(self, watermark)

    def refuse(self, text: str, *, may_sign_in: bool = False) -> None:
        """Why it cannot be read now, and whether signing in again would help."""
        self.said.clear()
        self.problem.setText(text)
        self.read.setEnabled(True)
        self.sign_in.setVisible(may_sign_in)
        if may_sign_in:
            self.sign_in.setFocus()


def _line(text: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
    font = label.font()
    font.setPointSizeF(font.pointSizeF() * 1.4)
    label.setFont(font)
    return label
