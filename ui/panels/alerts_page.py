"""预警: where the red is, what turns colour next, thirty days, the three promises. 本机测算; each figure opens its cases."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent
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
FEW = 10
"""Fewer than this are too few to judge by (practice.md §3: 样本不足)."""


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
        self._markers: list[Any] = []
        self.day = -1
        self.day_said = QLabel()
        self.rates_said = QLabel()
        self.table = QTableWidget(0, len(STAGES) + 1)
        self.table.setAccessibleName(tr("责任单位与环节"))
        self.table.setHorizontalHeaderLabels([tr("责任单位"), *words.STAGES.values()])
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.verticalHeader().hide()
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.ResizeToContents)
        self.table.setTabKeyNavigation(False)
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
            doubt = tr("(时间待认定,可能已变)") if change.possibly else ""
            turns = f"{shape} {tr('转{0}').format(word)}{doubt}"
            item = QListWidgetItem(f"{fmt.day_and_minute(change.at, now)}  {turns}  {change.title}")
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
        for plot in (bars, rates):
            plot.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            plot.installEventFilter(self)
        bars.setAccessibleName(tr("近 30 天办结与超时"))
        rates.setAccessibleName(tr("三个一按时率"))
        self._plots = (bars, rates)
        hint = tr("灰绿:无超时 · 红:曾超时;左右键选日,回车打开当日办结案件")
        self._grid.addWidget(_card(tr("近 30 天办结与超时"), hint, bars, self.day_said), 1, 0)
        colours = " ".join(
            f"<span style='color:{c}'>■ {words.STAGES[p]}</span>" for p, c in zip(PROMISES, LINE_COLOURS, strict=True)
        )
        self._grid.addWidget(_card(tr("三个一按时率(滚动 7 天)"), colours, rates, self.rates_said), 1, 1)

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
        self._markers = [pg.InfiniteLine(pen=pg.mkPen(t.accent, width=1)) for _ in self._plots]
        for plot, marker in zip(self._plots, self._markers, strict=True):
            plot.addItem(marker)
        self.choose_day(self.day if 0 <= self.day < len(days) else len(days) - 1)

    def choose_day(self, place: int) -> None:
        """One of the thirty days: its figures in words, a line through both charts."""
        if not self._days:
            return
        self.day = max(0, min(len(self._days) - 1, place))
        day = self._days[self.day]
        for marker in self._markers:
            marker.setValue(self.day)
        self.day_said.setText(tr("{0}:办结 {1} 件,其中曾超时 {2} 件").format(day.day[5:], day.closed, day.closed_late))
        said = [self._rate(promise) for promise in PROMISES]
        until = tr("截至 {0} 的 7 天:").format(day.day[5:])
        self.rates_said.setText(f"{until}{said[0]}\n{tr('、').join(said[1:])}")
        for plot, label in zip(self._plots or (), (self.day_said, self.rates_said), strict=False):
            plot.setAccessibleDescription(label.text())

    def _rate(self, promise: str) -> str:
        met, missed = _window(self._days, self.day, promise)
        if not met + missed:
            return tr("{0} 无").format(words.STAGES[promise])
        rate = f"{100 * met / (met + missed):.1f} %"
        few = tr("(样本不足)") if met + missed < FEW else ""
        return tr("{0} {1}({2}/{3})").format(words.STAGES[promise], rate, met, met + missed) + few

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows, Home and End choose a day on either chart; Enter opens the cases closed on it."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and self._days:
            steps = {Qt.Key.Key_Left: self.day - 1, Qt.Key.Key_Right: self.day + 1}
            steps |= {Qt.Key.Key_Home: 0, Qt.Key.Key_End: len(self._days) - 1}
            key = Qt.Key(event.key())
            if key in steps:
                self.choose_day(steps[key])
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self.opened.emit(QueueQuery(chip="closed", day=self._days[self.day].day))
                return True
        return super().eventFilter(watched, event)

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


def _window(days: tuple[DayFigures, ...], last: int, promise: str) -> tuple[int, int]:
    """Met and missed over the seven days that end with `last`."""
    window = days[max(0, last - ROLLING_DAYS + 1) : last + 1]
    return sum(d.met.get(promise, 0) for d in window), sum(d.missed.get(promise, 0) for d in window)


def _rolling(days: tuple[DayFigures, ...], promise: str) -> tuple[list[int], list[float]]:
    """On-time percentage over seven days; days without a judged clock in the window are left out, never 0 or 100 %."""
    xs: list[int] = []
    ys: list[float] = []
    for last in range(len(days)):
        met, missed = _window(days, last, promise)
        if met + missed:
            xs.append(last)
            ys.append(100 * met / (met + missed))
    return xs, ys


def _card(title: str, hint: str, inside: QWidget, below: QWidget | None = None) -> QFrame:
    card = QFrame()
    card.setObjectName("card")
    layout = QVBoxLayout(card)
    head = QLabel(f"<b>{title}</b>　<small>{hint}</small>")
    layout.addWidget(head)
    layout.addWidget(inside, 1)
    if below is not None:
        layout.addWidget(below)
    return card
