"""The head of the window: whose file this is, how its cases shine, the line, the time, who sits here."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton

from models.views import LineState, QueueCounts
from ui import format as fmt
from ui import words
from ui.language import tr


class Header(QFrame):
    """`unit_asked`, `line_asked`, `user_asked`: somebody pressed the unit, the line's pill, the person."""

    unit_asked = Signal()
    line_asked = Signal()
    user_asked = Signal()

    def __init__(self, unit_name: str, pace: int) -> None:
        super().__init__()
        self.setObjectName("header")
        self._pace = pace
        self.unit = QPushButton(f"{unit_name} · {tr('联勤联动工作台')}")
        self.unit.setObjectName("title")
        self.unit.setToolTip(tr("换单位 Ctrl+T"))
        self.counts = QLabel()
        self.counts.setToolTip(tr("本机测算:按本机收到的记录推算;超时以区中心核定为准。"))
        self.pill = QPushButton()
        self.time = QLabel()
        self.user = QPushButton()
        self.user.setToolTip(tr("换班:更换用户 Ctrl+U"))
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 6, 14, 6)
        row.addWidget(self.unit)
        row.addSpacing(16)
        row.addWidget(self.counts)
        row.addStretch(1)
        for part, name in ((self.pill, tr("线路状态")), (self.user, tr("当前用户"))):
            part.setObjectName("chip")
            part.setAccessibleName(name)
        row.addWidget(self.pill)
        row.addSpacing(10)
        row.addWidget(self.time)
        row.addSpacing(10)
        row.addWidget(self.user)
        self.unit.clicked.connect(self.unit_asked)
        self.pill.clicked.connect(self.line_asked)
        self.user.clicked.connect(self.user_asked)

    def show_counts(self, counts: QueueCounts) -> None:
        """The lights of the open cases; doubtful ones only when there are any."""
        lights = [("red", counts.red), ("yellow", counts.yellow), ("green", counts.green)]
        if counts.doubtful:
            lights.append(("doubtful", counts.doubtful))
        self.counts.setText("　".join(f"{words.SHAPES[k]} {words.LIGHTS[k]} <b>{n}</b>" for k, n in lights))

    def show_line(self, line: LineState, unsent: int) -> None:
        """The truth about the line, and how many acts of this workstation wait for it."""
        waiting = tr(" · {0} 项待上报").format(unsent) if unsent else ""
        self.pill.setText(f"{words.LINES[line.state]}{waiting}")

    def show_time(self, now_ms: int) -> None:
        """The present."""
        pace = tr("　演示时间×{0}").format(self._pace) if self._pace else ""
        self.time.setText(f"<b style='font-size:large'>{fmt.clock(now_ms)}</b>　{fmt.weekday(now_ms)}{pace}")

    def show_user(self, text: str) -> None:
        """Who sits here, and for whom he acts."""
        self.user.setText(text)
