"""The foot of the window: the line, the last word of the centre, how well the time is known; and the totals."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel

from models.views import LineState, QueueCounts
from ui import format as fmt
from ui import words
from ui.language import tr
from ui.widgets.elided import Elided


class Strip(QFrame):
    """Shows what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("strip")
        self.line = Elided()
        self.totals = QLabel()
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 3, 14, 3)
        row.addWidget(self.line, 1)
        row.addWidget(self.totals)

    def show_counts(self, counts: QueueCounts) -> None:
        """Cases in hand, of all there are; whose lights these are."""
        totals = tr("{0} 件在办 / {1} 件").format(counts.open_cases, counts.all_cases)
        self.totals.setText(f"{words.reckoned_here()} · {totals}")

    def show_line(self, line: LineState, now_ms: int) -> None:
        """The truth about the line."""
        said = [words.LINES[line.state]]
        if line.state != "online":
            said = [tr("断网作业:所有操作已存本机,恢复后自动上报")]
            if line.state == "refused":
                said = [words.refusal(line.reason, {}, {})]
        if line.last_contact_at is not None:
            said.append(tr("与区中心上次通信 {0}").format(fmt.day_and_second(line.last_contact_at, now_ms)))
        if line.oldest_unsent_at is not None:
            told = tr("待上报 {0} 项,最早 {1}")
            said.append(told.format(line.unsent, fmt.day_and_minute(line.oldest_unsent_at, now_ms)))
        if line.files_held and line.files_unsent:
            said.append(tr("按流量计费的网络:照片暂缓 {0} 件").format(line.files_unsent))
        radius = tr("时间待认定") if line.clock_radius_ms is None else f"±{line.clock_radius_ms / 1000:.1f} s"
        said.append(tr("时钟误差 {0}").format(radius))
        self.line.show_text("　　".join(said))
