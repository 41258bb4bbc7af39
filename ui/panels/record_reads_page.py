"""诉求人信息查阅记录: who read which case's requester's record (D2). For the district's operator; nothing of any record is in it."""

from __future__ import annotations

from PySide6.QtCore import Signal

from models.record_reads import RecordRead, RecordReads
from models.rules import Rules
from ui import format as fmt
from ui.language import tr
from ui.panels.told_page import CasesPage
from ui.widgets.act_button import act_button

WIDE = (1, 2)
"""The columns that share what room there is."""


class RecordReadsPage(CasesPage):
    """`list_asked` carries the instant (ms UTC) before which it is asked, None for the newest; `opened` a case. Keys: F7 older ones
    too, Enter the case, Ctrl+R read again."""

    list_asked = Signal(object)

    def __init__(self, rules: Rules) -> None:
        titles = (tr("查阅时间"), tr("查阅人"), tr("单位"), tr("机号"), tr("案件"))
        super().__init__(rules, tr("诉求人信息查阅记录"), titles, WIDE)
        self._rows: tuple[RecordRead, ...] = ()
        self.older = act_button(tr("更早的 F7"), self.ask_older)
        self.older.hide()
        buttons = (
            self.older,
            act_button(tr("看案件 Enter"), self.open_case),
            act_button(tr("刷新 Ctrl+R"), self.refresh),
        )
        self._lay_out(self, (self.said, self.problem), buttons, (("F7", self.ask_older), ("Ctrl+R", self.refresh)))

    def _ask_list(self) -> None:
        self.list_asked.emit(None)

    def ask_older(self) -> None:
        """Those before the last one in sight."""
        if self._rows and not self.older.isHidden():
            self.said.setText(tr("正在向区中心读取…"))
            self.list_asked.emit(self._rows[-1].at)

    def show_list(self, found: RecordReads, before: int | None) -> None:
        """What the centre told: the newest, or those before the last one in sight, added below."""
        self._quiet()
        kept = self._rows if before is not None else ()
        self._rows = (*kept, *found.reads)
        self.older.setVisible(found.more)
        told = (
            tr("由新到旧列出 {0} 次查阅,全部列出。") if not found.more else tr("由新到旧列出 {0} 次查阅,还有更早的。")
        )
        self.said.setText(told.format(len(self._rows)))
        self._fill([self._texts(read, found.now_ms) for read in self._rows])
        if self._rows:
            self.table.setCurrentCell(min(len(kept), len(self._rows) - 1), 0)

    def _case_here(self) -> str:
        number = self.table.currentRow()
        here = self._rows[number] if 0 <= number < len(self._rows) else None
        return here.case_id if here is not None and here.case_number else ""

    def _texts(self, read: RecordRead, now_ms: int) -> tuple[str, ...]:
        return (
            fmt.day_and_minute(read.at, now_ms),
            self._person(read.person),
            self._unit(read.unit) or "—",
            read.slot or "—",
            read.case_number or tr("区中心没有此案"),
        )
