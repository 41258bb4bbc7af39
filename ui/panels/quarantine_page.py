"""封存的操作: what a revoked workstation handed in, for the district's operator to look at, admit or decline (sync.md §3.9).

The centre's own knowledge, read over the line each time and kept nowhere.
"""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, Signal
from PySide6.QtWidgets import QAbstractItemView

from models.quarantine import Apart, ApartAct, ReviewBody, ReviewDone
from models.rules import Rules
from ui import format as fmt
from ui import words
from ui.language import tr
from ui.panels.told_page import InnerPage
from ui.widgets.act_button import act_button
from ui.widgets.plain import told_line

ALONE = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
WIDE = (6, 7)
"""The columns that share what room there is."""


class QuarantinePage(InnerPage):
    """`list_asked` and `decided` go to the centre by somebody else. Keys: F9 admit what is chosen, F8 decline it, Ctrl+A choose
    all that wait, Ctrl+R read again, Esc back."""

    list_asked = Signal(str)
    decided = Signal(object)

    def __init__(self, rules: Rules) -> None:
        titles = (tr("序号"), tr("操作人"), tr("操作"), tr("案件"), tr("所报时间"), tr("收到"), tr("查验"), tr("决定"))
        super().__init__(rules, tr("封存的操作"), titles, WIDE)
        self._device = ""
        self._rows: tuple[ApartAct, ...] = ()
        self.result = told_line("quiet")
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        verbs = (
            ("F9", tr("准予启封 F9"), lambda: self.begin(admit=True)),
            ("F8", tr("不予启封 F8"), lambda: self.begin(admit=False)),
            ("Ctrl+A", tr("全选待定的 Ctrl+A"), self.choose_all),
            ("Ctrl+R", tr("刷新 Ctrl+R"), self.refresh),
            ("Esc", tr("返回 Esc"), self.back),
        )
        above = (self.title, self.said, self.result, self.problem)
        buttons = [act_button(text, verb) for _key, text, verb in verbs]
        self._lay_out(self, above, buttons, [(key, verb) for key, _text, verb in verbs])
        self.result.hide()

    # What is told

    def open(self, device: str) -> None:
        """Turn to what lies apart of one workstation."""
        self._device, self._rows = device, ()
        self.title.clear()
        self.result.hide()
        self._turn_to()

    def _ask_list(self) -> None:
        self.list_asked.emit(self._device)

    def show_list(self, found: Apart) -> None:
        """Everything the centre told; the cursor keeps its act."""
        here = self._current()
        self._quiet()
        self._rows = tuple(found.acts)
        self.title.setText(self._title(found))
        said = [tr("待定 {0} 项,已决定 {1} 项。").format(found.waiting, found.decided)]
        if found.waiting + found.decided > len(self._rows):
            said.append(tr("先列 {0} 项,决定后再列其余。").format(len(self._rows)))
        said.append(tr("启封后按原次序由规则判定;停用它的人不能启封。"))
        self.said.setText(" ".join(said))
        self._fill([self._texts(act, found.now_ms) for act in self._rows])
        again = next((n for n, act in enumerate(self._rows) if here is not None and act.hash == here.hash), 0)
        if self._rows:
            # Said in full: with Ctrl still held down from Ctrl+R the table would take it for a toggle.
            self.table.selectionModel().setCurrentIndex(self.table.model().index(again, 0), ALONE)

    def _title(self, found: Apart) -> str:
        when = fmt.day_and_minute(found.revoked_at, found.now_ms) if found.revoked_at is not None else ""
        told = tr("封存的操作:{0} {1},{2} 由 {3} 停用({4})")
        why = words.REPLACED.get(found.why, found.why)
        return told.format(self._unit(found.unit), found.slot, when, self._person(found.revoked_by), why)

    def _texts(self, act: ApartAct, now_ms: int) -> tuple[str, ...]:
        day = fmt.day_and_minute
        return (
            str(act.dseq),
            self._person(act.actor),
            words.ACTS.get(act.kind, act.kind),
            act.case_number or (tr("区中心没有此案") if act.case_id else "—"),
            day(act.made_at, now_ms),
            day(act.received_at, now_ms),
            checked_words(act),
            self._decision(act, now_ms),
        )

    def _decision(self, act: ApartAct, now_ms: int) -> str:
        if not act.decision or act.decided_at is None:
            return tr("待定")
        when, who = fmt.day_and_minute(act.decided_at, now_ms), self._person(act.decided_by)
        told = f"{words.DECISIONS[act.decision]} {when} {who}:{act.reason}"
        if act.decision == "admitted" and act.outcome:
            told = f"{words.ACT_STATES[act.outcome]} · {told}"
        return told

    def done(self, found: ReviewDone, admit: bool) -> None:
        """The centre has done what was asked, and said what it came to."""
        self._forms.put_away()
        told = decision_name(found.decided, admit=admit)
        outcomes = [outcome for _id, outcome, _code, _place in found.known]
        counted = [f"{words.ACT_STATES[o]} {outcomes.count(o)}" for o in words.ACT_STATES if o in outcomes]
        self.result.setText(" · ".join((told, *counted)))
        self.result.show()
        self.refresh()

    # What is asked

    def _current(self) -> ApartAct | None:
        number = self.table.currentRow()
        return self._rows[number] if 0 <= number < len(self._rows) else None

    def chosen(self) -> list[ApartAct]:
        """The chosen acts that wait for a decision, in the order of the chain."""
        numbers = {index.row() for index in self.table.selectionModel().selectedRows()}
        return [act for n, act in enumerate(self._rows) if n in numbers and not act.decision]

    def choose_all(self) -> None:
        """Every act that waits."""
        model = self.table.selectionModel()
        model.clearSelection()
        flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        for number, act in enumerate(self._rows):
            if not act.decision:
                model.select(self.table.model().index(number, 0), flags)

    def begin(self, *, admit: bool) -> None:
        """准予启封 or 不予启封 what is chosen, with a reason that stays on record."""
        wanted = self.chosen()
        if not wanted:
            is_decided = self.table.selectionModel().hasSelection()
            self._say_why(tr("所选的操作已有决定,不能更改。") if is_decided else tr("请先选定待定的操作。"))
            return
        title = decision_name(len(wanted), admit=admit)
        hint = (
            tr("按原次序、原时间由规则判定,写入案件经过,不能撤回。")
            if admit
            else tr("一直封存,不判定、不生效、不删除;不能改为启封。")
        )
        hashes = [act.hash for act in wanted]

        def done(reason: str) -> None:
            self.decided.emit(ReviewBody(self._device, hashes, admit, reason))

        self._ask_reason(title, tr("理由"), hint, done)


def decision_name(acts: int, *, admit: bool) -> str:
    """A decision on so many acts."""
    return (tr("准予启封 {0} 项") if admit else tr("不予启封 {0} 项")).format(acts)


def checked_words(act: ApartAct) -> str:
    """Whether the signature and the chain hold, and through which other workstation the centre has the act."""
    said = [tr("签名相符") if act.is_signed else tr("签名不符")]
    if not act.decision:
        said.append(tr("接得上") if act.joins else tr("接不上"))
    if act.through:
        said.append(tr("已由另一台报到"))
    return tr(",").join(said)
