"""交接包: writing this workstation's unsent acts into a file, or taking in another's (sync.md §3.10). It says what is in the file and
what is not, and what becomes of the acts."""

from __future__ import annotations

from PySide6.QtCore import QStandardPaths, Signal
from PySide6.QtWidgets import QDialog, QFileDialog, QFormLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from models.handover_file import SUFFIX
from ui import words
from ui.dialogs.save_file import save_file
from ui.dialogs.waiting import waiting_text
from ui.language import tr
from ui.widgets.act_button import act_button

WIDTH, MARGINS = 560, 30


class HandoverDialog(QDialog):
    """`asked(file, passphrase)`; stays open until told what came of it, or why not. Esc closes."""

    asked = Signal(str, str)

    def __init__(self, title: str, about: str, go: str, parent: QWidget, *, is_new: bool) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.chooser: QFileDialog | None = None
        self.said = _line("")
        _say(self.said, about)
        self.passphrase = _secret(tr("交接口令"))
        self.again = _secret(tr("再输一次"))
        self.problem = _line("warning")
        self.waiting = _line("quiet")
        self._is_new = is_new
        self.go = act_button(go, self._begin)
        self.go.setProperty("first", True)
        self.go.setDefault(True)
        self.close_ = act_button(tr("关闭 Esc"), self.reject)
        self._fields = QWidget()
        rows = QFormLayout(self._fields)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addRow(tr("交接口令"), self.passphrase)
        if is_new:
            rows.addRow(tr("再输一次"), self.again)
        buttons = QHBoxLayout()
        buttons.addWidget(self.go)
        buttons.addWidget(self.close_)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        for part in (self.said, self._fields, self.problem, self.waiting):
            layout.addWidget(part)
        layout.addStretch(1)
        layout.addLayout(buttons)
        self.setMinimumWidth(WIDTH)
        self.passphrase.setFocus()

    def _begin(self) -> None:
        self.problem.clear()
        if self._is_new and self.passphrase.text() != self.again.text():
            self.refuse(words.refusal("passphrases_differ", {}, {}))
            return
        self.choose_file()

    def choose_file(self) -> None:
        """Ask which file."""
        raise NotImplementedError

    def _chosen(self, chooser: QFileDialog) -> None:
        chooser.fileSelected.connect(self._ask)
        self.chooser = chooser
        chooser.open()

    def _ask(self, file: str) -> None:
        self.go.setEnabled(False)
        self.waiting.setText(waiting_text(tr("正在加密和核对…")))
        self.asked.emit(file, self.passphrase.text())

    def refuse(self, text: str) -> None:
        """Why not; the file and what is here are as they were."""
        self.waiting.clear()
        _say(self.problem, text)
        self.go.setEnabled(True)
        self.passphrase.selectAll()
        self.passphrase.setFocus()

    def show_done(self, text: str) -> None:
        """It is done."""
        self.waiting.clear()
        self.problem.clear()
        self._fields.hide()
        self.go.hide()
        _say(self.said, text)
        self.close_.setFocus()


class WriteHandoverDialog(HandoverDialog):
    """导出交接包."""

    def __init__(self, unsent: int, slot: str, parent: QWidget) -> None:
        self._slot = slot
        about = tr(
            "把本机还没有上报的 {0} 项操作写成一个文件,交给本单位另一台工作机代为上报。本机坏了、长时间断网时用。"
            "操作仍留在本机,照常办理;哪一台先报到都只算一次。"
        ).format(unsent)
        kept = tr("文件用交接口令加密(至少 10 位),其中有诉求人信息。口令请当面或电话告知接手的人,不要与文件放在一起。")
        super().__init__(tr("导出交接包"), f"{about}\n\n{kept}", tr("选择保存位置 Enter"), parent, is_new=True)

    def choose_file(self) -> None:
        """Where to keep it."""
        name = tr("交接包 {0} 机").format(self._slot)
        self._chosen(save_file(self, tr("导出交接包"), name, SUFFIX, f"(*.{SUFFIX})"))

    def cannot_write(self, file: str) -> None:
        """The file cannot be written there."""
        self.refuse(tr("未能写入 {0}。请换一个文件夹。").format(file))


class TakeHandoverDialog(HandoverDialog):
    """导入交接包."""

    def __init__(self, parent: QWidget) -> None:
        about = tr(
            "接手本单位另一台工作机没有上报的操作:先以“交接·待确认”显示在本机,连上区中心后由本机代为上报。"
            "仍算原操作人、原机器的操作;原机器后来自己报到的,不会重复。"
        )
        super().__init__(tr("导入交接包"), about, tr("选择文件 Enter"), parent, is_new=False)

    def choose_file(self) -> None:
        """Which one."""
        folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
        chooser = QFileDialog(self, tr("导入交接包"), folder, f"(*.{SUFFIX})")
        chooser.setFileMode(QFileDialog.FileMode.ExistingFile)
        self._chosen(chooser)

    def cannot_read(self, file: str) -> None:
        """The file cannot be read."""
        self.refuse(tr("读不到 {0}。").format(file))


def _say(label: QLabel, text: str) -> None:
    """Lines that wrap get the height they need: a layout does not see to that by itself."""
    label.setText(text)
    label.setMinimumHeight(label.heightForWidth(WIDTH - MARGINS))


def _line(name: str) -> QLabel:
    found = QLabel()
    found.setObjectName(name)
    found.setWordWrap(True)
    return found


def _secret(name: str) -> QLineEdit:
    made = QLineEdit()
    made.setEchoMode(QLineEdit.EchoMode.Password)
    made.setAccessibleName(name)
    return made
