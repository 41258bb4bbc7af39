"""预警: where the red is, what turns colour next, thirty days, the three promises. 本机测算; each figure opens its cases."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QGridLayout,
    QHeaderView,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from models.light import Light
from models.views import ColourChange, DayFigures, MatrixCell, QueueQuery
from services import alerts
from services.work import Work
from ui import format as fmt
from ui import theme, words
from ui.language import tr
from ui.ports import Jobs, Present

STAGES = tuple(words.STAGES)
PROMISES = ("dispatch", "arrival", "opinion")
LINE_COLOURS = ("#0072B2", "#CC79A7", "#56B4E9")
ROLLING_DAYS = 7
TARGET_PERCENT = 98


class AlertsPage(QWidget):
    """`opened` carries a query for the queue; `asked` a case."""

    opened = Signal(object)
    asked = Signal(str)

    def __init__(self, jobs: Jobs, present: Present) -> None:
        super().__init__()
        self._jobs = jobs
        self._present = present
        self._plots: tuple[Any, Any] | None = None
        self._days: tuple[DayFigures, ...] = ()
        self._cells: dict[tuple[int, int], MatrixCell] = {}
        self.table = QTableWidget(0, len(STAGES) + 1)
        self.table.setAccessibleName(tr("责任单位与环节"))
        self.table.setHorizontalHeaderLabels([tr("责任单位"), *words.STAGES.values()])
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.cellActivated.connect(self._open_cell)
        self.next = QListWidget()
        self.next.setAccessibleName(tr("未来两小时变色"))
        self.next.itemActivated.connect(lambda item: self.asked.emit(str(item.data(Qt.ItemDataRole.UserRole))))
        self._grid = QGridLayout(self)
        self._grid.setSpacing(8)
        self._grid.addWidget(_card(tr("分色预警 · 本机测算"), tr("格内为在办件数,回车打开"), self.table), 0, 0)
        self._grid.addWidget(_card(tr("即将变色"), tr("未来 2 小时"), self.next), 0, 1)
        self._grid.setColumnStretch(0, 3)
        self._grid.setColumnStretch(1, 2)
        self._grid.setRowStretch(0, 1)
        self._grid.setRowStretch(1, 1)

    def refresh(self) -> None:
        """Compute everything again, from this store."""
        self._draw_plots()
        self._jobs.run(_matrix, self._show_matrix)
        self._jobs.run(_changes, self._show_changes)
        self._jobs.run(_days, self._show_days)

    def _show_matrix(self, cells: tuple[MatrixCell, ...]) -> None:
        t = theme.tokens()
        units = list(dict.fromkeys(c.unit for c in sorted(cells, key=lambda c: (-_rank(c.worst), -c.count))))
        names = {c.unit: c.unit_name for c in cells}
        self._cells = {(units.index(c.unit), STAGES.index(c.stage) + 1): c for c in cells}
        self.table.setRowCount(len(units))
        for row, unit in enumerate(units):
            self.table.setItem(row, 0, QTableWidgetItem(names[unit]))
            for column in range(1, len(STAGES) + 1):
                cell = self._cells.get((row, column))
                shape = words.SHAPES[cell.worst.value] if cell and cell.worst is not Light.GREEN else ""
                item = QTableWidgetItem(f"{shape} {cell.count}".strip() if cell else "·")
                item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
                if cell and cell.worst is Light.RED:
                    item.setBackground(QColor(t.red_fill))
                    item.setForeground(QColor(t.on_red))
                elif cell and cell.worst in (Light.YELLOW, Light.DOUBTFUL):
                    item.setBackground(QColor(t.yellow_fill))
                    item.setForeground(QColor(t.on_yellow))
                self.table.setItem(row, column, item)

    def _open_cell(self, row: int, column: int) -> None:
        cell = self._cells.get((row, column))
        if cell is not None:
            self.opened.emit(QueueQuery(unit=cell.unit, stage=cell.stage))

    def _show_changes(self, changes: tuple[ColourChange, ...]) -> None:
        self.next.clear()
        now = self._present.now().shown_at
        for change in changes:
            shape, word = words.SHAPES[change.to.value], words.LIGHTS[change.to.value]
            item = QListWidgetItem(
                f"{fmt.day_and_minute(change.at, now)}  {shape} {tr('转{0}').format(word)}  {change.title}"
            )
            item.setData(Qt.ItemDataRole.UserRole, change.case_id)
            self.next.addItem(item)
        if not changes:
            self.next.addItem(tr("未来两小时没有案件变色"))

    def _draw_plots(self) -> None:
        if self._plots is not None:
            return
        import pyqtgraph as pg

        t = theme.tokens()
        bars, rates = pg.PlotWidget(background=t.base), pg.PlotWidget(background=t.base)
        for plot in (bars, rates):
            plot.setMenuEnabled(False)
            plot.setMouseEnabled(False, False)
            plot.hideButtons()
            for side in ("left", "bottom"):
                plot.getAxis(side).setTextPen(t.quiet)
                plot.getAxis(side).setPen(t.line)
        bars.scene().sigMouseClicked.connect(lambda event: self._bar_clicked(bars, event))
        bars.setAccessibleName(tr("近 30 天办结与超时"))
        rates.setAccessibleName(tr("三个一按时率"))
        self._plots = (bars, rates)
        hint = tr("灰绿:无超时 · 红:曾超时;点柱打开当日案件")
        self._grid.addWidget(_card(tr("近 30 天办结与超时"), hint, bars), 1, 0)
        colours = " ".join(
            f"<span style='color:{c}'>■ {words.STAGES[p]}</span>" for p, c in zip(PROMISES, LINE_COLOURS, strict=True)
        )
        self._grid.addWidget(_card(tr("三个一按时率(滚动 7 天)"), colours, rates), 1, 1)

    def _show_days(self, days: tuple[DayFigures, ...]) -> None:
        import pyqtgraph as pg

        if self._plots is None:
            return
        self._days = days
        bars, rates = self._plots
        t = theme.tokens()
        places = list(range(len(days)))
        good = [d.closed - d.closed_late for d in days]
        late = [d.closed_late for d in days]
        bars.clear()
        bars.addItem(pg.BarGraphItem(x=places, height=good, width=0.7, brush="#9DB8AC", pen=None))
        bars.addItem(pg.BarGraphItem(x=places, y0=good, height=late, width=0.7, brush=t.red_fill, pen=None))
        rates.clear()
        rates.addLine(y=TARGET_PERCENT, pen=pg.mkPen(t.quiet, style=Qt.PenStyle.DashLine))
        lowest = float(TARGET_PERCENT)
        for promise, colour in zip(PROMISES, LINE_COLOURS, strict=True):
            xs, ys = _rolling(days, promise)
            rates.plot(xs, ys, pen=pg.mkPen(colour, width=2))
            lowest = min([lowest, *ys])
        rates.setYRange(max(0, lowest - 2), 100.5)
        ticks = [[(n, days[n].day[5:]) for n in range(0, len(days), 7)]]
        for plot in (bars, rates):
            plot.getAxis("bottom").setTicks(ticks)

    def _bar_clicked(self, plot: Any, event: Any) -> None:
        place = round(plot.getPlotItem().vb.mapSceneToView(event.scenePos()).x())
        if 0 <= place < len(self._days):
            self.opened.emit(QueueQuery(chip="closed", day=self._days[place].day))


def _matrix(work: Work) -> tuple[MatrixCell, ...]:
    return alerts.matrix(work)


def _changes(work: Work) -> tuple[ColourChange, ...]:
    return alerts.changes(work)


def _days(work: Work) -> tuple[DayFigures, ...]:
    return alerts.days(work)


def _rank(light: Light) -> int:
    return {Light.RED: 3, Light.DOUBTFUL: 2, Light.YELLOW: 1}.get(light, 0)


def _rolling(days: tuple[DayFigures, ...], promise: str) -> tuple[list[int], list[float]]:
    """On-time percentage over seven days; days without a judged clock in the window are left out, never 0 or 100 %."""
    xs: list[int] = []
    ys: list[float] = []
    for last in range(len(days)):
        window = days[max(0, last - ROLLING_DAYS + 1) : last + 1]
        met = sum(d.met.get(promise, 0) for d in window)
        missed = sum(d.missed.get(promise, 0) for d in window)
        if met + missed:
            xs.append(last)
            ys.append(100 * met / (met + missed))
    return xs, ys


def _card(title: str, hint: str, inside: QWidget) -> QFrame:
    card = QFrame()
    card.setObjectName("card")
    layout = QVBoxLayout(card)
    head = QLabel(f"<b>{title}</b>　<small>{hint}</small>")
    layout.addWidget(head)
    layout.addWidget(inside, 1)
    return card
