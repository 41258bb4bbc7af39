"""添加附件: which files, what they show, a word about them. The names are shown here only and never leave this workstation."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from models.attachment import LONGEST_CAPTION, AttachmentKind
from ui import words
from ui.dialogs.fitted import FittedDialog
from ui.language import tr
from ui.widgets.act_button import act_button
from ui.widgets.typed import one_line

NAMES_SHOWN = 6
KINDS_IN_ROW = 4


class AddFilesDialog(FittedDialog):
    """`chosen` with the kind and the caption. Digits choose the kind, Enter adds, Esc gives up."""

    chosen = Signal(object, str)

    def __init__(self, names: Sequence[str], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("添加附件 {0} 个").format(len(names)))
        self.kind: AttachmentKind | None = None
        shown = [*names[:NAMES_SHOWN], *(["…"] if len(names) > NAMES_SHOWN else [])]
        listed = QLabel("\n".join(shown))
        listed.setObjectName("quiet")
        listed.setTextFormat(Qt.TextFormat.PlainText)
        listed.setWordWrap(True)
        self.kinds: dict[AttachmentKind, QPushButton] = {}
        grid = QGridLayout()
        for number, kind in enumerate(AttachmentKind):
            grid.addWidget(self._kind_button(number, kind), number // KINDS_IN_ROW, number % KINDS_IN_ROW)
        self.caption = QLineEdit()
        self.caption.setMaxLength(LONGEST_CAPTION)
        self.caption.setPlaceholderText(tr("说明(可不填;勿填诉求人信息)"))
        self.caption.setAccessibleName(tr("说明(可不填;勿填诉求人信息)"))
        self.problem = QLabel()
        self.problem.setObjectName("warning")
        told = QLabel(tr("照片自带的拍摄时刻和位置会一并读取,注明“相机所记”;文件名不上报。"))
        told.setObjectName("quiet")
        told.setWordWrap(True)
        self.add = act_button(tr("添加 Enter"), self._add)
        self.add.setProperty("first", True)
        self.add.setDefault(True)
        buttons = QHBoxLayout()
        for button in (self.add, act_button(tr("取消 Esc"), self.reject)):
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addWidget(listed)
        layout.addWidget(QLabel(tr("这些文件是(按数字键选):")))
        layout.addLayout(grid)
        layout.addWidget(self.caption)
        layout.addWidget(told)
        layout.addWidget(self.problem)
        layout.addLayout(buttons)
        self.be_at_least(520)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFocus()

    def _kind_button(self, number: int, kind: AttachmentKind) -> QPushButton:
        button = QPushButton(f"{number + 1}  {words.ATTACHMENT_KINDS[kind.value]}")
        button.setObjectName("chip")
        button.setCheckable(True)
        button.setAutoDefault(False)
        button.setAccessibleName(words.ATTACHMENT_KINDS[kind.value])
        button.clicked.connect(lambda: self.choose(kind))
        self.kinds[kind] = button
        return button

    def choose(self, kind: AttachmentKind) -> None:
        """They show this."""
        self.kind = kind
        self.problem.clear()
        for one, button in self.kinds.items():
            button.setChecked(one is kind)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A digit is a kind, wherever no text is typed."""
        kinds = list(self.kinds)
        if event.text().isdecimal() and 1 <= int(event.text()) <= len(kinds):
            self.choose(kinds[int(event.text()) - 1])
        else:
            super().keyPressEvent(event)

    def _add(self) -> None:
        if self.kind is None:
            self.problem.setText(tr("请先选类型(按数字键 1 至 7)。"))
            return
        self.chosen.emit(self.kind, one_line(self.caption.text()))
        self.accept()
