"""还原情况: after the centre was put back to a copy, who has not handed in again what was lost, and what came to something else
than before (sync.md §3.5). For the district's operator; the centre's own knowledge, kept nowhere."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QLabel, QTableWidgetItem, QVBoxLayout, QWidget

from models.recovery import Difference, EndBody, Recovered
from models.rules import Rules
from ui import format as fmt
from ui import words
from ui.form import Field, Form, Values
from ui.language import tr
from ui.widgets.act_button import act_button
from ui.widgets.form_place import FormPlace
from ui.widgets.form_view import FormView
from ui.widgets.told_table import told_table

WIDE = 5
"""The column that takes what room there is."""


class RecoveryPage(QWidget):
    """`list_asked` and `ended` go to the centre by somebody else; `closed` back to the workstations. Keys: F8 wait no longer,
    Ctrl+R read again, Esc back."""

    list_asked = Signal()
    ended = Signal(object)
    closed = Signal()
    sign_in_asked = Signal()

    def __init__(self, rules: Rules) -> None:
        super().__init__()
        self._rules = rules
        self.title = QLabel(tr("还原情况"))
        self.said, self.missing, self.problem = QLabel(), QLabel(), QLabel()
        self.problem.setObjectName("warning")
        self.missing.setObjectName("warning")
        self.sign_in = act_button(tr("重新登录"), self.sign_in_asked.emit)
        self.end = act_button(tr("不再等待 F8"), self.begin_end)
        titles = ("单位", "机号", "操作人", "操作", "案件", "原裁定", "现裁定")
        self.table = told_table(tr("与原裁定不同的操作"), [tr(title) for title in titles], WIDE)
        self._forms = FormPlace(self.table)
        self._arrange()
        for keys, verb in (("F8", self.begin_end), ("Ctrl+R", self.refresh), ("Esc", self.back)):
            QShortcut(QKeySequence(keys), self, verb, context=Qt.ShortcutContext.WidgetWithChildrenShortcut)

    def _arrange(self) -> None:
        font = self.title.font()
        font.setBold(True)
        self.title.setFont(font)
        buttons = QHBoxLayout()
        buttons.addWidget(self.end)
        for text, verb in ((tr("刷新 Ctrl+R"), self.refresh), (tr("返回 Esc"), self.back)):
            buttons.addWidget(act_button(text, verb))
        buttons.addWidget(self.sign_in)
        buttons.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        for above in (self.title, self.said, self.missing, self.problem):
            above.setWordWrap(True)
            above.setTextFormat(Qt.TextFormat.PlainText)
            layout.addWidget(above)
        layout.addWidget(self.table, 1)
        layout.addLayout(self._forms)
        layout.addLayout(buttons)
        for hidden in (self.problem, self.missing, self.sign_in, self.end):
            hidden.hide()

    def back(self) -> None:
        """Out of the form, then back to the workstations."""
        if self.form is not None:
            self._forms.put_away()
        else:
            self.closed.emit()

    # What is told

    def open(self) -> None:
        """The page is turned to."""
        self._forms.put_away()
        self.table.setRowCount(0)
        self.table.setFocus()
        self.refresh()

    def refresh(self) -> None:
        """Ask the centre anew."""
        self.problem.hide()
        self.said.setText(tr("正在向区中心读取…"))
        self.list_asked.emit()

    def show_list(self, found: Recovered) -> None:
        """Everything the centre told."""
        self._forms.put_away()
        self.sign_in.hide()
        self.said.setText(self._said(found))
        self.end.setVisible(found.ends_at is not None)
        self.missing.setVisible(bool(found.missing))
        gone = [tr("{0} {1}(已报 {2}/{3} 项)").format(self._unit(m.unit), m.slot, m.has_dseq, m.had_dseq)
                for m in found.missing]  # fmt: skip
        self.missing.setText(tr("尚未补报:{0}").format(tr("、").join(gone)))
        self.table.setRowCount(len(found.differences))
        for number, one in enumerate(found.differences):
            for column, text in enumerate(self._texts(one)):
                item = QTableWidgetItem(text)
                item.setToolTip(text)
                self.table.setItem(number, column, item)
        if found.differences:
            self.table.setCurrentCell(0, 0)

    def _said(self, found: Recovered) -> str:
        if found.epoch == 1:
            return tr("区中心没有还原过。")
        counted = tr("还原前裁定过、又补报的操作 {0} 项,已重新裁定 {1} 项,与原裁定不同 {2} 项。")
        said = [counted.format(found.offered, found.back, found.differing)]
        if found.ends_at is not None:
            until = fmt.day_and_minute(found.ends_at, found.now_ms)
            said.insert(0, tr("正按原次序恢复,最迟 {0} 裁定;{1} 项操作在等。").format(until, found.waiting))
        if found.differing > len(found.differences):
            said.append(tr("先列最近 {0} 项。").format(len(found.differences)))
        return " ".join(said)

    def _texts(self, one: Difference) -> tuple[str, ...]:
        person = self._rules.people.get(one.actor)
        return (
            self._unit(one.unit),
            one.slot,
            person.name if person is not None else one.actor,
            words.ACTS.get(one.kind, one.kind),
            one.case_number or tr("区中心没有此案"),
            _verdict(one.was, one.was_code),
            _verdict(one.now, one.now_code),
        )

    def _unit(self, code: str) -> str:
        found = self._rules.organisations.get(code)
        return found.name if found is not None else code

    def refuse(self, text: str, *, may_sign_in: bool = False) -> None:
        """Why the centre did not answer or would not; what is typed in a form stays."""
        self.said.clear()
        if self.form is not None:
            self.form.show_problem(text)
        else:
            self.problem.setText(text)
            self.problem.show()
        self.sign_in.setVisible(may_sign_in)

    # What is asked

    @property
    def form(self) -> FormView | None:
        """The one that is filled in now."""
        return self._forms.form

    def begin_end(self) -> None:
        """不再等待, with a reason that stays on record."""
        if self.end.isHidden():
            return
        hint = tr("已到的操作立即按原次序裁定;以后补报的,到了再裁定,与原裁定不同的列在这里。")

        def done(values: Values) -> None:
            if values["reason"]:
                self.ended.emit(EndBody(values["reason"][:200]))
            else:
                view.show_problem(tr("请填写理由。"))

        form = Form("", (Field("reason", tr("理由"), "line"),), None, hint, tr("不再等待尚未补报的工作机"))
        view = self._forms.open(form, done)


def _verdict(outcome: str, code: str) -> str:
    """As an act's state is worded, with why where the words need no more than the code."""
    said, why = words.ACT_STATES.get(outcome, outcome), words.REFUSALS.get(code, "")
    return f"{said}:{why}" if why and "{" not in why else said
