"""值守通讯录: the town's workstations, who to ring, whether the last call was answered, what they have in hand."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QLineEdit,
    QSplitter,
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
from ui.panels.station_desk import WIDTH, StationDesk
from ui.ports import Acts, Present, Seat
from ui.widgets.plain import tip

LOAD, OWN = 6, 7
"""Columns: the open cases of the place, and what of them is the station's own to do."""


class RosterPage(QWidget):
    """`opened` carries the query of a station's cases: Enter or a double click on its line. `acted` with a case after a
    call was logged or a case was sent to the station from here."""

    opened = Signal(object)
    acted = Signal(str)

    def __init__(self, jobs: Acts, seat: Seat, present: Present) -> None:
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
        titles = ("工作站", "今日值守", "电话", "站长 / 副站长", "网格员", "最近一次电话", "在办案件", "本站时限")
        self.table = QTableWidget(0, len(titles))
        self.table.setAccessibleName(tr("值守通讯录"))
        self.table.setHorizontalHeaderLabels([tr(t) for t in titles])
        hints = {
            LOAD: tr("该站所在地的在办案件:■ 超时、▲ 临期,不论轮到谁办"),
            OWN: tr("其中轮到本站办的:■ 超时、▲ 临期"),
        }
        for column, hint in hints.items():
            self.table.model().setHeaderData(column, Qt.Orientation.Horizontal, hint, Qt.ItemDataRole.ToolTipRole)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.cellActivated.connect(lambda row, _c: self._open(row))
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.table.setTabKeyNavigation(False)
        self.table.currentCellChanged.connect(lambda row, _c, old, _o: self._chosen(row, old))
        self.desk = StationDesk(jobs, seat, present)
        self.desk.left.connect(self.table.setFocus)
        self.desk.acted.connect(self.acted)
        self.desk.acted.connect(lambda _id: self.refresh())
        for widget in (self.search, self.table):
            widget.installEventFilter(self)
        self.note = QLabel()
        self.note.setObjectName("quiet")
        self.note.setWordWrap(True)
        left = QWidget()
        layout = QVBoxLayout(left)
        layout.addWidget(self.search)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.note)
        split = QSplitter()
        split.setChildrenCollapsible(False)
        split.addWidget(left)
        split.addWidget(self.desk)
        split.setStretchFactor(0, 1)
        split.setSizes([900, WIDTH])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(split)

    def focus_first(self) -> None:
        """The page is turned to: begin at the list of stations."""
        self.table.setFocus()

    def _chosen(self, row: int, old: int) -> None:
        if row != old and 0 <= row < len(self._rows):
            self.desk.show_station(self._rows[row])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """F10 goes to the station's desk; Down in the search goes to the list."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_F10:
                self.desk.list.setFocus()
                return True
            if watched is self.search and event.key() == Qt.Key.Key_Down:
                self.table.setFocus()
                return True
        return super().eventFilter(watched, event)

    def refresh(self) -> None:
        """Read the roster again."""
        desk, text = self._seat.desk, self.search.text()

        def job(work: Work) -> tuple[StationRow, ...]:
            return roster.stations(work, desk, text)

        self._jobs.run(job, self._show)

    def _show(self, rows: tuple[StationRow, ...]) -> None:
        code = self.desk.station.code if self.desk.station else ""
        self._rows = rows
        self.table.setRowCount(len(rows))
        for number, row in enumerate(rows):
            values = (
                row.name,
                self._on_duty(row),
                row.phone,
                f"{row.head} / {row.deputy}",
                tr("、").join(row.members),
                self._call(row),
                f"{row.open_cases}  {_lights(row.red, row.yellow)}",
                _lights(row.own_red, row.own_yellow),
            )
            for column, value in enumerate(values):
                item = QTableWidgetItem(value)
                item.setToolTip(tip(value))
                if (column == LOAD and row.red) or (column == OWN and row.own_red):
                    item.setForeground(QColor(theme.tokens().red_text))
                self.table.setItem(number, column, item)
        places = [n for n, row in enumerate(rows) if row.code == code]
        place = places[0] if places else 0
        self.table.setCurrentCell(place, 0)
        self.desk.show_station(rows[place] if rows else None)
        now = fmt.clock(self._present.now().shown_at)[:5]
        hint = tr("今日值守按轮值表(演示数据)。回车查看该站所在地的在办案件;F10 打电话、派发。截至 {0}")
        self.note.setText(hint.format(now))

    def _on_duty(self, row: StationRow) -> str:
        return f"{row.on_duty} {row.on_duty_title}" if row.on_duty else tr("未排班")

    def _call(self, row: StationRow) -> str:
        if row.last_call_at is None:
            return tr("未记录")
        at = fmt.day_and_minute(row.last_call_at, self._present.now().shown_at)
        return f"{at} {words.RESULTS.get(row.last_call_result, row.last_call_result)}"

    def _open(self, number: int) -> None:
        self.opened.emit(QueueQuery(station=self._rows[number].code))


def _lights(red: int, yellow: int) -> str:
    return f"{words.SHAPES['red']} {red}  {words.SHAPES['yellow']} {yellow}"
