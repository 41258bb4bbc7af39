"""Finding another case inside a form: similar ones stand there already, any other is found by number, digits or words."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from ui.forms import Choice
from ui.language import tr
from ui.widgets.plain import tip, told_line

MOST_CASES = 3


class CasePicker(QWidget):
    """`asked` with what is typed; whoever listens answers with `show_found`. `chosen` is a case's id, "" while none is."""

    asked = Signal(str)

    def __init__(self, similar: tuple[Choice, ...]) -> None:
        super().__init__()
        self._similar = similar
        self.line = QLineEdit()
        self.line.setPlaceholderText(tr("案号、案号末几位,或地点、事项"))
        self.line.setAccessibleName(tr("查找案件"))
        self.line.textChanged.connect(self._typed)
        self.line.installEventFilter(self)
        self.list = QListWidget()
        self.list.setAccessibleName(tr("可并入的案件"))
        self.list.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.said = told_line("quiet")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        for part in (self.line, self.said, self.list):
            layout.addWidget(part)
        self.setFocusProxy(self.line)
        self._offer_similar()

    def _offer_similar(self) -> None:
        self._fill(self._similar)
        none = tr("附近没有相似的在办案件,请输入案号。")
        self.said.setText(tr("附近相似案件,上下键选定:") if self._similar else none)

    def _typed(self, text: str) -> None:
        if text.strip():
            self._fill(())
            self.said.setText(tr("正在查找…"))
            self.asked.emit(text.strip())
        else:
            self._offer_similar()

    def show_found(self, text: str, found: tuple[Choice, ...], ended: tuple[str, ...]) -> None:
        """What was found for a text, unless something else has been typed since. `ended`: found, but no longer open."""
        if text != self.line.text().strip():
            return
        self._fill(found)
        if found:
            self.said.setText(tr("找到 {0} 件在办案件,上下键选定:").format(len(found)))
        elif ended:
            self.said.setText(tr("“{0}”只找到已办完的案件,不能并入:{1}").format(text, tr("、").join(ended)))
        else:
            self.said.setText(tr("没有编号或内容含“{0}”的案件,或不在本单位范围内。").format(text))

    def _fill(self, choices: tuple[Choice, ...]) -> None:
        self.list.clear()
        for choice in choices:
            item = QListWidgetItem(choice.label)
            item.setToolTip(tip(choice.label))
            item.setData(Qt.ItemDataRole.UserRole, choice.value)
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        heights = [self.list.sizeHintForRow(row) for row in range(min(MOST_CASES, self.list.count()))]
        self.list.setFixedHeight(sum(heights) + 2 * self.list.frameWidth() + 2)
        self.list.setVisible(bool(heights))

    @property
    def chosen(self) -> str:
        """The id of the case under the cursor."""
        item = self.list.currentItem()
        return str(item.data(Qt.ItemDataRole.UserRole)) if item is not None else ""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows move in the list while typing."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            by = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if by is not None and self.list.count():
                self.list.setCurrentRow(max(0, min(self.list.count() - 1, self.list.currentRow() + by)))
                return True
        return super().eventFilter(watched, event)
