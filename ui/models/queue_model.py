"""The queue as Qt sees it: a true row count, and rows that arrive when they are looked at. `data` never waits."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, Signal

from models.row import CaseRow
from models.views import QueueGroup, QueuePage, QueueQuery, QueueRow
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
    """Windowed model over services.queue.page. One request under way; answers of an older question are dropped.

    When the question groups by unit, each group begins with a heading in a row of its own. `regrouped` when headings
    moved; `filling` just before rows change and `filled` after it. `due_words` tells the light and the countdown of a row.
    """

    filling = Signal()
    filled = Signal()
    regrouped = Signal()

    def __init__(self, jobs: Jobs, seat: Seat) -> None:
        super().__init__()
        self._jobs = jobs
        self._seat = seat
        self.cache = RowCache()
        self._shown = 0
        self._asking = False
        self.groups: tuple[QueueGroup, ...] = ()
        self.headings: list[int] = []
        self.unit_name = ""
        self.due_words: Callable[[CaseRow], str] = lambda _row: ""
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
        group = self.group_at(index.row())
        if group is not None:
            return self._of_heading(group, role)
        row = self.row_at(index.row())
        if row is None:
            if role == Qt.ItemDataRole.DisplayRole:
                return "…"
            return None
        if role == ROW_ROLE:
            return row
        if role == Qt.ItemDataRole.DisplayRole:
            return _text(row, COLUMNS[index.column()])
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._spoken(row, COLUMNS[index.column()])
        return None

    def _spoken(self, found: QueueRow, column: str) -> str:
        """What a screen reader says of a cell: what is painted there, the light in words."""
        row = found.row
        if column == "due":
            return self.due_words(row)
        if column == "title":
            marks = [tr("【应急】")] if row.emergency else []
            marks += [words.CHIPS["unsent"]] if found.unsent else []
            return " ".join(filter(None, (*marks, row.title, row.number, found.category_name, row.place)))
        if column == "lead":
            lead = found.lead_name or tr("未指派")
            return tr("{0}  协{1}").format(lead, row.co_count) if row.co_count else lead
        return _text(found, column)

    def _of_heading(self, group: QueueGroup, role: int) -> Any:
        if role == ROW_ROLE:
            return group
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return group_words(group)
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """A heading is no case: the cursor goes past it."""
        return Qt.ItemFlag.NoItemFlags if self.group_at(index.row()) is not None else super().flags(index)

    # Cases and headings by their row

    def group_at(self, row: int) -> QueueGroup | None:
        """The group whose heading stands in this row."""
        number = bisect_left(self.headings, row)
        return self.groups[number] if number < len(self.headings) and self.headings[number] == row else None

    def row_at(self, row: int) -> QueueRow | None:
        """The case in this row; None for a heading, and while it is not here yet."""
        return None if self.group_at(row) is not None else self.cache.row(self._place(row))

    def row_of(self, place: int) -> int:
        """In which row the case at a place of the answer stands."""
        before, row = 0, place
        for group in self.groups:
            row += 1
            before += group.count
            if place < before:
                break
        return row

    def row_of_case(self, case_id: str) -> int | None:
        """In which row a case stands, if it is among the pages held."""
        place = self.cache.place_of(case_id)
        return None if place is None else self.row_of(place)

    def _place(self, row: int) -> int:
        return row - bisect_right(self.headings, row)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Column titles."""
        if orientation is Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return sort_titles()[COLUMNS[section]]
        if role == Qt.ItemDataRole.ToolTipRole and COLUMNS[section] == "due":
            return tr("本机测算:按本机收到的记录推算;超时以区中心核定为准。")
        return None

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
            self._group((), "")
            self._wanted = (0, PAGE - 1)
            self._fetch()

    def refresh(self) -> None:
        """Something changed below: ask again for what is in sight, keep showing what is held."""
        self.cache.mark_stale()
        self._fetch()

    def renew_in_place(self) -> None:
        """Something changed below while the list is in use: show what is in sight as it is now, and move nothing."""
        first, last = (self._place(row) for row in self._wanted)
        ids, query, generation, desk = (
            self.cache.ids(first, last),
            self.cache.query,
            self.cache.generation,
            self._seat.desk,
        )

        def job(work: Work) -> tuple[tuple[QueueRow, ...], tuple[QueueGroup, ...]]:
            return queue.in_place(work, desk, query, ids)

        self._jobs.run(job, lambda found: self._renewed(*found, generation), self._failed)

    def _renewed(self, rows: tuple[QueueRow, ...], groups: tuple[QueueGroup, ...], generation: int) -> None:
        if generation != self.cache.generation or not self._shown:
            return
        self.cache.renew(rows)
        if [(g.unit, g.count) for g in groups] == [(g.unit, g.count) for g in self.groups]:
            self.groups = groups
        self.dataChanged.emit(self.index(0, 0), self.index(self._shown - 1, len(COLUMNS) - 1))

    def look_at(self, first: int, last: int) -> None:
        """These rows are in sight now."""
        self._wanted = (first, last)
        self._fetch()

    def _fetch(self) -> None:
        if self._asking:
            return
        first, last = self._wanted
        missing = self.cache.missing(self._place(first), self._place(last))
        if not missing:
            return
        self._asking = True
        offset, query, generation, desk = missing[0], self.cache.query, self.cache.generation, self._seat.desk

        after = self.cache.key_before(offset)

        def job(work: Work) -> QueuePage:
            return queue.page(work, desk, query, offset, PAGE, after)

        self._jobs.run(job, lambda page: self._arrived(page, generation), self._failed)

    def _failed(self, _error: Exception) -> None:
        self._asking = False

    def _arrived(self, page: QueuePage, generation: int) -> None:
        self._asking = False
        self.filling.emit()
        if self.cache.put(page, generation):
            self._group(page.groups, page.unit_name)
            self._resize(page.total + len(page.groups))
            if self._shown:
                self.dataChanged.emit(self.index(0, 0), self.index(self._shown - 1, len(COLUMNS) - 1))
            self.filled.emit()
        self._fetch()

    def _group(self, groups: tuple[QueueGroup, ...], unit_name: str) -> None:
        self.unit_name = unit_name
        headings, row = [], 0
        for group in groups:
            headings.append(row)
            row += 1 + group.count
        is_moved = headings != self.headings
        self.groups, self.headings = groups, headings
        if is_moved:
            self.regrouped.emit()

    def _resize(self, total: int) -> None:
        if total > self._shown:
            self.beginInsertRows(QModelIndex(), self._shown, total - 1)
            self._shown = total
            self.endInsertRows()
        elif total < self._shown:
            self.beginRemoveRows(QModelIndex(), total, self._shown - 1)
            self._shown = total
            self.endRemoveRows()


def sort_titles() -> dict[str, str]:
    """What the queue can be ordered by, in words: its columns, and the two that stand in none."""
    return {
        "due": tr("剩余时限"),
        "stage": tr("环节"),
        "title": tr("案件"),
        "station": tr("责任网格"),
        "lead": tr("主办 / 协办"),
        "channel": tr("来源"),
        "next": tr("下一步"),
        "number": tr("编号"),
        "reported": tr("上报时间"),
    }


def group_words(group: QueueGroup) -> str:
    """黎阳城管执法中队　5 件　■ 超时 1　▲ 临期 2"""
    said = [group.name or tr("未指派"), tr("{0} 件").format(group.count)]
    for light, number in (("red", group.red), ("yellow", group.yellow)):
        if number:
            said.append(f"{words.SHAPES[light]} {words.LIGHTS[light]} {number}")
    return "    ".join(said)


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
