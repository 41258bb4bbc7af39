"""Beside the roster: the station chosen, the cases it can be rung about, one key for what came of the call, 派发 to it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from models.evidence import counting_bounds
from models.light import Light, light_at
from models.views import LineState, StationCase, StationRow
from services import station_desk
from services.cases import Acted
from services.work import Work
from ui import format as fmt
from ui import words
from ui.delegates.cells import WORKING
from ui.language import tr
from ui.panels import acting
from ui.panels.case_text import at_another_line
from ui.ports import Acts, InWords, Present, Seat
from ui.widgets.on_key import on_key
from ui.widgets.plain import say_or_hide, told_line
from ui.widgets.typed import one_line

ELSEWHERE_KEY = Qt.Key.Key_4
RESULTS = {Qt.Key.Key_1: "answered", Qt.Key.Key_2: "no_answer", Qt.Key.Key_3: "passed_on"}
MOVING = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
WIDTH = 400


class StationDesk(QWidget):
    """`acted` with the case after a call was logged or a case was sent; `left` at Esc."""

    acted = Signal(str)
    left = Signal()

    def __init__(self, jobs: Acts, seat: Seat, present: Present) -> None:
        super().__init__()
        self._jobs = jobs
        self._seat = seat
        self._present = present
        self.station: StationRow | None = None
        self.cases: tuple[StationCase, ...] = ()
        self._asks_whom = False
        self._asks_again = ""
        self._handed_over = False
        self._online = True
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
        self.elsewhere = QCheckBox(tr("显示外村案件 4"))
        self.elsewhere.clicked.connect(self._read)
        self.who = QLineEdit()
        self.who.setAccessibleName(tr("谁接的、转告谁"))
        self.said, self.warned, self.cut_off = told_line(""), told_line("warning"), told_line("caution")
        self.warned.hide()
        self.cut_off.hide()
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
        self.send = self._button(tr("派给本站 F5"), self._send_pressed)
        on_key("Ctrl+Z", self, self.undo)
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
        layout.addWidget(self.elsewhere)
        layout.addWidget(self.cut_off)
        layout.addWidget(self.warned)
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
            self.elsewhere.setChecked(False)
            self.cases = ()  # what stood there was the former station's: no key may send it to this one
            self.list.clear()
        self.station = station
        if station is None:
            self._show("", ())
            return
        people = tr("、").join(filter(None, dict.fromkeys((station.on_duty, station.deputy, station.head))))
        hint = tr("谁接的(可不填),如 {0}") if people else tr("谁接的(可不填)")
        self.who.setPlaceholderText(hint.format(people))
        self.head.setText(
            tr("<b>{0}</b>　☎ {1}").format(station.name, station.phone)
            + "<br>"
            + tr("今日值守 {0}　站长 {1}　副站长 {2}").format(station.on_duty, station.head, station.deputy)
        )
        self._read()

    def _read(self) -> None:
        if self.station is None:
            return
        desk, code, elsewhere = self._seat.desk, self.station.code, self.elsewhere.isChecked()

        def job(work: Work) -> tuple[StationCase, ...]:
            return station_desk.cases_of(work, desk, code, elsewhere)

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
        if chosen is None:
            place = 0 if found and not found[0].elsewhere else -1
        else:  # one that has gone leaves none chosen: the next key was meant for it and for no other
            place = next((n for n, case in enumerate(found) if case.id == chosen.id), -1)
        self.list.setCurrentRow(place)
        self.list.blockSignals(False)
        self.about.setVisible(bool(found))
        none = tr("该站没有在办或待派发的案件。")
        if not found:
            self.said.setText(none if self.station else "")
        elif self.said.text() == none:
            self.said.clear()
        self._offer()

    def _line(self, case: StationCase) -> str:
        now = self._present.now()
        light = light_at(now.lo, now.hi, case.yellow_at, case.due_at, case.provisional)
        left = ""
        if case.due_at is not None:
            until = fmt.countdown(case.due_at, counting_bounds(now)[0], case.stage in WORKING)
            until = words.LIGHTS["doubtful"] if light is Light.DOUBTFUL else until
            left = f"  {words.SHAPES[light.value]} {until}"
        mark = ""
        if case.elsewhere:
            mark = tr("【外村:{0}】").format(case.station_name or tr("未定工作站"))
        return f"{mark}{words.STATES[case.state]}{left}  {case.title}\n{case.number}  {case.place}"

    def tick(self) -> None:
        """The second has turned."""
        for number, case in enumerate(self.cases):
            item, line = self.list.item(number), self._line(case)
            if item is not None and item.text() != line:
                item.setText(line)

    def case(self) -> StationCase | None:
        """The case chosen."""
        row = self.list.currentRow()
        return self.cases[row] if 0 <= row < len(self.cases) else None

    def _offer(self) -> None:
        case = self.case()
        if case is None or case.id != self._asks_again:
            self._ask_again("")
        for button in self.calls:
            button.setEnabled(case is not None and case.may_call)
        self.who.setEnabled(case is not None and case.may_call)
        self.send.setVisible(case is not None and case.may_dispatch)
        found = None if case is None or self._online else case.at_another
        say_or_hide(self.cut_off, at_another_line(found, self._present.now().shown_at))

    def show_line(self, line: LineState) -> None:
        """While it is down, a case that is with another workstation of this unit says so."""
        online = line.state == "online"
        if online is not self._online:
            self._online = online
            self._offer()

    # Doing

    def ring(self, result: str) -> None:
        """Log what came of the call about the case chosen; 转告 asks to whom."""
        case, station, who = self.case(), self.station, one_line(self.who.text())
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
            lambda: f"{words.ACTS['case.log_call']} {words.RESULTS[result]}",
            case,
        )

    def dispatch(self) -> None:
        """派发 the case chosen to this station. Another village's is sent only when that is confirmed."""
        case, station = self.case(), self.station
        if case is None or station is None or not case.may_dispatch:
            return
        if case.elsewhere:
            self._ask_again(case.id)
            told = tr("此案在{0},不归{1}。确要派给它,再按 Enter;Esc 取消。")
            self.warned.setText(told.format(case.station_name or tr("未定工作站"), station.name))
        else:
            self._send(case)

    def _send_pressed(self) -> None:
        if not self._confirmed():
            self.dispatch()

    def _confirmed(self) -> bool:
        """Send what was asked about a moment ago; False when nothing was."""
        case = self.case()
        if case is None or case.id != self._asks_again:
            return False
        self._send(case)
        return True

    def _ask_again(self, case_id: str) -> None:
        self._asks_again = case_id
        self.warned.setVisible(bool(case_id))
        self.send.setText(tr("确认派给外村站 Enter") if case_id else tr("派给本站 F5"))

    def _send(self, case: StationCase) -> None:
        self._ask_again("")
        station, desk = self.station, self._seat.desk
        if station is not None:
            code = station.code
            sending = partial(station_desk.send, desk=desk, station=code, case_id=case.id)
            self._run(sending, lambda: words.ACTS["case.dispatch"], case)

    def undo(self) -> None:
        """撤销 the last own act on the case chosen, or say why not."""
        case = self.case()
        if case is not None:
            failed = partial(self._not_done, case)
            acting.undo(self._jobs, self._seat.desk, self._told_of(case), self._undone, failed)

    def _undone(self, acted: Acted) -> None:
        self.said.setText(tr("已撤销 {0} 的上一项操作,两次操作都留有记录。").format(acted.number))
        self.acted.emit(acted.case_id)
        self.list.setFocus()

    def _run(self, job: Callable[[Work], Acted], what: Callable[[], str], case: StationCase) -> None:
        if self._handed_over:
            return
        self._handed_over = True

        def done(acted: Acted) -> None:
            self._handed_over = False
            self.who.clear()
            self._asks_whom = False
            self.said.setText(tr("{0}:{1}　{2}　撤销 Ctrl+Z").format(what(), case.number, words.ACT_STATES["saved"]))
            self.acted.emit(acted.case_id)
            self.list.setFocus()

        def failed(error: Exception) -> None:
            self._handed_over = False
            self._not_done(case, error, late)

        late = acting.not_done(what, self._told_of(case))
        self._jobs.act(job, done, failed, late)

    def _told_of(self, case: StationCase) -> acting.CaseMeant:
        return acting.CaseMeant(case.id, case.number, self._names())

    def _names(self) -> dict[str, str]:
        return {self.station.code: self.station.name} if self.station else {}

    def _not_done(self, case: StationCase, error: Exception, told: InWords) -> None:
        here = self.case()
        is_chosen = here is not None and here.id == case.id
        self.said.setText(words.trouble(error, self._names()) if is_chosen else told(error))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """In the list: 1 接通, 2 无人接, 3 转告, 4 外村案件, F5 派给本站 and Enter its confirmation. Esc goes back to the
        roster. In the line Enter is 接通, or 转告 when asked for; nothing is sent from there."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            if self._asks_again:
                self._ask_again("")
            else:
                self.left.emit()
            return True
        if watched is self.list and self._key_in_list(key, event.isAutoRepeat()):
            return True
        if watched is self.who and key in ENTER:
            self.ring("passed_on" if self._asks_whom else "answered")
            return True
        return super().eventFilter(watched, event)

    def _key_in_list(self, key: Qt.Key, is_held: bool) -> bool:
        if is_held and key not in MOVING:
            return True  # a key that is held down is one press: one call, one case sent
        if key in RESULTS:
            self.ring(RESULTS[key])
        elif key == ELSEWHERE_KEY:
            self.elsewhere.click()
        elif key == Qt.Key.Key_F5:
            self.dispatch()
        elif key in ENTER:
            self._confirmed()
        else:
            return False
        return True
