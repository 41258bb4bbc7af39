"""The sync page: the truth about the line, what is unsent, and the switch for drills (sync.md §3.8)."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QFrame, QLabel, QPushButton, QVBoxLayout, QWidget

from models.evidence import Grade
from models.views import LineState
from ui import format as fmt
from ui import words
from ui.language import tr
from ui.ports import LineSwitch, Present


class SyncPage(QWidget):
    """Reads only LineState; its switch and button ask the program."""

    def __init__(self, switch: LineSwitch, present: Present) -> None:
        super().__init__()
        self._present = present
        self._lines = QLabel()
        self._lines.setWordWrap(True)
        self.offline = QCheckBox(tr("断网演练(主动断开,操作照常,恢复后自动上报)"))
        self.offline.clicked.connect(switch.work_offline)
        again = QPushButton(tr("立即重试"))
        again.setObjectName("act")
        again.clicked.connect(switch.try_now)
        card = QFrame()
        card.setObjectName("card")
        inside = QVBoxLayout(card)
        inside.addWidget(QLabel(tr("<b>与区中心同步</b>")))
        inside.addWidget(self._lines)
        inside.addWidget(self.offline)
        inside.addWidget(again)
        layout = QVBoxLayout(self)
        layout.addWidget(card)
        layout.addStretch(1)

    def show_line(self, line: LineState) -> None:
        """Show the state as it is; the switch too, whoever has moved it."""
        self.offline.setChecked(line.state == "work_offline")
        present = self._present.now()
        now = present.shown_at
        said = [tr("状态:{0}").format(words.LINES[line.state])]
        if line.reason:
            said.append(words.refusal(line.reason, {}, {}))
        if line.last_contact_at is not None:
            said.append(tr("与区中心上次通信:{0}").format(fmt.clock(line.last_contact_at)))
        said.append(tr("已存本机·待上报:{0} 项").format(line.unsent))
        if line.oldest_unsent_at is not None:
            said.append(tr("最早一项:{0} 前").format(fmt.age(now - line.oldest_unsent_at)))
        said.append(tr("未生效操作:{0} 项").format(line.not_effective))
        if line.clock_radius_ms is None:
            said.append(tr("时钟:本次开机后未与区中心对时,操作时间待认定"))
            if present.grade is Grade.DOUBTFUL and present.lo:
                said.append(tr("现在不早于 {0}").format(fmt.day_and_minute(present.lo, now)))
        else:
            said.append(tr("时钟误差:±{0:.1f} 秒").format(line.clock_radius_ms / 1000))
        if line.token_plain:
            said.append(tr("令牌未加密:系统密钥环不可用,存于仅本人可读的文件(仅限本机地址)"))
        self._lines.setText("<br>".join(said))
