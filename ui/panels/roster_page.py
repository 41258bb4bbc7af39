"""值守通讯录: the town's workstations, who to ring, whether the last call was answered, what they have in hand."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QLineEdit,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from models.views import QueueQuery, StationRow
from services import roster
from services.work import Work
from ui import format as fmt
from ui import theme, words
from ui.language import tr
from ui.ports import Jobs, Present, Seat


class RosterPage(QWidget):
    """`opened` carries the query of a station's cases: Enter or a double click on its line."""

    opened = Signal(object)

    def __init__(self, jobs: Jobs, seat: Seat, present: Present) -> None:
        super().__init__()
        self._jobs = jobs
        self._seat = seat
        self._present = present
        self._rows: tuple[StationRow, ...] = ()
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("工作站、姓名、电话或拼音首字母"))
        self.search.setAccessibleName(tr("查找工作站"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(lambda _t: self.refresh())
        self.table = QTableWidget(0, 7)
        self.table.setAccessibleName(tr("值守通讯录"))
        titles = ("工作站", "今日值守", "电话", "站长", "网格员", "最近一次电话", "在办(超时 / 临期)")
        self.table.setHorizontalHeaderLabels([tr(t) for t in titles])
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setSectionResizeMode(4, QHeaderView.ResizeMode.Stretch)
        self.table.cellActivated.connect(lambda row, _c: self._open(row))
        note = QLabel(
            tr("值守人为各村居按方案明确的副站长。回车查看该站所在地的在办案件;在案件上按 F10 记电话。演示数据。")
        )
        note.setObjectName("quiet")
        layout = QVBoxLayout(self)
        layout.addWidget(self.search)
        layout.addWidget(self.table, 1)
        layout.addWidget(note)

    def refresh(self) -> None:
        """Read the roster again."""
        desk, text = self._seat.desk, self.search.text()

        def job(work: Work) -> tuple[StationRow, ...]:
            return roster.stations(work, desk, text)

        self._jobs.run(job, self._show)

    def _show(self, rows: tuple[StationRow, ...]) -> None:
        self._rows = rows
        self.table.setRowCount(len(rows))
        for number, row in enumerate(rows):
            values = (
                row.name,
                row.on_duty,
                row.phone,
                row.head,
                tr("、").join(row.members),
                self._call(row),
                self._load(row),
            )
            for column, value in enumerate(values):
                item = QTableWidgetItem(value)
                if column == 6 and row.red:
                    item.setForeground(QColor(theme.tokens().red_text))
                self.table.setItem(number, column, item)

    def _call(self, row: StationRow) -> str:
        if row.last_call_at is None:
            return tr("未记录")
        at = fmt.day_and_minute(row.last_call_at, self._present.now().shown_at)
        return f"{at} {words.RESULTS.get(row.last_call_result, row.last_call_result)}"

    def _load(self, row: StationRow) -> str:
        return f"{row.open_cases}({words.SHAPES['red']} {row.red} / {words.SHAPES['yellow']} {row.yellow})"

    def _open(self, number: int) -> None:
        short = self._rows[number].name.removesuffix("工作站")  # a name is data, in any language
        self.opened.emit(QueueQuery(text=short))
