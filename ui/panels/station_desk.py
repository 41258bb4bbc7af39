"""Beside the roster: the station chosen, the cases it can be rung about, one key for what came of the call, 派发 to it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from models.errors import Refused
from models.evidence import counting_bounds
from models.light import light_at
from models.views import StationCase, StationRow
from services import station_desk
from services.cases import Acted
from services.work import Work
from ui import format as fmt
from ui import words
from ui.delegates.cells import WORKING
from ui.language import tr
from ui.ports import Jobs, Present, Seat

RESULTS = {Qt.Key.Key_1: "answered", Qt.Key.Key_2: "no_answer", Qt.Key.Key_3: "passed_on"}
WIDTH = 400


class StationDesk(QWidget):
    """`acted` with the case after a call was logged or a case was sent; `left` at Esc."""

    acted = Signal(str)
    left = Signal()

    def __init__(self, jobs: Jobs, seat: Seat, present: Present) -> None:
        super().__init__()
        self._jobs = jobs
        self._seat = seat
        self._present = present
        self.station: StationRow | None = None
        self.cases: tuple[StationCase, ...] = ()
        self._asks_whom = False
        self.head = QLabel()
        self.head.setWordWrap(True)
        self.head.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.about = QLabel(tr("为哪一件案打电话,或派哪一件给它:"))
        self.about.setObjectName("quiet")
        self.list = QListWidget()
        self.list.setAccessibleName(tr("该站可办的案件"))
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.currentRowChanged.connect(lambda _row: self._offer())
        self.who = QLineEdit()
        self.who.setAccessibleName(tr("谁接的、转告谁"))
        self.said = QLabel()
        self.said.setWordWrap(True)
        for widget in (self.list, self.who):
            widget.installEventFilter(self)
        self.calls = [
            self._button(text, partial(self.ring, result))
            for text, result in (
                (tr("接通 1"), "answered"),
                (tr("无人接 2"), "no_answer"),
                (tr("转告 3"), "passed_on"),
            )
        ]
        self.send = self._button(tr("派给本站 F5"), self.dispatch)
        self._arrange()

    def _button(self, text: str, verb: object) -> QPushButton:
        made = QPushButton(text)
        made.setObjectName("act")
        made.clicked.connect(lambda _on=False: verb())  # type: ignore[operator]
        return made

    def _arrange(self) -> None:
        grid = QGridLayout()
        grid.setSpacing(6)
        for number, button in enumerate(self.calls):
            grid.addWidget(button, 0, number)
        grid.addWidget(self.send, 1, 0, 1, 3)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 12, 8)
        for part in (self.head, self.about):
            layout.addWidget(part)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.said)
        layout.addWidget(self.who)
        layout.addLayout(grid)

    # Showing

    def show_station(self, station: StationRow | None) -> None:
        """Another station, or the same one with newer figures."""
        if station is None or self.station is None or station.code != self.station.code:
            self.said.clear()
            self.who.clear()
            self._asks_whom = False
        self.station = station
        if station is None:
            self._show("", ())
            return
        people = tr("、").join(filter(None, (station.deputy, station.head, *station.members[:1])))
        hint = tr("谁接的(可不填),如 {0}") if people else tr("谁接的(可不填)")
        self.who.setPlaceholderText(hint.format(people))
        self.head.setText(
            tr("<b>{0}</b>　☎ {1}").format(station.name, station.phone)
            + "<br>"
            + tr("站长 {0}　副站长 {1}(今日值守)").format(station.head, station.deputy)
        )
        desk, code = self._seat.desk, station.code

        def job(work: Work) -> tuple[StationCase, ...]:
            return station_desk.cases_of(work, desk, code)

        self._jobs.run(job, lambda found: self._show(code, found))

    def _show(self, code: str, found: tuple[StationCase, ...]) -> None:
        if self.station is not None and self.station.code != code:
            return
        chosen = self.case()
        self.cases = found
        self.list.blockSignals(True)
        self.list.clear()
        for case in found:
            self.list.addItem(QListWidgetItem(self._line(case)))
        places = [n for n, case in enumerate(found) if chosen is not None and case.id == chosen.id]
        self.list.setCurrentRow(places[0] if places else 0)
        self.list.blockSignals(False)
        self.about.setVisible(bool(found))
        if not found:
            self.said.setText(tr("该站没有在办案件,也没有待派发的案件。") if self.station else "")
        self._offer()

    def _line(self, case: StationCase) -> str:
        now = self._present.now()
        light = light_at(now.lo, now.hi, case.yellow_at, case.due_at)
        left = ""
        if case.due_at is not None:
            until = fmt.countdown(case.due_at, counting_bounds(now)[0], case.stage in WORKING)
            left = f"  {words.SHAPES[light.value]} {until}"
        return f"{words.STATES[case.state]}{left}  {case.title}\n{case.number}  {case.place}"

    def case(self) -> StationCase | None:
        """The case chosen."""
        row = self.list.currentRow()
        return self.cases[row] if 0 <= row < len(self.cases) else None

    def _offer(self) -> None:
        case = self.case()
        for button in self.calls:
            button.setEnabled(case is not None and case.may_call)
        self.who.setEnabled(case is not None and case.may_call)
        self.send.setVisible(case is not None and case.may_dispatch)

    # Doing

    def ring(self, result: str) -> None:
        """Log what came of the call about the case chosen; 转告 asks to whom."""
        case, station, who = self.case(), self.station, self.who.text().strip()
        if case is None or station is None or not case.may_call:
            return
        if result == "passed_on" and not who:
            self.said.setText(tr("转告给谁?填好后再按一次“转告”。"))
            self._asks_whom = True
            self.who.setFocus()
            return
        desk = self._seat.desk
        self._run(
            lambda work: station_desk.ring(work, desk, station.code, case.id, result, who),
            f"{words.ACTS['case.log_call']} {words.RESULTS[result]}",
            case,
        )

    def dispatch(self) -> None:
        """派发 the case chosen to this station."""
        case, station, desk = self.case(), self.station, self._seat.desk
        if case is not None and station is not None and case.may_dispatch:
            self._run(
                lambda work: station_desk.send(work, desk, station.code, case.id), words.ACTS["case.dispatch"], case
            )

    def _run(self, job: object, what: str, case: StationCase) -> None:
        def done(acted: Acted) -> None:
            self.who.clear()
            self._asks_whom = False
            self.said.setText(tr("{0}:{1}　{2}").format(what, case.number, words.ACT_STATES["saved"]))
            self.acted.emit(acted.case_id)
            self.list.setFocus()

        def failed(error: Exception) -> None:
            code = error.code if isinstance(error, Refused) else "bug"
            args = error.args_by_name if isinstance(error, Refused) else {}
            names = {self.station.code: self.station.name} if self.station else {}
            self.said.setText(words.refusal(code, args, names))

        self._jobs.run(job, done, failed)  # type: ignore[arg-type]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """1 接通, 2 无人接, 3 转告, F5 派给本站, Esc back to the roster; Enter in the line is 接通, or 转告 when asked for."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            self.left.emit()
            return True
        if key == Qt.Key.Key_F5:
            self.dispatch()
            return True
        if watched is self.list and key in RESULTS:
            self.ring(RESULTS[key])
            return True
        if watched is self.who and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.ring("passed_on" if self._asks_whom else "answered")
            return True
        return super().eventFilter(watched, event)
