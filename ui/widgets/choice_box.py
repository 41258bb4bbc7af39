"""A box to pick from. Long ones are typed into: what is typed filters by words, code or pinyin initials."""

from __future__ import annotations

from collections import Counter

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QCompleter

from models.found_by import folded, found_by
from ui.forms import Field

LONG = 6
_FOUND_BY = Qt.ItemDataRole.UserRole + 1


class _Finder(QCompleter):
    """Seeks in everything a choice is found by; shows and fills in its label. Enter takes the first that is listed."""

    def __init__(self, box: QComboBox) -> None:
        super().__init__(box.model(), box)
        self._box = box
        self.setCompletionRole(_FOUND_BY)
        self.setFilterMode(Qt.MatchFlag.MatchContains)
        self.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        listed = self.popup()
        assert listed is not None
        listed.installEventFilter(self)

    def pathFromIndex(self, index: QModelIndex | QPersistentModelIndex) -> str:
        """What is filled in for a row."""
        return str(index.data(Qt.ItemDataRole.DisplayRole) or "")

    def splitPath(self, path: str) -> list[str]:
        """What is sought for what was typed."""
        return [folded(path).strip()]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Nothing under the cursor of the list: Enter means its first."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            listed = self.popup()
            enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if enter and listed is not None and listed.isVisible() and not listed.currentIndex().isValid():
                listed.setCurrentIndex(self.completionModel().index(0, 0))
        return super().eventFilter(watched, event)

    def take_only(self) -> None:
        """The field is left: what was typed and means one choice alone is that choice."""
        typed = self._box.currentText().strip()
        if typed and self._box.findText(typed) < 0:
            self.setCompletionPrefix(typed)
            if self.completionCount() == 1:
                self._box.setCurrentText(self.pathFromIndex(self.completionModel().index(0, 0)))


def settle(box: QComboBox) -> None:
    """Take what was typed for the one choice it can only mean, also while its list still hangs open: whoever sends a form
    from the keyboard does not leave the field first."""
    finder = box.completer()
    if isinstance(finder, _Finder):
        finder.take_only()
        listed = finder.popup()
        if listed is not None:
            listed.hide()


class _Box(QComboBox):
    """The wheel turns pages: over a box it would change the unit without a word, and the next Enter would send that."""

    def wheelEvent(self, event: QWheelEvent) -> None:
        """See QWidget."""
        event.ignore()


def choice_box(field: Field) -> QComboBox:
    """The box of a field's choices. With a prompt it begins with none of them. Of several that have one name (two of a unit's
    people, villages of two towns) each is shown with its code: nothing else tells them apart, here or when it is typed."""
    box = _Box()
    named = Counter(choice.label for choice in field.choices)
    for number, choice in enumerate(field.choices):
        box.addItem(choice.label if named[choice.label] == 1 else f"{choice.label} · {choice.value}", choice.value)
        box.setItemData(number, f"{found_by(choice.label)} {folded(choice.found_by)}", _FOUND_BY)
    if len(field.choices) > LONG:
        box.setEditable(True)
        box.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        finder = _Finder(box)
        box.setCompleter(finder)
        line = box.lineEdit()
        assert line is not None
        line.editingFinished.connect(finder.take_only)
    if field.prompt:
        choose_none(box, field.prompt)
    return box


def choose_none(box: QComboBox, prompt: str) -> None:
    """None of its choices stands chosen; `prompt` says what to do about that."""
    box.setPlaceholderText(prompt)
    box.setCurrentIndex(-1)
    line = box.lineEdit()
    if line is not None:
        line.setPlaceholderText(prompt)
