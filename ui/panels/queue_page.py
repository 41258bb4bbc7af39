"""The queue page: search, chips with live counts, and the table that never jumps while it is being used."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from models.evidence import counting_bounds
from models.organisation import DISTRICT_CODE
from models.retention import KEPT_DAYS
from models.views import CHIPS, RARE_CHIPS, QueueCounts, QueueQuery
from services import queue
from services.work import Work
from ui import words
from ui.delegates.cells import QueueDelegate
from ui.language import tr
from ui.models.queue_model import COLUMNS, QueueModel
from ui.panels.narrowed import narrowed_words, widened
from ui.panels.older_cases import OlderCases
from ui.panels.queue_columns import fit_columns
from ui.panels.queue_countdowns import QueueCountdowns
from ui.panels.queue_sight import QueueSight
from ui.panels.queue_table import queue_table
from ui.ports import Jobs, Present, Seat
from ui.widgets.flow import Flow
from ui.widgets.in_use import InUse
from ui.widgets.on_key import on_key

RECOUNT_MS = 30_000
"""The figures are counted again at least this often, whatever is known of the next change."""


class QueuePage(QWidget):
    """Emits `chosen` with the case under the cursor, `went_on` when nobody moved it there, `opened` when Enter asks for its
    panel."""

    chosen = Signal(str)
    went_on = Signal()
    opened = Signal()
    counted = Signal(object)

    def __init__(self, jobs: Jobs, seat: Seat, present: Present) -> None:
        super().__init__()
        self._jobs = jobs
        self._seat = seat
        self._present = present
        self._delegate = QueueDelegate(present, self.font())
        self.model = QueueModel(jobs, seat)
        self.model.due_words = self._delegate.spoken_of
        self._current = self._called = self._done_with = ""
        self._counts: QueueCounts | None = None
        self._counted_at = 0
        self._counting = False
        self._news: set[str] | None = None
        self.held: Callable[[], bool] = lambda: False
        self._shrinking = self._goes_on = False
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("搜索编号、地点、事项、单位、经办人,支持拼音首字母(Ctrl+F)"))
        self.search.setClearButtonEnabled(True)
        self.search.setAccessibleName(tr("搜索案件"))
        self.search.textChanged.connect(lambda _text: self._ask())
        self.grouped = QPushButton(tr("按单位分组 Ctrl+G"))
        self.grouped.setObjectName("chip")
        self.grouped.setCheckable(True)
        self.grouped.clicked.connect(self._ask)
        on_key("Ctrl+G", self, self.grouped.click)
        self.narrowed = QPushButton()
        self.narrowed.setObjectName("chip")
        self.narrowed.setCheckable(True)
        self.narrowed.setToolTip(tr("取消此筛选 Esc"))
        self.narrowed.clicked.connect(self.widen)
        self.narrowed.hide()
        rules_on_times = seat.desk.unit == DISTRICT_CODE
        self.chips = {name: self._chip(name) for name in CHIPS if name != "doubtful" or rules_on_times}
        self.empty = QLabel(tr("没有符合条件的案件"))
        self.empty.setObjectName("quiet")
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.news = QPushButton()
        self.news.setObjectName("chip")
        self.news.setAccessibleName(tr("显示更新"))
        self.news.clicked.connect(self.catch_up)
        self.news.hide()
        on_key("Ctrl+R", self, self.catch_up)
        self.model.rowsAboutToBeRemoved.connect(lambda: self._shrink(True))  # before the table hears of it
        self.model.rowsRemoved.connect(lambda: self._shrink(False))
        self.table = self._table()
        self.use = InUse(self.table)
        self.sight = QueueSight(self.table, self.model, self.use)
        self.countdowns = QueueCountdowns(self.table, self.model, self.sight, self._delegate)
        self.older = OlderCases(self.search, self)
        self.older.fetched.connect(self._show_all)
        self._arrange()
        self.chips["open"].setChecked(True)
        self.model.filling.connect(self.sight.remember)
        self.model.filled.connect(self._filled)
        self.model.regrouped.connect(self._span_headings)
        self.model.ask(QueueQuery())
        self.count()

    def _chip(self, name: str) -> QPushButton:
        chip = QPushButton(words.CHIPS[name])
        chip.setObjectName("chip")
        chip.setCheckable(True)
        chip.setHidden(name in RARE_CHIPS)
        chip.setAutoExclusive(True)
        chip.clicked.connect(self._ask)
        if name in ("closed", "all"):
            chip.setToolTip(tr("本机有全部在办的和近 {0} 天办结的;更早的在区中心").format(KEPT_DAYS))
        return chip

    def _table(self) -> QTableView:
        table = queue_table(self.model, self._delegate)
        header = table.horizontalHeader()
        header.setSortIndicatorShown(True)
        header.setSortIndicator(0, Qt.SortOrder.AscendingOrder)
        header.sortIndicatorChanged.connect(self._sorted)
        table.selectionModel().currentRowChanged.connect(self._moved)
        table.verticalScrollBar().valueChanged.connect(lambda _v: self.model.look_at(*self.sight.rows()))
        table.installEventFilter(self)
        table.clicked.connect(lambda _i: self._come_back() if self._stands_beside() else None)
        table.doubleClicked.connect(lambda _i: self.opened.emit())
        return table

    def _arrange(self) -> None:
        chips = Flow(6)
        for chip in self.chips.values():
            chips.addWidget(chip)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 0, 0)
        layout.setSpacing(6)
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self.search, 1)
        top.addWidget(self.narrowed)
        top.addWidget(self.grouped)
        layout.addLayout(top)
        layout.addLayout(chips)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.empty)
        layout.addWidget(self.older)
        layout.addWidget(self.news, 0, Qt.AlignmentFlag.AlignHCenter)
        self.empty.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width has room for other columns."""
        super().resizeEvent(event)
        fit_columns(self.table, self.contentsRect().width())

    # Asking

    def query(self) -> QueueQuery:
        """What is asked now."""
        chip = next(name for name, button in self.chips.items() if button.isChecked())
        old, text = self.model.cache.query, self.search.text().strip()
        return msgspec.structs.replace(old, chip=chip, text=text, group_by_unit=self.grouped.isChecked())

    def show_query(self, query: QueueQuery) -> None:
        """Ask from elsewhere (a figure that opens its cases). Whoever has grouped the list keeps it grouped."""
        self.grouped.setChecked(self.grouped.isChecked() or query.group_by_unit)
        query = msgspec.structs.replace(query, group_by_unit=self.grouped.isChecked())
        self.chips[query.chip].setChecked(True)
        self.search.blockSignals(True)
        self.search.setText(query.text)
        self.search.blockSignals(False)
        self.model.ask(query)
        self._show_order()

    def widen(self) -> None:
        """Take away what narrows the list besides chip and words."""
        self.model.ask(widened(self.query()))
        self.narrowed.hide()
        self.table.setFocus()

    def _say_narrowed(self) -> None:
        said = narrowed_words(self.model.cache.query, self.model.unit_name)
        self.narrowed.setText(tr("{0} ×").format(said))
        self.narrowed.setChecked(True)
        self.narrowed.setVisible(bool(said))

    def _show_all(self) -> None:
        """Ended cases stand among all of them."""
        self.chips["all"].setChecked(True)
        self.model.ask(widened(self.query()))

    def _ask(self) -> None:
        self.model.ask(self.query())

    def _sorted(self, column: int, order: Qt.SortOrder) -> None:
        self.model.sort(column, order)

    def _show_order(self) -> None:
        """The arrow stands where the answer is ordered, whoever asked; nowhere when no column shows what orders it."""
        query, header = self.model.cache.query, self.table.horizontalHeader()
        order = Qt.SortOrder.DescendingOrder if query.descending else Qt.SortOrder.AscendingOrder
        header.blockSignals(True)
        header.setSortIndicator(COLUMNS.index(query.sort) if query.sort in COLUMNS else -1, order)
        header.blockSignals(False)

    def sort_by(self, name: str) -> None:
        """Order by a column; by the same one again: the other way round."""
        query = self.query()
        descending = query.sort == name and not query.descending
        self.model.ask(msgspec.structs.replace(query, sort=name, descending=descending))
        self._show_order()
        self.table.setFocus()

    def count(self) -> None:
        """Fetch the live figures of the chips."""
        desk = self._seat.desk

        def job(work: Work) -> QueueCounts:
            return queue.counts(work, desk)

        self._counting = True
        self._jobs.run(job, self._counted, self._not_counted)

    def _not_counted(self, _error: Exception) -> None:
        self._counting = False

    def _counted(self, counts: QueueCounts) -> None:
        self._counting = False
        self._counts, self._counted_at = counts, self._present.now().shown_at
        for name, chip in self.chips.items():
            chip.setText(f"{words.CHIPS[name]} {counts.chips[name]}")
            chip.setHidden(name in RARE_CHIPS and not counts.chips[name] and not chip.isChecked())
        self.counted.emit(counts)

    def refresh(self, case_ids: frozenset[str] = frozenset()) -> None:
        """Cases changed below. While somebody uses the list its rows change where they stand and none moves: what would
        come, go or change places is announced, and shown when the hand rests or at Ctrl+R."""
        self.count()
        self._list_changed(case_ids)

    def _list_changed(self, case_ids: frozenset[str] = frozenset()) -> None:
        if not self.use.on():
            self.catch_up()
            return
        self._news = (self._news or set()) | case_ids
        said = tr("有 {0} 处更新,停手片刻或按 Ctrl+R 显示").format(len(self._news))
        self.news.setText(said if self._news else tr("有更新,停手片刻或按 Ctrl+R 显示"))
        self.news.show()
        self.model.renew_in_place()

    def catch_up(self) -> None:
        """Show the list as it is now."""
        self.use.rest()
        self._news = None
        self.news.hide()
        self.model.refresh()

    def tick(self) -> None:
        """The second has turned: repaint the countdowns in sight that say something new; catch up with what waited; count
        again when a light has turned by itself."""
        if self.isVisible():
            self.countdowns.repaint(self._present)
        if self._news is not None and not self.use.on():
            self.catch_up()
        self._recount()

    def _recount(self) -> None:
        now, known = self._present.now(), self._counts
        if known is None or self._counting:
            return
        turned = known.next_change_at is not None and counting_bounds(now)[1] >= known.next_change_at
        if turned or not 0 <= now.shown_at - self._counted_at < RECOUNT_MS:
            self.count()
            query = self.model.cache.query
            if query.chip == "overdue" or query.light or query.group_by_unit:
                self._list_changed()

    # Where the cursor is

    def _filled(self) -> None:
        self._say_narrowed()
        self.empty.setVisible(self.model.rowCount() == 0)
        place = self.model.row_of_case(self._current) if self._current else None
        current = self.table.currentIndex()
        if place is not None:
            self._called = self._done_with = ""  # it is in sight: from here on it goes as every case of the list goes
        elif self._current and not self.sight.is_first_answer and self._current != self._done_with:
            if not self.held():
                self._called = self._current  # taken from the list by somebody else: nobody acts on another unawares
                self.table.clearSelection()
        elif self._stands_beside():
            pass
        elif not current.isValid():
            place = self._first_case() if self.model.rowCount() else None
        elif not self.held():
            self._go_on(current.row())
        if place is not None and place != current.row():
            self._go_on(place, follow=True)
        self.sight.keep()

    def done_with(self, case_id: str) -> None:
        """Something was done to it here: when that takes it out of the list, the cursor goes on to the next."""
        self._done_with = case_id

    def _shrink(self, on: bool) -> None:
        self._shrinking = on

    def _go_on(self, row: int, *, follow: bool = False) -> None:
        """The list itself moves the cursor: to the row where the case under it stands now, or to whatever stands there."""
        self._goes_on = bool(self._current) and not self.sight.is_first_answer
        if follow:
            self.sight.move_cursor(row)
        else:
            self._moved(self.model.index(row, 0), QModelIndex())
        self._goes_on = False

    def _first_case(self) -> int:
        return next(row for row in range(self.model.rowCount()) if self.model.group_at(row) is None)

    def _span_headings(self) -> None:
        self.table.clearSpans()
        for row in self.model.headings:
            self.table.setSpan(row, 0, 1, len(COLUMNS))

    def _moved(self, current: QModelIndex, _before: QModelIndex) -> None:
        if self._shrinking:
            return  # where Qt puts the cursor meanwhile is nobody's choice: `_filled` says where it goes
        row = self.model.row_at(current.row()) if current.isValid() else None
        if row is None and current.isValid():
            self._current = ""  # moved to a place that is still on its way: the case there is the one meant
        if row is not None and row.row.id != self._current:
            self._current = row.row.id
            self.chosen.emit(self._current)
            if self._goes_on:
                self.went_on.emit()

    def select_case(self, case_id: str) -> None:
        """Put the cursor on a case once it is in sight; one that the list does not hold (it has ended, say) stays open until
        somebody moves on."""
        self._current = self._called = case_id
        self.chosen.emit(case_id)
        self.model.refresh()
        desk, query = self._seat.desk, self.model.cache.query
        self._jobs.run(
            lambda work: queue.locate(work, desk, query, case_id), lambda place: self._located(case_id, place)
        )

    def _located(self, case_id: str, place: int | None) -> None:
        """The case may stand far from what is in sight: go there; its page is fetched on the way."""
        if case_id != self._current:
            return
        if place is None:
            self.table.clearSelection()  # no row of the list is the case that is open
            return
        row = self.model.row_of(place)
        if row < self.model.rowCount() and row != self.table.currentIndex().row():
            self.table.setCurrentIndex(self.model.index(row, 0))

    def _stands_beside(self) -> bool:
        """The open case was called for, and is not in the list."""
        return bool(self._called) and self._called == self._current

    def _come_back(self) -> None:
        """From a case beside the list to the one under the cursor."""
        self._called = ""
        self.table.selectRow(self.table.currentIndex().row())
        self._moved(self.table.currentIndex(), QModelIndex())

    def step(self, by: int) -> None:
        """Next or previous case; from one beside the list, the one under the cursor."""
        if self._stands_beside():
            self._come_back()
            return
        row = self.table.currentIndex().row() + by
        while self.model.group_at(row) is not None:
            row += by
        if 0 <= row < self.model.rowCount():
            self.table.setCurrentIndex(self.model.index(row, 0))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """J and K move like the arrows; Enter opens the panel."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down) and self._stands_beside():
                self._come_back()
                return True
            if event.key() in (Qt.Key.Key_J, Qt.Key.Key_K) and not event.modifiers():
                self.step(1 if event.key() == Qt.Key.Key_J else -1)
                return True
            if event.key() == Qt.Key.Key_Escape and not self.narrowed.isHidden():
                self.widen()
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.opened.emit()
                return True
        return super().eventFilter(watched, event)
