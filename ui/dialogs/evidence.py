"""导出证据: a deliberate export, which the centre records; it says what is in the file and what it does not prove."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from models.evidence_file import Evidence
from models.signing import key_fingerprint
from ui.dialogs.fitted import FittedDialog
from ui.dialogs.save_file import save_file
from ui.language import tr
from ui.widgets.act_button import act_button
from ui.widgets.plain import told_line


class EvidenceDialog(FittedDialog):
    """`chosen` with the file to write; `sign_in_asked` when the sign-in is to be renewed first. Esc closes."""

    chosen = Signal(str)
    sign_in_asked = Signal()

    def __init__(self, number: str, unsent: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._number = number
        self.chooser: QFileDialog | None = None
        self.setWindowTitle(tr("导出证据 {0}").format(number))
        self.said = _line("\n\n".join(_about(unsent)))
        self.said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.problem = _line("")
        self.problem.setObjectName("warning")
        self.save = act_button(tr("选择保存位置 Enter"), self.choose_file)
        self.save.setProperty("first", True)
        self.sign_in = act_button(tr("重新登录"), self.sign_in_asked.emit)
        self.sign_in.hide()
        self.close_ = act_button(tr("关闭 Esc"), self.reject)
        buttons = QHBoxLayout()
        for button in (self.save, self.sign_in, self.close_):
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setSpacing(12)
        layout.addWidget(self.said)
        layout.addWidget(self.problem)
        layout.addStretch(1)
        layout.addLayout(buttons)
        self.be_at_least(560, 260)
        self.save.setDefault(True)

    def choose_file(self) -> None:
        """Ask where to keep the file."""
        name = tr("证据 {0}").format(self._number)
        chooser = save_file(self, tr("导出证据"), name, "zip", "ZIP (*.zip)")
        chooser.fileSelected.connect(self.chosen)
        self.chooser = chooser
        chooser.open()

    def wait(self) -> None:
        """It is being made."""
        self.save.setEnabled(False)
        self.sign_in.hide()
        self.problem.clear()
        self.said.setText(tr("正在请区中心制作,并核对…"))

    def show_done(self, found: Evidence, file: str) -> None:
        """It is kept: where, how much is in it, and what whoever gets it must compare."""
        self.save.hide()
        reach = tr("区中心留存的全部操作") if found.manifest.whole else tr("本单位可见的操作")
        kept = tr("已存为 {0}").format(file)
        checked = tr("已核对:区中心和工作机的签名、全区顺序均无误。共 {0} 项操作({1})。").format(
            len(found.entries), reach
        )
        away = len(found.manifest.left_out)
        if away:
            checked += tr("有 {0} 个附件不在包内(过大,或还没有到区中心),目录里有其校验值。").format(away)
        proof = tr("交给他人时,请告知区中心公钥指纹,由其用核对程序验证:")
        self.said.setText("\n\n".join((kept, checked, proof + "\n" + key_fingerprint(found.manifest.centre_key))))
        self.close_.setFocus()

    def refuse(self, text: str, *, may_sign_in: bool = False) -> None:
        """Why there is none now, and whether signing in again would help."""
        self.said.clear()
        self.problem.setText(text)
        self.save.setEnabled(True)
        self.sign_in.setVisible(may_sign_in)
        (self.sign_in if may_sign_in else self.save).setFocus()

    def cannot_write(self, file: str) -> None:
        """The file cannot be written there."""
        self.refuse(tr("未能写入 {0}。请换一个文件夹。").format(file))


def _about(unsent: int) -> list[str]:
    said = [
        tr("证据包由区中心制作并签名:此案的全部操作原文、签名、全区顺序和回执,另附时间线(PDF)供阅读。"),
        tr("照片和文件放的是原件,含相机所记的时刻和位置;合计超过 50 MB 的部分不在内,只列出校验值。"),
        tr("区中心将记录何人何时导出。其中没有诉求人档案;经办人写进操作的文字照原样保留,请按内部材料保管。"),
    ]
    if unsent:
        said.append(tr("此案有 {0} 项操作还没有上报或没有结论,不在证据包内。").format(unsent))
    return said


def _line(text: str) -> QLabel:
    label = told_line("")
    label.setText(text)
    return label
