"""The queue as Qt sees it: a true row count, and rows that arrive when they are looked at. `data` never waits."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from models.views import QueuePage, QueueQuery, QueueRow
from services import queue
from services.work import Work
from ui import words
from ui.language import tr
from ui.models.row_cache import PAGE, RowCache
from ui.ports import Jobs, Seat

COLUMNS = ("due", "stage", "title", "station", "lead", "channel", "next")
ROW_ROLE = Qt.ItemDataRole.UserRole
Index = QModelIndex | QPersistentModelIndex


class QueueModel(QAbstractTableModel):
    """Windowed model over services.queue.page. One request under way; answers of an older question are dropped."""

    filled = Signal()

    def __init__(self, jobs: Jobs, seat: Seat) -> None:
        super().__init__()
        self._jobs = jobs
        self._seat = seat
        self.cache = RowCache()
        self._shown = 0
        self._asking = False
        self._wanted: tuple[int, int] = (0, PAGE - 1)

    # What Qt asks

    def rowCount(self, parent: Index | None = None) -> int:
        """The true number of rows of the query's answer."""
        return 0 if parent is not None and parent.isValid() else self._shown

    def columnCount(self, parent: Index | None = None) -> int:
        """Columns of the queue."""
        return 0 if parent is not None and parent.isValid() else len(COLUMNS)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Text for searching and screen readers; painting reads the whole row."""
        row = self.cache.row(index.row())
        if row is None:
            if role == Qt.ItemDataRole.DisplayRole:
                return "…"
            return None
        if role == ROW_ROLE:
            return row
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return _text(row, COLUMNS[index.column()])
        return None

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Column titles."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return self._titles()[section]
        return None

    def _titles(self) -> tuple[str, ...]:
        return (
            tr("剩余时限"),
            tr("环节"),
            tr("案件"),
            tr("责任网格"),
            tr("主办 / 协办"),
            tr("来源"),
            tr("下一步"),
        )

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Ask for another order."""
        from msgspec.structs import replace

        descending = order is Qt.SortOrder.DescendingOrder
        self.ask(replace(self.cache.query, sort=COLUMNS[column], descending=descending))

    # What the page asks

    def ask(self, query: QueueQuery) -> None:
        """Show another question's answer."""
        if query != self.cache.query or not self._shown:
            self.cache.restart(query)
            self._wanted = (0, PAGE - 1)
            self._fetch()

    def refresh(self) -> None:
        """Something changed below: ask again for what is in sight, keep showing what is held."""
        self.cache.mark_stale()
        self._fetch()

    def look_at(self, first: int, last: int) -> None:
        """These rows are in sight now."""
        self._wanted = (first, last)
        self._fetch()

    def _fetch(self) -> None:
        if self._asking:
            return
        missing = self.cache.missing(*self._wanted)
        if not missing:
            return
        self._asking = True
        offset, query, generation, desk = missing[0], self.cache.query, self.cache.generation, self._seat.desk

        def job(work: Work) -> QueuePage:
            return queue.page(work, desk, query, offset, PAGE)

        self._jobs.run(job, lambda page: self._arrived(page, generation), self._failed)

    def _failed(self, _error: Exception) -> None:
        self._asking = False

    def _arrived(self, page: QueuePage, generation: int) -> None:
        self._asking = False
        if self.cache.put(page, generation):
            self._resize(page.total)
            last = min(page.offset + PAGE, self._shown) - 1
            if last >= page.offset:
                self.dataChanged.emit(self.index(page.offset, 0), self.index(last, len(COLUMNS) - 1))
            self.filled.emit()
        self._fetch()

    def _resize(self, total: int) -> None:
        if total > self._shown:
            self.beginInsertRows(QModelIndex(), self._shown, total - 1)
            self._shown = total
            self.endInsertRows()
        elif total < self._shown:
            self.beginRemoveRows(QModelIndex(), total, self._shown - 1)
            self._shown = total
            self.endRemoveRows()


def _text(found: QueueRow, column: str) -> str:
    row = found.row
    if column == "due":
        return ""
    if column == "stage":
        return words.STAGES.get(row.clock_stage, words.STATES.get(row.state, row.state))
    if column == "title":
        return f"{row.title} {row.number} {found.category_name}"
    if column == "station":
        return found.station_name
    if column == "lead":
        return found.lead_name
    if column == "channel":
        return found.channel_name
    return next_words(found)


def next_words(found: QueueRow) -> str:
    """下一步: whose move and which."""
    act = words.ACTS.get(found.row.next_code, "")
    return f"{found.next_unit_name} {act}".strip()
