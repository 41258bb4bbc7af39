"""What is said above the acts of a case while the line is down, because nobody is told anything by itself then."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from models.views import CasePanel
from ui.language import tr
from ui.panels.case_text import at_another_line, untold
from ui.widgets.plain import say_or_hide, told_line


class CutOff(QWidget):
    """`at_another`: the case is with another workstation of this unit, which sees nothing of what is done here (sync.md §3.10).
    `untold`: who of those this desk sent the case to still knows nothing of it."""

    def __init__(self) -> None:
        super().__init__()
        self.at_another, self.untold = told_line("caution"), told_line("warning")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for line in (self.at_another, self.untold):
            line.setContentsMargins(12, 0, 12, 0)
            line.hide()
            layout.addWidget(line)

    def show_panel(self, panel: CasePanel | None, unit: str, now_ms: int, is_calling: bool) -> None:
        """None: there is no case, or the line is up. An open call card says itself who is to be told."""
        say_or_hide(self.at_another, at_another_line(panel.at_another, now_ms) if panel is not None else "")
        waiting = untold(panel, unit) if panel is not None and not is_calling else []
        say_or_hide(self.untold, tr("未送达,须电话通知:{0}　F10").format(tr("、").join(waiting)) if waiting else "")
