"""An act's form, inside the panel: filled with the keyboard alone, Enter or Ctrl+Enter does it, Esc puts it away."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QCompleter,
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

from models.pinyin import initials
from ui import words
from ui.forms import Field, Form, Values
from ui.language import tr

_TEXT_LINES = 3


class FormView(QFrame):
    """Emits `done` with the values, or `cancelled`. A refusal is shown in place; what was typed stays."""

    done = Signal(object)
    cancelled = Signal()

    def __init__(self, form: Form) -> None:
        super().__init__()
        self.setObjectName("card")
        self.form = form
        self._inputs: dict[str, QWidget] = {}
        layout = QVBoxLayout(self)
        title = QLabel(f"<b>{words.ACTS[form.kind]}</b>")
        layout.addWidget(title)
        if form.hint:
            hint = QLabel(tr(form.hint))
            hint.setObjectName("quiet")
            hint.setWordWrap(True)
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
        self.problem = QLabel()
        self.problem.setObjectName("warning")
        self.problem.setWordWrap(True)
        self.problem.hide()
        layout.addWidget(self.problem)
        layout.addLayout(self._buttons())

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
        if field.kind == "many":
            return _many(field)
        if field.kind == "check":
            box = QCheckBox()
            box.setChecked(bool(field.value))
            return box
        if field.kind == "number":
            spin = QSpinBox()
            spin.setRange(1, 99)
            spin.setValue(int(field.value))
            return spin
        if field.kind == "line":
            return QLineEdit(str(field.value))
        text = QPlainTextEdit(str(field.value))
        text.setTabChangesFocus(True)
        text.setFixedHeight(text.fontMetrics().lineSpacing() * _TEXT_LINES + 14)
        return text

    def focus_first(self) -> None:
        """Begin at the first field."""
        if self.form.fields:
            self._inputs[self.form.fields[0].name].setFocus()

    def values(self) -> Values:
        """What is filled in now."""
        return {field.name: value_of(self._inputs[field.name]) for field in self.form.fields}

    def restore(self, draft: Values) -> None:
        """Put back what was typed earlier and not sent; what no longer fits is left out."""
        for name, made in self._inputs.items():
            if name in draft:
                _put_back(made, draft[name])

    def submit(self) -> None:
        """Hand the values over."""
        self.done.emit(self.values())

    def show_problem(self, text: str) -> None:
        """Why it was not done; everything typed stays."""
        self.problem.setText(text)
        self.problem.show()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter confirms (Ctrl+Enter inside a text), Esc cancels; an input method's own Enter never gets here."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            if enter and (control or not isinstance(watched, QPlainTextEdit)):
                self.submit()
                return True
            if event.key() == Qt.Key.Key_Escape:
                self.cancelled.emit()
                return True
        return super().eventFilter(watched, event)


def choice_box(field: Field) -> QComboBox:
    """A box to pick from; long ones filter by characters or pinyin initials while typing."""
    box = QComboBox()
    for choice in field.choices:
        box.addItem(choice.label, choice.value)
    if len(field.choices) > 6:
        box.setEditable(True)
        box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        completer = QCompleter([f"{c.label}  {initials(c.label)}" for c in field.choices], box)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.activated.connect(lambda text: box.setCurrentText(str(text).rsplit("  ", 1)[0]))
        box.setCompleter(completer)
    return box


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
        made.setCurrentIndex(max(0, made.findData(value)))
    elif isinstance(made, QListWidget):
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


def value_of(made: QWidget) -> Any:
    """What an input holds, in the form acts want it."""
    if isinstance(made, QComboBox):
        place = made.findText(made.currentText())
        return made.itemData(place) if place >= 0 else ""
    if isinstance(made, QListWidget):
        items = (made.item(n) for n in range(made.count()))
        chosen = [i for i in items if i.checkState() is Qt.CheckState.Checked]
        return tuple(i.data(Qt.ItemDataRole.UserRole) for i in chosen)
    if isinstance(made, QCheckBox):
        return made.isChecked()
    if isinstance(made, QSpinBox):
        return made.value()
    if isinstance(made, QPlainTextEdit):
        return made.toPlainText().strip()
    assert isinstance(made, QLineEdit)
    return made.text().strip()
