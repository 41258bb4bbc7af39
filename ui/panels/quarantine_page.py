"""封存的操作: what a revoked workstation handed in, for the district's operator to look at, admit or decline (sync.md §3.9).

The centre's own knowledge, read over the line each time and kept nowhere.
"""

from __future__ import annotations

from PySide6.QtCore import QItemSelectionModel, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QLabel, QTableWidgetItem, QVBoxLayout, QWidget

from models.quarantine import Apart, ApartAct, ReviewBody, ReviewDone
from models.rules import Rules
from ui import format as fmt
from ui import words
from ui.form import Field, Form, Values
from ui.language import tr
from ui.widgets.act_button import act_button
from ui.widgets.form_place import FormPlace
from ui.widgets.form_view import FormView
from ui.widgets.told_table import told_table

ALONE = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
WIDE = 7
"""The column that takes what room there is."""


class QuarantinePage(QWidget):
    """`list_asked` and `decided` go to the centre by somebody else; `closed` back to the workstations. Keys: F9 admit what is
    chosen, F8 decline it, Ctrl+A choose all that wait, Ctrl+R read again, Esc back."""

    list_asked = Signal(str)
    decided = Signal(object)
    closed = Signal()
    sign_in_asked = Signal()

    def __init__(self, rules: Rules) -> None:
        super().__init__()
        self._rules = rules
        self._device = ""
        self._rows: tuple[ApartAct, ...] = ()
        self.title = QLabel()
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.said = _line("quiet")
        self.result = _line("quiet")
        self.problem = _line("warning")
        self.sign_in = act_button(tr("重新登录"), self.sign_in_asked.emit)
        titles = ("序号", "操作人", "操作", "案件", "所报时间", "收到", "查验", "决定")
        self.table = told_table(tr("封存的操作"), [tr(title) for title in titles], WIDE)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self._forms = FormPlace(self.table)
        self._arrange()
        for keys, verb in (
            ("F9", lambda: self.begin(admit=True)),
            ("F8", lambda: self.begin(admit=False)),
            ("Ctrl+A", self.choose_all),
            ("Ctrl+R", self.refresh),
            ("Esc", self.back),
        ):
            QShortcut(QKeySequence(keys), self, verb, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def _arrange(self) -> None:
        font = self.title.font()
        font.setBold(True)
        self.title.setFont(font)
        buttons = QHBoxLayout()
        for text, verb in (
            (tr("准予启封 F9"), lambda: self.begin(admit=True)),
            (tr("不予启封 F8"), lambda: self.begin(admit=False)),
            (tr("全选待定的 Ctrl+A"), self.choose_all),
            (tr("刷新 Ctrl+R"), self.refresh),
            (tr("返回 Esc"), self.back),
        ):
            buttons.addWidget(act_button(text, verb))
        buttons.addWidget(self.sign_in)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        for above in (self.title, self.said, self.result, self.problem):
            layout.addWidget(above)
        layout.addWidget(self.table, 1)
        layout.addLayout(self._forms)
        layout.addLayout(buttons)
        self.problem.hide()
        self.result.hide()
        self.sign_in.hide()

    def back(self) -> None:
        """Out of the form, then back to the workstations."""
        if self.form is not None:
            self._forms.put_away()
        else:
            self.closed.emit()

    # What is told

    def open(self, device: str) -> None:
        """Turn to what lies apart of one workstation."""
        self._device, self._rows = device, ()
        self._forms.put_away()
        self.title.clear()
        self.result.hide()
        self.problem.hide()
        self.table.setRowCount(0)
        self.table.setFocus()
        self.refresh()

    def refresh(self) -> None:
        """Ask the centre anew."""
        self.said.setText(tr("正在向区中心读取…"))
        self.list_asked.emit(self._device)

    def show_list(self, found: Apart) -> None:
        """Everything the centre told; the cursor keeps its act."""
        here = self._current()
        self.problem.hide()
        self.sign_in.hide()
        self._rows = tuple(found.acts)
        self.title.setText(self._title(found))
        said = [tr("待定 {0} 项,已决定 {1} 项。").format(found.waiting, found.decided)]
        if found.waiting + found.decided > len(self._rows):
            said.append(tr("先列 {0} 项,决定后再列其余。").format(len(self._rows)))
        said.append(tr("启封后按原次序由规则判定;停用它的人不能启封。"))
        self.said.setText(" ".join(said))
        self.table.setRowCount(len(self._rows))
        for number, act in enumerate(self._rows):
            for column, text in enumerate(self._texts(act, found.now_ms)):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.table.setItem(number, column, item)
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

    def _unit(self, code: str) -> str:
        found = self._rules.organisations.get(code)
        return found.name if found is not None else code

    def _person(self, person: str) -> str:
        found = self._rules.people.get(person)
        return found.name if found is not None else words.AT_THE_SERVER.get(person, person)

    def refuse(self, text: str, *, may_sign_in: bool = False) -> None:
        """Why the centre did not answer or would not; what is typed in a form stays."""
        self.said.clear()
        if self.form is not None:
            self.form.show_problem(text)
        else:
            self.problem.setText(text)
            self.problem.show()
        self.sign_in.setVisible(may_sign_in)

    def done(self, found: ReviewDone, admit: bool) -> None:
        """The centre has done what was asked, and said what it came to."""
        self._forms.put_away()
        told = (tr("准予启封 {0} 项") if admit else tr("不予启封 {0} 项")).format(found.decided)
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

    @property
    def form(self) -> FormView | None:
        """The one that is filled in now."""
        return self._forms.form

    def begin(self, *, admit: bool) -> None:
        """准予启封 or 不予启封 what is chosen, with a reason that stays on record."""
        wanted = self.chosen()
        if not wanted:
            return
        title = (tr("准予启封 {0} 项") if admit else tr("不予启封 {0} 项")).format(len(wanted))
        hint = (
            tr("按原次序、原时间由规则判定,写入案件经过,不能撤回。")
            if admit
            else tr("一直封存,不判定、不生效、不删除;不能改为启封。")
        )
        hashes = [act.hash for act in wanted]

        def done(values: Values) -> None:
            if values["reason"]:
                self.decided.emit(ReviewBody(self._device, hashes, admit, values["reason"][:200]))
            else:
                view.show_problem(tr("请填写理由。"))

        view = self._forms.open(Form("", (Field("reason", tr("理由"), "line"),), None, hint, title), done)


def checked_words(act: ApartAct) -> str:
    """Whether the signature and the chain hold, and through which other workstation the centre has the act."""
    said = [tr("签名相符") if act.is_signed else tr("签名不符")]
    if not act.decision:
        said.append(tr("接得上") if act.joins else tr("接不上"))
    if act.through:
        said.append(tr("已由另一台报到"))
    return tr(",").join(said)


def _line(name: str) -> QLabel:
    found = QLabel()
    found.setObjectName(name)
    found.setWordWrap(True)
    return found
