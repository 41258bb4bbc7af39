"""The call card (D7): whom to ring, what to say, and one key for what came of it. It stands in the panel and stops nobody."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
)

from models.commands import LogCall
from models.papers import CallCard, Callee
from ui import format as fmt
from ui import words
from ui.language import tr
from ui.papers.wording import say
from ui.widgets.plain import told_line
from ui.widgets.rows import SPACE, fill_rows
from ui.widgets.typed import one_line

RESULTS = {Qt.Key.Key_1: "answered", Qt.Key.Key_2: "no_answer", Qt.Key.Key_3: "passed_on"}
MOST_LINES = 4
SIDE_MARGIN = 10


class CallCardView(QFrame):
    """Emits `called` with a LogCall, `other` to log a call in more words, `put_away` at Esc."""

    called = Signal(object)
    other = Signal()
    put_away = Signal()

    def __init__(self, card: CallCard, room: int) -> None:
        super().__init__()
        self.setObjectName("card")
        self.card = card
        self._words_for = ""
        self._asks_whom = False
        self._logged = ""
        self._handed_over = self._is_logged = False
        self.title = QLabel()
        self.list = QListWidget()
        self.list.setAccessibleName(tr("打给谁"))
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.installEventFilter(self)
        self.list.currentRowChanged.connect(lambda _row: self._show_words())
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setTextFormat(Qt.TextFormat.PlainText)
        self.words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.who = QLineEdit()
        self.who.setAccessibleName(tr("谁接的、转告谁"))
        self.who.installEventFilter(self)
        self.problem = told_line("warning")
        self.problem.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SIDE_MARGIN, 8, SIDE_MARGIN, 8)
        layout.setSpacing(SPACE)
        for part in (self.title, self.list, self.words, self.who, self.problem):
            layout.addWidget(part)
        layout.addLayout(self._buttons(room - 2 * SIDE_MARGIN))
        self.show_card(card)

    def _buttons(self, room: int) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(SPACE)
        buttons = []
        verbs = (
            (tr("接通 1"), lambda: self.log("answered")),
            (tr("无人接 2"), lambda: self.log("no_answer")),
            (tr("转告 3"), lambda: self.log("passed_on")),
            (tr("详细记 0"), self.other.emit),
            (tr("收起 Esc"), self.put_away.emit),
        )
        for number, (label, verb) in enumerate(verbs):
            button = QPushButton(label)
            button.setObjectName("act")
            button.setProperty("first", number == 0)
            button.clicked.connect(lambda _on=False, v=verb: v())
            buttons.append(button)
        fill_rows(grid, buttons, room, len(buttons))
        return grid

    # Showing

    def show_card(self, card: CallCard) -> None:
        """Show the card as it stands now; who is chosen and what is typed stay, unless that unit has been told."""
        chosen, is_first = self.callee(), not self.list.count()
        self.card = card
        self._handed_over = self._handed_over and not self._is_logged
        waiting = [c for c in card.callees if c.waits]
        head = tr("电话通知:{0} 个单位还不知道此案") if waiting else tr("记电话")
        self.title.setText(f"<b>{head.format(len(waiting))}</b>")
        self.list.blockSignals(True)
        self.list.clear()
        for callee in card.callees:
            item = QListWidgetItem(self._line(callee))
            self.list.addItem(item)
        self.list.blockSignals(False)
        self.list.setCurrentRow(self._next_row(chosen) if chosen is not None or is_first else -1)
        heights = [self.list.sizeHintForRow(row) for row in range(min(MOST_LINES, self.list.count()))]
        self.list.setFixedHeight(sum(heights) + 2 * self.list.frameWidth() + 2)
        self._show_words()

    def _next_row(self, chosen: Callee | None) -> int:
        """The unit that was chosen stays so, whoever else rings it meanwhile, and none is when it has gone: somebody may be
        speaking with it. After a call was logged here, the first that waits and was not just rung in vain."""
        callees = self.card.callees
        if chosen is not None:
            row = next((row for row, callee in enumerate(callees) if callee.unit == chosen.unit), -1)
            if chosen.unit != self._logged or (row >= 0 and callees[row].last_call_at == chosen.last_call_at):
                return row
        self._logged = ""
        waits = [(c.last_call_at or 0, row) for row, c in enumerate(callees) if c.waits]
        return min(waits)[1] if waits else 0

    def _line(self, callee: Callee) -> str:
        role = words.ROLES[callee.role] if callee.role else tr("其他")
        now = self.card.asked_at
        told = ""
        if callee.told_at is not None:
            told = tr("{0} 已知").format(fmt.day_and_minute(callee.told_at, now))
        elif callee.waits:
            told = tr("未送达")
        rung = ""
        if callee.last_call_at is not None and callee.told_at is None:
            at, came = fmt.day_and_minute(callee.last_call_at, now), words.RESULTS[callee.last_call_result]
            rung = f"{at} {came}"
        if callee.ring_again_at is not None:
            rung = tr("{0},{1} 再打").format(rung, fmt.day_and_minute(callee.ring_again_at, now))
        line = f"{role}  {callee.name}  ☎ {callee.phone}  {told}"
        return f"{line}\n        {rung}" if rung else line

    def _show_words(self) -> None:
        callee = self.callee()
        if self._words_for != (callee.unit if callee is not None else ""):
            self._words_for = callee.unit if callee is not None else ""
            self._ask_whom(False)
        if callee is None:
            self.words.setText("" if self.card.callees else tr("此案没有可打的单位。"))
            return
        self.words.setText(tr("照此说:“{0}”").format(say(self.card, callee)))
        staff = tr("、").join(callee.staff[:3])
        hint = tr("谁接的(可不填),如 {0}") if staff else tr("谁接的(可不填)")
        self.who.setPlaceholderText(hint.format(staff))

    def callee(self) -> Callee | None:
        """The unit chosen now."""
        row = self.list.currentRow()
        return self.card.callees[row] if 0 <= row < len(self.card.callees) else None

    # Doing

    def log(self, result: str) -> None:
        """Hand over what came of the call to the unit chosen; 转告 asks to whom."""
        callee, who = self.callee(), one_line(self.who.text())
        if callee is None or self._handed_over:
            return
        if result == "passed_on" and not who:
            self._ask_whom(True)
            self.who.setFocus()
            return
        self._ask_whom(False)
        self._logged = callee.unit
        self._handed_over, self._is_logged = True, False
        self.called.emit(LogCall(callee.unit, result, who, callee.assignment, who))
        self.who.clear()

    def _ask_whom(self, on: bool) -> None:
        """转告 wants to know to whom: until that is said, Enter in the line means it, however often the card is read again."""
        self._asks_whom = on
        if on:
            self.show_problem(tr("转告给谁?填好后再按一次“转告”。"))
        else:
            self.problem.hide()

    def logged(self) -> None:
        """What was handed over is logged. Another call may be once the card has been read again: until then it stands as it was
        before."""
        self._is_logged = True

    def show_refusal(self, text: str, _error: Exception) -> None:
        """Why the call was not logged."""
        self._handed_over = False
        self.show_problem(text)

    def show_problem(self, text: str) -> None:
        """Say what is wrong."""
        self.problem.setText(text)
        self.problem.show()

    def focus_first(self) -> None:
        """Begin at the list of units."""
        self.list.setFocus()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """1 接通, 2 无人接, 3 转告, 0 in more words; Enter in the line is 接通, or 转告 when that was asked; Esc puts away.

        Enter in the list does nothing: it may be the second half of the Enter that dispatched, and a call is a testimony.
        """
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        key = Qt.Key(event.key())
        if key == Qt.Key.Key_Escape:
            self.put_away.emit()
            return True
        if watched is self.list and key in RESULTS:
            self.log(RESULTS[key])
            return True
        if watched is self.list and key == Qt.Key.Key_0:
            self.other.emit()
            return True
        if watched is self.who and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.log("passed_on" if self._asks_whom else "answered")
            return True
        return super().eventFilter(watched, event)
