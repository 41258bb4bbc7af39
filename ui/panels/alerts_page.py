"""预警: where the red is, what turns colour next, thirty days, the three promises. 本机测算; each figure opens its cases."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QGridLayout,
    QHeaderView,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from models.light import Light
from models.views import ColourChange, DayFigures, MatrixCell, QueueQuery
from services import alerts
from services.work import Work
from ui import format as fmt
from ui import theme, words
from ui.language import tr
from ui.panels.thirty_days import DAYS, FIRST, ThirtyDays
from ui.ports import Jobs, Present
from ui.widgets.card import Card

STAGES = tuple(words.STAGES)
WORST = (Light.GREEN, Light.YELLOW, Light.DOUBTFUL, Light.RED)
CHANGE = Qt.ItemDataRole.UserRole


class AlertsPage(QWidget):
    """`opened` carries a query for the queue; `asked` a case."""

    opened = Signal(object)
    asked = Signal(str)

    def __init__(self, jobs: Jobs, present: Present) -> None:
        super().__init__()
        self._jobs = jobs
        self._present = present
        self._units: list[str] = []
        self._worst = (0, 0)
        self._queries: dict[tuple[int, int], QueueQuery] = {}
        self.table = self._matrix_table()
        self.table.cellActivated.connect(self._open_cell)
        self.next = QListWidget()
        self.next.setAccessibleName(tr("未来两小时变色"))
        self.next.setWordWrap(True)
        self.next.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.next.itemActivated.connect(self._open_change)
        self.days = ThirtyDays()
        self.days.opened.connect(self.opened)
        self._matrix_card = Card(tr("分色预警 · 本机测算"), "", self.table)
        grid = QGridLayout(self)
        grid.setSpacing(8)
        grid.addWidget(self._matrix_card, 0, 0)
        grid.addWidget(Card(tr("即将变色"), tr("未来 2 小时"), self.next), 0, 1)
        grid.addWidget(self.days, 1, 0, 1, 2)
        for number, share in enumerate((3, 2)):
            grid.setColumnStretch(number, share)
            grid.setRowStretch(number, share)

    def _matrix_table(self) -> QTableWidget:
        titles = [tr("责任单位"), *words.STAGES.values(), tr("合计")]
        table = QTableWidget(0, len(titles))
        table.setAccessibleName(tr("责任单位与环节"))
        table.setHorizontalHeaderLabels(titles)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.verticalHeader().hide()
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        table.setTabKeyNavigation(False)
        table.setItemDelegate(_Framed(table))
        return table

    def focus_first(self) -> None:
        """The page is turned to: begin at the matrix, on its worst cell."""
        self.table.setFocus()
        if not self.table.currentIndex().isValid() and self.table.rowCount():
            self.table.setCurrentCell(*self._worst)

    def refresh(self) -> None:
        """Compute everything again, from this store."""
        self.days.draw()
        self._jobs.run(_matrix, self._show_matrix)
        self._jobs.run(_changes, self._show_changes)
        self._jobs.run(_days, self.days.show_days)

    # The matrix

    def _show_matrix(self, cells: tuple[MatrixCell, ...]) -> None:
        row, column = self.table.currentRow(), self.table.currentColumn()
        chosen = self._units[row] if 0 <= row < len(self._units) else None
        worst_first = sorted(cells, key=lambda c: (-WORST.index(c.worst), -c.count))
        units = list(dict.fromkeys(c.unit for c in worst_first))
        names = {c.unit: c.unit_name for c in cells} | {"": tr("合计")}
        self._units = [*units, ""] if units else []
        self._queries = {}
        self._worst = (0, STAGES.index(worst_first[0].stage) + 1) if worst_first else (0, 0)
        self.table.setRowCount(len(self._units))
        for number, unit in enumerate(self._units):
            self.table.setItem(number, 0, QTableWidgetItem(names[unit]))
            for place, stage in enumerate((*STAGES, ""), start=1):
                held = [c for c in cells if unit in ("", c.unit) and stage in ("", c.stage)]
                self._put(number, place, held, QueueQuery(unit=unit, stage=stage))
        if chosen in self._units:
            self.table.setCurrentCell(self._units.index(chosen), column)
        elif self._units:
            self.table.setCurrentCell(*self._worst)
        now = fmt.clock(self._present.now().shown_at)[:5]
        self._matrix_card.say(tr("格内为在办件数,回车打开;截至 {0}").format(now))

    def _put(self, row: int, column: int, held: Iterable[MatrixCell], query: QueueQuery) -> None:
        cells = list(held)
        t = theme.tokens()
        worst = max((cell.worst for cell in cells), key=WORST.index, default=Light.GREEN)
        shape = words.SHAPES[worst.value] if worst is not Light.GREEN else ""
        item = QTableWidgetItem(f"{shape} {sum(cell.count for cell in cells)}".strip() if cells else "·")
        item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
        if worst is Light.RED:
            item.setBackground(QColor(t.red_fill))
            item.setForeground(QColor(t.on_red))
        elif worst in (Light.YELLOW, Light.DOUBTFUL):
            item.setBackground(QColor(t.yellow_fill))
            item.setForeground(QColor(t.on_yellow))
        if cells:
            is_everything = not query.unit and not query.stage
            self._queries[row, column] = QueueQuery(light="running") if is_everything else query
        self.table.setItem(row, column, item)

    def _open_cell(self, row: int, column: int) -> None:
        query = self._queries.get((row, column))
        if query is not None:
            self.opened.emit(query)

    # What turns next

    def _show_changes(self, changes: tuple[ColourChange, ...]) -> None:
        current = self.next.currentItem()
        chosen = _key(current.data(CHANGE)) if current is not None else None
        self.next.clear()
        now = self._present.now().shown_at
        for change in changes:
            shape, word = words.SHAPES[change.to.value], words.LIGHTS[change.to.value]
            doubt = tr("(时间待认定,可能已变)") if change.possibly else ""
            turns = f"{shape} {tr('转{0}').format(word)}{doubt}"
            whose = f"{change.unit_name} · {words.STAGES[change.stage]}"
            item = QListWidgetItem(f"{fmt.day_and_minute(change.at, now)}  {turns}  {whose}  {change.title}")
            item.setData(CHANGE, change)
            self.next.addItem(item)
            if _key(change) == chosen:
                self.next.setCurrentItem(item)
        if not changes:
            self.next.addItem(tr("未来两小时没有案件变色"))

    def _open_change(self, item: QListWidgetItem) -> None:
        change = item.data(CHANGE)
        if isinstance(change, ColourChange):
            self.asked.emit(change.case_id)


class _Framed(QStyledItemDelegate):
    """The cell chosen keeps its colour and has a frame."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """One cell."""
        state: QStyle.StateFlag = option.state
        rect: QRect = option.rect
        option.state = state & ~(QStyle.StateFlag.State_Selected | QStyle.StateFlag.State_HasFocus)
        super().paint(painter, option, index)
        if state & QStyle.StateFlag.State_Selected:
            painter.setPen(QPen(QColor(theme.tokens().text), 1))
            painter.drawRect(rect.adjusted(1, 1, -2, -2))
            painter.setPen(QPen(QColor(theme.tokens().accent), 2))
            painter.drawRect(rect.adjusted(3, 3, -4, -4))


def _key(change: object) -> tuple[str, str] | None:
    return (change.case_id, change.to.value) if isinstance(change, ColourChange) else None


def _matrix(work: Work) -> tuple[MatrixCell, ...]:
    return alerts.matrix(work)


def _changes(work: Work) -> tuple[ColourChange, ...]:
    return alerts.changes(work)


def _days(work: Work) -> tuple[DayFigures, ...]:
    return alerts.days(work, FIRST + DAYS)
