"""待核事项: what a district operator has to look at, and what nobody else sees: acts undecided for a day, checks that contradict each
other, who read requesters' records."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from models.rules import Rules
from ui.panels.check_review_page import CheckReviewPage
from ui.panels.deferred_page import DeferredPage
from ui.panels.record_reads_page import RecordReadsPage
from ui.panels.told_page import CasesPage, ToldPage
from ui.widgets.act_button import act_button
from ui.widgets.on_key import on_key

DEFERRED, CHECKS = 0, 1
"""The lists that are counted, by their places."""


class ReviewPage(QWidget):
    """Three lists, one in sight. `counted`: what waits to be looked at in words, "" for nothing, "?" when the centre tells nobody
    who has not signed in over the line. `opened` a case. Keys: Alt+1, Alt+2, Alt+3 the lists."""

    counted = Signal(str)
    opened = Signal(str)

    def __init__(self, rules: Rules) -> None:
        super().__init__()
        self.deferred, self.checks, self.reads = DeferredPage(rules), CheckReviewPage(rules), RecordReadsPage(rules)
        self._lists: tuple[CasesPage, ...] = (self.deferred, self.checks, self.reads)
        self._counts = {DEFERRED: 0, CHECKS: 0}
        self._sight = QStackedWidget()
        self.tabs = [act_button("", partial(self.turn_to, number)) for number in range(len(self._lists))]
        self._arrange()
        self.deferred.counted.connect(partial(self.show_count, DEFERRED))
        self.checks.counted.connect(partial(self.show_count, CHECKS))
        for sight in self._lists:
            sight.opened.connect(self.opened)
        self._name_tabs()
        self.tabs[0].setChecked(True)

    def _arrange(self) -> None:
        row, group = QHBoxLayout(), QButtonGroup(self)
        row.setContentsMargins(12, 10, 12, 0)
        for number, tab in enumerate(self.tabs):
            tab.setObjectName("chip")
            tab.setCheckable(True)
            group.addButton(tab)
            row.addWidget(tab)
            on_key(
                f"Alt+{number + 1}",
                self,
                partial(self.turn_to, number),
                Qt.ShortcutContext.WidgetWithChildrenShortcut,
            )
        row.addStretch(1)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addLayout(row)
        whole.addWidget(self._sight)
        for one in self._lists:
            self._sight.addWidget(one)

    @property
    def here(self) -> ToldPage:
        """The list in sight."""
        return self._lists[self._sight.currentIndex()]

    def turn_to(self, number: int) -> None:
        """One of the lists, read anew."""
        self._sight.setCurrentIndex(number)
        self.tabs[number].setChecked(True)
        self.refresh()
        self.focus_first()

    def refresh(self) -> None:
        """Ask the centre for the list in sight."""
        self.here.refresh()

    def focus_first(self) -> None:
        """The page is turned to."""
        self.here.table.setFocus()

    def show_count(self, number: int, count: int) -> None:
        """How many a list has, though it may not be in sight."""
        self._counts[number] = count
        self._name_tabs()
        total = sum(self._counts.values())
        self.counted.emit(str(total) if total else "")

    def show_unknown(self) -> None:
        """Nobody here is told: who signed in without the line, or too long ago."""
        self.counted.emit("?")

    def _name_tabs(self) -> None:
        for number, (tab, one) in enumerate(zip(self.tabs, self._lists, strict=True)):
            title = one.table.accessibleName()
            count = self._counts.get(number, 0)
            tab.setText(f"{title} {count} Alt+{number + 1}" if count else f"{title} Alt+{number + 1}")
