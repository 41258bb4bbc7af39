"""A page of what the centre alone knows: read over the line each time and kept nowhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QTableWidgetItem, QVBoxLayout, QWidget

from models.rules import Rules
from ui import words
from ui.form import Field, Form, Values
from ui.language import tr
from ui.widgets.act_button import act_button
from ui.widgets.form_place import FormPlace
from ui.widgets.form_view import FormView
from ui.widgets.on_key import on_key
from ui.widgets.plain import tip, told_line
from ui.widgets.told_table import told_table

MOST_LETTERS = 200
"""Of a reason."""

Verbs = Iterable[tuple[str, Callable[[], object]]]


class ToldPage(QWidget):
    """What is said of it, the table, one form at a time, and why the centre did not answer. `name` is how the table is read
    out, `wide` the columns that share what is left. `sign_in_asked` when the session there is over."""

    sign_in_asked = Signal()

    def __init__(self, rules: Rules, name: str, titles: Sequence[str], wide: Sequence[int]) -> None:
        super().__init__()
        self._rules = rules
        self.said = told_line("quiet")
        self.problem = told_line("warning")
        self.why = told_line("quiet")
        self.sign_in = act_button(tr("重新登录"), self.sign_in_asked.emit)
        self.table = told_table(name, list(titles), wide)
        self._forms = FormPlace(self.table)
        for hidden in (self.problem, self.why, self.sign_in):
            hidden.hide()
        self.table.itemSelectionChanged.connect(self.why.hide)

    def _lay_out(self, inside: QWidget, above: Iterable[QWidget], buttons: Iterable[QWidget], keys: Verbs) -> None:
        """What is said above the table, the form and the buttons below it; the keys hold within it."""
        row = QHBoxLayout()
        for button in (*buttons, self.sign_in):
            row.addWidget(button)
        row.addStretch(1)
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(12, 10, 12, 10)
        for part in above:
            layout.addWidget(part)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.why)
        layout.addLayout(self._forms)
        layout.addLayout(row)
        for key, verb in keys:
            on_key(key, inside, verb, Qt.ShortcutContext.WidgetWithChildrenShortcut)

    @property
    def form(self) -> FormView | None:
        """The one that is filled in now."""
        return self._forms.form

    def refresh(self) -> None:
        """Ask the centre anew."""
        self.said.setText(tr("正在向区中心读取…"))
        self._ask_list()

    def _ask_list(self) -> None:
        raise NotImplementedError

    def _quiet(self) -> None:
        """Nothing stands against reading it any more."""
        self.problem.hide()
        self.sign_in.hide()

    def _fill(self, rows: Sequence[Sequence[str]]) -> None:
        """The table's rows; what does not fit is told in whole under the pointer."""
        self.why.hide()
        self.table.setRowCount(len(rows))
        for number, texts in enumerate(rows):
            for column, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setToolTip(tip(text))
                self.table.setItem(number, column, item)

    def _unit(self, code: str) -> str:
        found = self._rules.organisations.get(code)
        return found.name if found is not None else code

    def _person(self, person: str) -> str:
        found = self._rules.people.get(person)
        return found.name if found is not None else words.AT_THE_SERVER.get(person, person)

    def _say_why(self, text: str) -> None:
        """Why a key does nothing for what is chosen, until something else is."""
        self.why.setText(text)
        self.why.show()

    def refuse(self, text: str, *, may_sign_in: bool = False) -> None:
        """Why the centre did not answer or would not; what is typed in a form stays."""
        self.said.clear()
        if self.form is not None:
            self.form.show_problem(text)
        else:
            self.problem.setText(text)
            self.problem.show()
        self.sign_in.setVisible(may_sign_in)

    def is_too_long(self, text: str, most: int) -> bool:
        """True, and said in the form, when there is more than is kept: nothing that stays on record is cut off unsaid."""
        if len(text) > most and self.form is not None:
            self.form.show_problem(tr("最多 {0} 个字,现有 {1} 个。").format(most, len(text)))
        return len(text) > most

    def _ask_reason(self, title: str, name: str, hint: str, done: Callable[[str], None]) -> None:
        """`done` is given the reason, which stays on record; without one the form stays open and says so."""

        def given(values: Values) -> None:
            if not values["reason"]:
                view.show_problem(tr("请填写理由。"))
            elif not self.is_too_long(values["reason"], MOST_LETTERS):
                done(values["reason"])

        view = self._forms.open(Form("", (Field("reason", name, "line"),), None, hint, title), given)


class CasesPage(ToldPage):
    """One whose rows are about cases: `opened` the one under the cursor, by Enter."""

    opened = Signal(str)

    def __init__(self, rules: Rules, name: str, titles: Sequence[str], wide: Sequence[int]) -> None:
        super().__init__(rules, name, titles, wide)
        self.table.cellActivated.connect(self.open_case)

    def _case_here(self) -> str:
        """The id of the case under the cursor; "" where there is none the centre has."""
        raise NotImplementedError

    def open_case(self) -> None:
        """Turn to the chosen case."""
        case_id = self._case_here()
        if case_id:
            self.opened.emit(case_id)
        else:
            self._say_why(tr("没有可看的案件。"))


class InnerPage(ToldPage):
    """One that is turned to from another: `closed` back to it. Keys: Ctrl+R read again, Esc back."""

    closed = Signal()

    def __init__(self, rules: Rules, name: str, titles: Sequence[str], wide: Sequence[int]) -> None:
        super().__init__(rules, name, titles, wide)
        self.title = QLabel()
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        font = self.title.font()
        font.setBold(True)
        self.title.setFont(font)

    def back(self) -> None:
        """Out of the form, then back to the other page."""
        if self.form is not None:
            self._forms.put_away()
        else:
            self.closed.emit()

    def _turn_to(self) -> None:
        """Begin with nothing, and read."""
        self._forms.put_away()
        self.problem.hide()
        self.table.setRowCount(0)
        self.table.setFocus()
        self.refresh()
