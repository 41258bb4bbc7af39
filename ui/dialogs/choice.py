"""A question before the console opens, with a few answers in words; Esc is none of them."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout

from ui.dialogs.fitted import FittedDialog
from ui.language import tr

WIDTH = 520


class ChoiceDialog(FittedDialog):
    """`answer` is the code of what was pressed, "" when the window was closed. The first answer is the usual one."""

    def __init__(self, text: str, answers: dict[str, str]) -> None:
        super().__init__()
        self.setWindowTitle(tr("联勤联动工作台"))
        self.answer = ""
        self.said = QLabel(text)
        self.said.setWordWrap(True)
        self.buttons = {code: self._button(code, label) for code, label in answers.items()}
        row = QHBoxLayout()
        row.addStretch(1)
        for button in self.buttons.values():
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.addWidget(self.said)
        layout.addLayout(row)
        self.be_at_least(WIDTH)

    def _button(self, code: str, label: str) -> QPushButton:
        made = QPushButton(label)
        made.clicked.connect(lambda: self._chosen(code))
        return made

    def _chosen(self, code: str) -> None:
        self.answer = code
        self.accept()


def asked(text: str, answers: dict[str, str]) -> str:
    """Ask, and wait for the answer: for the time before the console is open only."""
    dialog = ChoiceDialog(text, answers)
    dialog.exec()
    return dialog.answer


def no_keyring() -> str:
    """What to do without a keyring on a workstation that is new: "again", "passphrase" or ""."""
    text = tr(
        "系统密钥环不可用:没有、已锁定,或没有及时应答。令牌、密钥和案件数据不会以明文存放在本机,请选择:\n\n"
        "· 启用或解锁系统密钥环后重试(推荐,以后不必再输入);\n· 设一个启动口令,每次启动时输入。"
    )
    return asked(text, {"again": tr("重试密钥环"), "passphrase": tr("设启动口令"), "": tr("取消")})


def store_locked() -> str:
    """What to do when the keyring does not give the key of the data: "again", "anew" or ""."""
    text = tr(
        "本机数据已加密,密钥在系统密钥环里,现在读不到(已锁定,或没有及时应答)。数据未改动,未上报的操作都在。\n\n"
        "请解锁系统密钥环后重试。"
    )
    answers = {"again": tr("重试密钥环"), "anew": tr("密钥环已重建…"), "": tr("退出")}
    return asked(text, answers)


def begin_anew() -> bool:
    """True when the person wants to be let in again, without what was here."""
    text = tr(
        "口令、密钥丢失了就无法找回。没有它,本机的数据和没有上报的操作谁也读不出来。\n\n"
        "可以重新登记本机:原来的文件整体另存、不删除,日后找到还能恢复;随后请区中心值班长给出登记码。"
    )
    return asked(text, {"back": tr("返回再试"), "anew": tr("另存原文件,重新登记")}) == "anew"
