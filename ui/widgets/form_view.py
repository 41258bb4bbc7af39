"""An act's form, inside the panel: filled with the keyboard alone, Enter or Ctrl+Enter does it, Esc puts it away."""

from __future__ import annotations

from html import escape
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from models.errors import Refused
from ui import format as fmt
from ui import words
from ui.form import seek_prompt
from ui.forms import Field, Form, Values
from ui.language import tr
from ui.papers.wording import run_on
from ui.widgets.case_picker import CasePicker
from ui.widgets.choice_box import choice_box, choose_none, settle
from ui.widgets.plain import told_line
from ui.widgets.typed import lines, one_line

_TEXT_LINES = 3
_LIST_LINES = 5


class FormView(QFrame):
    """Emits `done` with the values, or `cancelled`; `asked` when another case is looked for. A refusal is shown in place;
    what was typed stays."""

    done = Signal(object)
    asked = Signal(object, str)
    cancelled = Signal()

    def __init__(self, form: Form) -> None:
        super().__init__()
        self.setObjectName("card")
        self.form = form
        self._inputs: dict[str, QWidget] = {}
        self._handed_over = False
        layout = QVBoxLayout(self)
        title = QLabel(f"<b>{escape(form.title or words.ACTS[form.kind])}</b>")
        layout.addWidget(title)
        if form.hint:
            hint = told_line("quiet")
            hint.setText(tr(form.hint))
            layout.addWidget(hint)
        rows = QFormLayout()
        rows.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        for field in form.fields:
            made = self._input(field)
            made.setAccessibleName(tr(field.label))
            made.installEventFilter(self)
            self._inputs[field.name] = made
            label = tr(field.label)
            rows.addRow(tr("{0}(可不填)").format(label) if field.optional else label, made)
        layout.addLayout(rows)
        self.restored, self.problem = told_line("quiet"), told_line("warning")
        for line in (self.restored, self.problem):
            line.hide()
            layout.addWidget(line)
        layout.addLayout(self._buttons())
        self._opened = self.values()

    def _buttons(self) -> QHBoxLayout:
        confirm = QPushButton(tr("确定 Enter"))
        confirm.setObjectName("act")
        confirm.setProperty("first", True)
        confirm.clicked.connect(self.submit)
        cancel = QPushButton(tr("取消 Esc"))
        cancel.setObjectName("act")
        cancel.clicked.connect(self.cancelled)
        row = QHBoxLayout()
        row.addWidget(confirm)
        row.addWidget(cancel)
        row.addStretch(1)
        return row

    def _input(self, field: Field) -> QWidget:
        if field.kind == "choice":
            return choice_box(field)
        if field.kind == "list":
            return _full_list(field)
        if field.kind == "many":
            return _many(field)
        if field.kind == "check":
            box = QCheckBox()
            box.setChecked(bool(field.value))
            return box
        if field.kind == "number":
            spin = _Number()
            spin.setRange(1, 99)
            spin.setValue(int(field.value))
            return spin
        if field.kind == "case":
            picker = CasePicker(field.choices)
            picker.line.installEventFilter(self)
            picker.asked.connect(lambda text: self.asked.emit(picker, text))
            return picker
        if field.kind in ("line", "time", "date"):
            line = QLineEdit(str(field.value))
            if field.kind != "line":
                line.setPlaceholderText(tr("时:分,如 14:35") if field.kind == "time" else tr("年-月-日,如 2026-12-31"))
            return line
        text = QPlainTextEdit(str(field.value))
        text.setTabChangesFocus(True)
        text.setFixedHeight(text.fontMetrics().lineSpacing() * _TEXT_LINES + 14)
        return text

    def focus_first(self) -> None:
        """Begin at the first field."""
        if self.form.fields:
            _begin_in(self._inputs[self.form.fields[0].name])

    def values(self) -> Values:
        """What is filled in now."""
        return {field.name: value_of(self._inputs[field.name]) for field in self.form.fields}

    def typed(self) -> Values:
        """What is filled in otherwise than the form began. The rest is the case's, and may be another by the time the draft is
        put back."""
        return {name: value for name, value in self.values().items() if value != self._opened[name]}

    def restore(self, draft: Values) -> None:
        """Put back what was typed earlier and not sent, and say so; what no longer fits is left out. Who is sent the case is
        chosen anew: neither the unit of then nor the one suggested now goes with an Enter out of habit."""
        before, chose = self.values(), False
        for field in self.form.fields:
            if field.name not in draft:
                continue
            if field.receives:
                chose = True
            else:
                _put_back(self._inputs[field.name], draft[field.name])
        if chose:
            for field in self.form.fields:
                box = self._inputs[field.name]
                if field.receives and isinstance(box, QComboBox):
                    choose_none(box, seek_prompt())
        if chose or self.values() != before:
            told = [tr("已恢复上次没有上报的内容。"), *([tr("单位请重新选定。")] if chose else [])]
            self.restored.setText(run_on(told))
            self.restored.show()

    @property
    def is_handed_over(self) -> bool:
        """True while what it says is being done."""
        return self._handed_over

    def submit(self) -> None:
        """Hand the values over, when every choice is made and every time can be read; once, until it is said why not."""
        if self._handed_over:
            return
        for made in self._inputs.values():
            if isinstance(made, QComboBox):
                settle(made)
        values = self.values()
        for field in self.form.fields:
            problem = _problem_of(field, values[field.name])
            if problem:
                self.show_problem(problem)
                _begin_in(self._inputs[field.name])
                return
        self._handed_over = True
        self.done.emit(values)

    def show_problem(self, text: str) -> None:
        """Why it was not done; everything typed stays."""
        self._handed_over = False
        self.problem.setText(text)
        self.problem.show()

    def show_refusal(self, text: str, error: Exception) -> None:
        """Why the act was not done. Where another has changed a fact since the form was opened, it would be refused for ever:
        begun anew, it stands over the case as it is now."""
        if isinstance(error, Refused) and error.code == "field_changed":
            text = f"{text}{tr('按 Esc 收起,看过案件再打开此表:所填都在,仍可照改。')}"
        self.show_problem(text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter confirms (Ctrl+Enter inside a text), Esc cancels; an input method's own Enter never gets here."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            if event.text() and not enter:
                self._handed_over = False  # whoever goes on typing means to send it again
            if enter and (control or not isinstance(watched, QPlainTextEdit)):
                if not event.isAutoRepeat():
                    self.submit()
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.cancelled.emit()
                return True
        return super().eventFilter(watched, event)


class _Number(QSpinBox):
    """Not turned by the wheel either."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """See QWidget."""
        event.ignore()


def _begin_in(made: QWidget) -> None:
    """Put the cursor there; what is typed takes the place of a choice that stands in the box already."""
    made.setFocus()
    line = made.lineEdit() if isinstance(made, QComboBox) else None
    if line is not None:
        line.selectAll()


def _problem_of(field: Field, value: Any) -> str:
    if field.kind == "time" and value and fmt.told_time(value) is None:
        return tr("时刻请写成 14:35 这样。")
    if field.kind == "date" and not fmt.is_date(value):
        return tr("日期请写成 2026-12-31 这样。")
    if field.kind == "case" and not value:
        return tr("请选定要并入的案件。")
    if field.kind in ("choice", "list") and not value and not field.optional:
        return tr("请选择“{0}”。").format(tr(field.label))
    return field.check(value) if field.check is not None and value else ""


class _FullList(QListWidget):
    """Choices that are whole sentences: each in full, one of them chosen."""


def _full_list(field: Field) -> _FullList:
    found = _FullList()
    found.setWordWrap(True)
    found.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    for choice in field.choices:
        item = QListWidgetItem(choice.label)
        item.setData(Qt.ItemDataRole.UserRole, choice.value)
        found.addItem(item)
    found.setCurrentRow(0)
    found.setFixedHeight(found.fontMetrics().lineSpacing() * _LIST_LINES + 10)
    return found


def _many(field: Field) -> QListWidget:
    found = QListWidget()
    for choice in sorted(field.choices, key=lambda c: c.value not in field.value):
        item = QListWidgetItem(choice.label)
        item.setData(Qt.ItemDataRole.UserRole, choice.value)
        item.setCheckState(Qt.CheckState.Checked if choice.value in field.value else Qt.CheckState.Unchecked)
        found.addItem(item)
    found.setFixedHeight(92)
    return found


def _put_back(made: QWidget, value: Any) -> None:
    if isinstance(made, QComboBox):
        place = made.findData(value)
        if place >= 0:
            made.setCurrentIndex(place)
    elif isinstance(made, QListWidget) and not isinstance(made, _FullList):
        for number in range(made.count()):
            item = made.item(number)
            on = item.data(Qt.ItemDataRole.UserRole) in (value or ())
            item.setCheckState(Qt.CheckState.Checked if on else Qt.CheckState.Unchecked)
    elif isinstance(made, QCheckBox):
        made.setChecked(bool(value))
    elif isinstance(made, QSpinBox):
        made.setValue(int(value))
    elif isinstance(made, QPlainTextEdit):
        made.setPlainText(str(value))
    elif isinstance(made, QLineEdit):
        made.setText(str(value))
    # A case that was picked is not put back: what was found then may be closed by now.


def value_of(made: QWidget) -> Any:
    """What an input holds, in the form acts want it."""
    if isinstance(made, QComboBox):
        place = made.findText(made.currentText())
        return made.itemData(place) if place >= 0 else ""
    if isinstance(made, _FullList):
        chosen_item = made.currentItem()
        return chosen_item.data(Qt.ItemDataRole.UserRole) if chosen_item is not None else ""
    if isinstance(made, QListWidget):
        items = (made.item(n) for n in range(made.count()))
        chosen = [i for i in items if i.checkState() is Qt.CheckState.Checked]
        return tuple(i.data(Qt.ItemDataRole.UserRole) for i in chosen)
    if isinstance(made, QCheckBox):
        return made.isChecked()
    if isinstance(made, QSpinBox):
        return made.value()
    if isinstance(made, QPlainTextEdit):
        return lines(made.toPlainText())
    if isinstance(made, CasePicker):
        return made.chosen
    assert isinstance(made, QLineEdit)
    return one_line(made.text())
