"""逾24小时未裁定: acts the centre keeps undecided for longer than a day (sync.md §3.3). For the district's operator; the centre's own
knowledge, kept nowhere."""

from __future__ import annotations

from PySide6.QtCore import Signal

from models.rules import Rules
from models.undecided_acts import Deferred, DeferredActs, waits_long
from ui import format as fmt
from ui import words
from ui.language import tr
from ui.panels.told_page import CasesPage
from ui.widgets.act_button import act_button

WIDE = (6, 7)
"""The columns that share what room there is."""


class DeferredPage(CasesPage):
    """`list_asked` goes to the centre by somebody else; `counted`: how many there are; `opened` a case. Keys: Enter the case,
    Ctrl+R read again."""

    list_asked = Signal()
    counted = Signal(int)

    def __init__(self, rules: Rules) -> None:
        titles = (tr("案件"), tr("操作"), tr("操作人"), tr("单位"), tr("收到"), tr("已等"), tr("为何"), tr("在等"))
        super().__init__(rules, tr("逾24小时未裁定"), titles, WIDE)
        self._rows: tuple[Deferred, ...] = ()
        buttons = (act_button(tr("看案件 Enter"), self.open_case), act_button(tr("刷新 Ctrl+R"), self.refresh))
        self._lay_out(self, (self.said, self.problem), buttons, (("Ctrl+R", self.refresh),))

    def _ask_list(self) -> None:
        self.list_asked.emit()

    def show_list(self, found: DeferredActs) -> None:
        """What waits for longer than a day; of the others only how many."""
        self._quiet()
        self._rows = tuple(act for act in found.deferred if waits_long(act.since, found.now_ms))
        said = [tr("{0} 项操作等候裁定已超过 24 小时。").format(found.long_since)]
        if found.long_since > len(self._rows):
            said.append(tr("先列最早 {0} 项。").format(len(self._rows)))
        if found.others:
            said.append(tr("另有 {0} 项未满 24 小时,一般会自行裁定。").format(found.others))
        self.said.setText(" ".join(said))
        self._fill([self._texts(act, found.now_ms) for act in self._rows])
        if self._rows:
            self.table.setCurrentCell(0, 0)
        self.counted.emit(found.long_since)

    def _case_here(self) -> str:
        number = self.table.currentRow()
        here = self._rows[number] if 0 <= number < len(self._rows) else None
        return here.case if here is not None and here.case_number else ""

    def _texts(self, act: Deferred, now_ms: int) -> tuple[str, ...]:
        waited = act.waits_for
        until = words.AWAITED.get(act.code, "")
        if waited is not None:
            kind = words.ACTS.get(waited.kind, waited.kind)
            until = tr("{0} {1} 的“{2}”").format(self._unit(waited.unit), self._person(waited.actor), kind)
        return (
            act.case_number or (tr("区中心没有此案") if act.case else "—"),
            words.ACTS.get(act.kind, act.kind),
            self._person(act.actor),
            self._unit(act.unit),
            fmt.day_and_minute(act.since, now_ms),
            fmt.age(now_ms - act.since),
            words.refusal(act.code, {}, {}),
            until,
        )
