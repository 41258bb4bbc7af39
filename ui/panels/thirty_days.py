"""Thirty days by day: what was closed and the three promises. A day is chosen on either chart; each figure opens its cases."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QWidget

from models.views import DayFigures, QueueQuery
from ui import theme, words
from ui.language import tr
from ui.widgets.card import Card

PROMISES = ("dispatch", "arrival", "opinion")
DASHES = {"dispatch": Qt.PenStyle.SolidLine, "arrival": Qt.PenStyle.DashLine, "opinion": Qt.PenStyle.DotLine}
MARKERS = {"dispatch": "o", "arrival": "t1", "opinion": "s"}
KEYS = {"dispatch": "—●—", "arrival": "- ▲ -", "opinion": "··■··"}
"""The three lines differ by dash and marker, and so do their entries in the key."""
DAYS, ROLLING_DAYS = 30, 7
FIRST = ROLLING_DAYS - 1
"""Place of the first day shown: the days before it only fill the first window of seven."""
TARGET_PERCENT = 98
FEW = 10
"""Fewer than this are too few to judge by (practice.md §3: 样本不足)."""


class ThirtyDays(QWidget):
    """`opened` carries the query behind a figure. Nothing is drawn, and pyqtgraph not loaded, before `draw`."""

    opened = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.plots: tuple[Any, Any] | None = None
        self.figures: tuple[DayFigures, ...] = ()
        self.day = -1
        self.promise = PROMISES[0]
        self._markers: list[Any] = []
        self.day_said = QLabel()
        self.until_said = QLabel()
        self.closed = self._button(lambda: QueueQuery(chip="closed", day=self._day().day))
        self.late = self._button(lambda: QueueQuery(chip="closed", day=self._day().day, light="late"))
        self.keys = {promise: QLabel() for promise in PROMISES}
        self.met = {promise: self._button(partial(self._judged, promise, "on_time")) for promise in PROMISES}
        self.missed = {promise: self._button(partial(self._judged, promise, "late")) for promise in PROMISES}
        self.owed = {promise: self._button(partial(self._judged, promise, "evidence_owed")) for promise in PROMISES}
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(8)

    def _button(self, query: Callable[[], QueueQuery]) -> QPushButton:
        made = QPushButton()
        made.setObjectName("chip")
        made.clicked.connect(lambda _on=False: self.opened.emit(query()))
        return made

    # Drawing

    def draw(self) -> None:
        """Make the charts, once."""
        if self.plots is not None:
            return
        import pyqtgraph as pg

        t = theme.tokens()
        bars, rates = pg.PlotWidget(background=t.base), pg.PlotWidget(background=t.base)
        for plot, name in ((bars, tr("近 30 天办结与超时")), (rates, tr("三个一按时率"))):
            plot.setMenuEnabled(False)
            plot.setMouseEnabled(False, False)
            plot.hideButtons()
            for side in ("left", "bottom"):
                plot.getAxis(side).setTextPen(t.quiet)
                plot.getAxis(side).setPen(t.line)
            plot.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            plot.installEventFilter(self)
            plot.setAccessibleName(name)
            plot.setMinimumSize(120, 80)
        bars.scene().sigMouseClicked.connect(self._bar_clicked)
        self.plots = (bars, rates)
        hint = tr("灰绿:无超时 · 红:曾超时;左右键选日,回车打开当日办结案件")
        self._row.addWidget(Card(tr("近 30 天办结与超时"), hint, bars, self._closed_row()), 3)
        hint = tr("左右键选日,上下键选一项,回车或点击打开其案件")
        self._row.addWidget(Card(tr("三个一按时率(滚动 7 天)"), hint, rates, self._rates_rows()), 2)

    def _closed_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        for part in (self.day_said, self.closed, self.late):
            row.addWidget(part)
        row.addStretch(1)
        return row

    def _rates_rows(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setVerticalSpacing(2)
        grid.addWidget(self.until_said, 0, 0, 1, 4)
        for number, promise in enumerate(PROMISES, start=1):
            parts = (self.keys[promise], self.met[promise], self.missed[promise], self.owed[promise])
            for column, part in enumerate(parts):
                grid.addWidget(part, number, column)
        grid.setColumnStretch(0, 1)
        return grid

    def show_days(self, figures: tuple[DayFigures, ...]) -> None:
        """Draw the last DAYS of these days, oldest first; the day chosen stays, by its date."""
        if self.plots is None:
            return
        import pyqtgraph as pg

        chosen = self.figures[self.day].day if 0 <= self.day < len(self.figures) - 1 else ""
        self.figures = figures
        self._draw_bars(pg)
        self._draw_rates(pg)
        ticks = [[(n, figures[n].day[5:]) for n in range(FIRST, len(figures), 7)]]
        t = theme.tokens()
        self._markers = [pg.InfiniteLine(pen=pg.mkPen(t.accent, width=1)) for _ in self.plots]
        for plot, marker in zip(self.plots, self._markers, strict=True):
            plot.getAxis("bottom").setTicks(ticks)
            plot.setXRange(FIRST - 0.5, len(figures) - 0.5)
            plot.addItem(marker)
        places = [n for n, day in enumerate(figures) if day.day == chosen]
        self.choose_day(places[0] if places else len(figures) - 1)

    def _draw_bars(self, pg: Any) -> None:
        bars, t = self.plots[0], theme.tokens()  # type: ignore[index]
        places = list(range(FIRST, len(self.figures)))
        good = [d.closed - d.closed_late for d in self.figures[FIRST:]]
        late = [d.closed_late for d in self.figures[FIRST:]]
        bars.clear()
        bars.addItem(pg.BarGraphItem(x=places, height=good, width=0.7, brush="#9DB8AC", pen=None))
        bars.addItem(pg.BarGraphItem(x=places, y0=good, height=late, width=0.7, brush=t.red_fill, pen=None))

    def _draw_rates(self, pg: Any) -> None:
        rates, t = self.plots[1], theme.tokens()  # type: ignore[index]
        rates.clear()
        rates.addLine(y=TARGET_PERCENT, pen=pg.mkPen(t.quiet, style=Qt.PenStyle.DashDotLine))
        lowest = float(TARGET_PERCENT)
        for promise, colour in zip(PROMISES, t.series, strict=True):
            xs, ys = _rolling(self.figures, promise)
            line = rates.plot(
                xs, ys, pen=pg.mkPen(colour, width=2, style=DASHES[promise]), symbol=MARKERS[promise], symbolSize=7,
                symbolBrush=colour, symbolPen=None,
            )  # fmt: skip
            line.sigPointsClicked.connect(lambda _line, points, *_more, p=promise: self._point_clicked(p, points))
            lowest = min([lowest, *ys])
        rates.setYRange(max(0, lowest - 2), 100.5)

    # A day and a promise

    def _day(self) -> DayFigures:
        return self.figures[self.day]

    def choose_day(self, place: int) -> None:
        """One of the thirty days: its figures in words, a line through both charts."""
        if not self.figures:
            return
        self.day = max(FIRST, min(len(self.figures) - 1, place))
        day = self._day()
        for marker in self._markers:
            marker.setValue(self.day)
        self.day_said.setText(f"{day.day[5:]}:")
        self.closed.setText(tr("办结 {0} 件").format(day.closed))
        self.late.setText(tr("其中曾超时 {0} 件").format(day.closed_late))
        self.until_said.setText(tr("截至 {0} 的 7 天:").format(day.day[5:]))
        for promise in PROMISES:
            met, missed = (len(set(found)) for found in self._window(promise))
            self.met[promise].setText(tr("按时 {0} 件").format(met))
            self.missed[promise].setText(tr("超时 {0} 件").format(missed))
            owed = {i for day in _seven(self.figures, self.day) for i in day.owed.get(promise, ())}
            self.owed[promise].setText(tr("待补证据 {0} 件").format(len(owed)))
            self.owed[promise].setVisible(bool(owed))
        self.choose_promise(self.promise)

    def choose_promise(self, promise: str) -> None:
        """One of the three: Enter on the chart opens its cases."""
        self.promise = promise
        for (name, key), colour in zip(self.keys.items(), theme.tokens().series, strict=True):
            said = f"{KEYS[name]} {self.rate(name)}"
            key.setText(f"<span style='color:{colour}'>{f'<b>{said}</b>' if name == promise else said}</span>")
            key.setAccessibleName(self.rate(name))
        for plot, said in zip(self.plots or (), (self._closed_words(), self._rates_words()), strict=False):
            plot.setAccessibleDescription(said)

    def _closed_words(self) -> str:
        return f"{self.day_said.text()}{self.closed.text()} {self.late.text()}"

    def _rates_words(self) -> str:
        return self.until_said.text() + tr("、").join(self.rate(promise) for promise in PROMISES)

    def rate(self, promise: str) -> str:
        """到场 94.1 %(16/17 次): by clocks, as a case may be promised more than once."""
        met, missed = (len(found) for found in self._window(promise))
        if not met + missed:
            return tr("{0} 无").format(words.STAGES[promise])
        rate = f"{100 * met / (met + missed):.1f} %"
        few = tr("(样本不足)") if met + missed < FEW else ""
        return tr("{0} {1}({2}/{3} 次)").format(words.STAGES[promise], rate, met, met + missed) + few

    def _window(self, promise: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return _window(self.figures, self.day, promise)

    def _judged(self, promise: str, verdict: str = "") -> QueueQuery:
        day = self._day().day
        return QueueQuery(chip="all", promise=promise, verdict=verdict, day=day, days=ROLLING_DAYS)

    # Keys and clicks

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Left, right, Home and End choose a day on either chart, up and down a promise on the rates; Enter opens."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent) or not self.figures:
            return super().eventFilter(watched, event)
        key, is_rates = Qt.Key(event.key()), self.plots is not None and watched is self.plots[1]
        places = {Qt.Key.Key_Left: self.day - 1, Qt.Key.Key_Right: self.day + 1}
        places |= {Qt.Key.Key_Home: FIRST, Qt.Key.Key_End: len(self.figures) - 1}
        steps = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1} if is_rates else {}
        if key in places:
            self.choose_day(places[key])
        elif key in steps:
            number = PROMISES.index(self.promise) + steps[key]
            self.choose_promise(PROMISES[max(0, min(len(PROMISES) - 1, number))])
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit(self._judged(self.promise) if is_rates else QueueQuery(chip="closed", day=self._day().day))
        else:
            return super().eventFilter(watched, event)
        return True

    def _bar_clicked(self, event: Any) -> None:
        place = round(self.plots[0].getPlotItem().vb.mapSceneToView(event.scenePos()).x())  # type: ignore[index]
        if FIRST <= place < len(self.figures):
            self.choose_day(place)
            self.opened.emit(QueueQuery(chip="closed", day=self._day().day))

    def _point_clicked(self, promise: str, points: Any) -> None:
        if len(points):
            self.choose_day(round(points[0].pos().x()))
            self.choose_promise(promise)
            self.opened.emit(self._judged(promise))


def _window(days: tuple[DayFigures, ...], last: int, promise: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The cases of every clock met and missed over the seven days that end with `last`. What is 待补证据 is in no rate."""
    window = _seven(days, last)
    met = [case_id for day in window for case_id in day.met.get(promise, ())]
    missed = [case_id for day in window for case_id in day.missed.get(promise, ())]
    return tuple(met), tuple(missed)


def _seven(days: tuple[DayFigures, ...], last: int) -> tuple[DayFigures, ...]:
    return days[max(0, last - ROLLING_DAYS + 1) : last + 1]


def _rolling(days: tuple[DayFigures, ...], promise: str) -> tuple[list[int], list[float]]:
    """On-time percentage over seven days; days without a judged clock in the window are left out, never 0 or 100 %."""
    xs: list[int] = []
    ys: list[float] = []
    for last in range(FIRST, len(days)):
        met, missed = _window(days, last, promise)
        if met or missed:
            xs.append(last)
            ys.append(100 * len(met) / (len(met) + len(missed)))
    return xs, ys
