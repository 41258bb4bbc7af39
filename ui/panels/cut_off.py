"""What is said above the acts of a case while the line is down, because nobody is told anything by itself then."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from models.views import CasePanel
from ui.language import tr
from ui.panels.case_text import other_workstation_line, untold
from ui.widgets.plain import told_line


class CutOff(QWidget):
    """`other_workstation`: the case is with another workstation of this unit, which sees nothing of what is done here (sync.md §3.10).
    `untold`: who of those this desk sent the case to still knows nothing of it."""

    def __init__(self) -> None:
        super().__init__()
        self.other_workstation, self.untold = told_line("caution"), told_line("warning")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for line in (self.other_workstation, self.untold):
            line.setContentsMargins(12, 0, 12, 0)
            line.hide()
            layout.addWidget(line)

    def show_panel(self, panel: CasePanel | None, unit: str, now_ms: int, is_calling: bool) -> None:
        """None: there is no case, or the line is up. An open call card says itself who is to be told."""
        _say(self.other_workstation, other_workstation_line(panel, now_ms) if panel is not None else "")
        waiting = untold(panel, unit) if panel is not None and not is_calling else []
        _say(self.untold, tr("未送达,须电话通知:{0}　F10").format(tr("、").join(waiting)) if waiting else "")


def _say(line: QLabel, text: str) -> None:
    line.setText(text)
    line.setVisible(bool(text))
