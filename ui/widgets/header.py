"""The head of the window: whose file this is, how its cases shine, the line, the time, who sits here."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton

from models.views import LineState, QueueCounts, QueueQuery
from ui import format as fmt
from ui import words
from ui.language import tr

ALL_WORDS, NO_PRODUCT, NO_PACE, NO_LIGHT_WORDS, NO_DAY, NO_USER_TITLE, FEWEST = range(7)
"""What is left out where there is no room for all, the less important first. Tool tips keep the whole."""


class Header(QFrame):
    """`unit_asked`, `line_asked`, `user_asked`: somebody pressed the unit, the line's pill, the person; `query_asked` with
    the cases behind a light."""

    unit_asked = Signal()
    line_asked = Signal()
    user_asked = Signal()
    query_asked = Signal(object)

    def __init__(self, unit_name: str, pace: int) -> None:
        super().__init__()
        self.setObjectName("header")
        self._unit_name = unit_name
        self._pace = pace
        self._counts: QueueCounts | None = None
        self._now_ms: int | None = None
        self._user: tuple[str, ...] = ()
        self._line = ""
        self._waiting = 0
        self._level = ALL_WORDS
        self._least_width = 0
        self.unit = QPushButton()
        self.unit.setObjectName("title")
        self.lights = {light: self._light(light) for light in ("red", "yellow", "green", "doubtful")}
        self.pill = QPushButton()
        self.time = QLabel()
        self.user = QPushButton()
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 6, 14, 6)
        row.addWidget(self.unit)
        row.addSpacing(10)
        for light in self.lights.values():
            row.addWidget(light)
        row.addStretch(1)
        for part, name in ((self.pill, tr("线路状态")), (self.user, tr("当前用户"))):
            part.setObjectName("chip")
            part.setAccessibleName(name)
        row.addWidget(self.pill)
        row.addSpacing(6)
        row.addWidget(self.time)
        row.addSpacing(6)
        row.addWidget(self.user)
        self.unit.clicked.connect(self.unit_asked)
        self.pill.clicked.connect(self.line_asked)
        self.user.clicked.connect(self.user_asked)
        self._fit()

    def _light(self, light: str) -> QPushButton:
        made = QPushButton()
        made.setObjectName("title")
        made.hide()
        made.clicked.connect(lambda _on=False: self.query_asked.emit(QueueQuery(light=light)))
        return made

    # What is told

    def show_counts(self, counts: QueueCounts) -> None:
        """The lights of the open cases; doubtful ones only when there are any."""
        self._counts = counts
        self._fit()

    def show_line(self, line: LineState, unsent: int) -> None:
        """The truth about the line, and how many acts of this workstation wait for it."""
        self._line, self._waiting = line.state, unsent
        self._fit()

    def show_time(self, now_ms: int) -> None:
        """The present."""
        is_first, self._now_ms = self._now_ms is None, now_ms
        if is_first:
            self._fit()
        else:
            self._say_time(now_ms, self._level)

    def show_user(self, text: str, short: str = "") -> None:
        """Who sits here, and for whom he acts; `short` where there is little room."""
        self._user = (text, short or text)
        self._fit()

    def user_text(self) -> str:
        """Who sits here, in full."""
        return self._user[0] if self._user else ""

    # In the room there is

    def _fit(self) -> None:
        self._say(FEWEST)
        least, room = self._needed(), self.width()
        for self._level in range(FEWEST + 1):
            self._say(self._level)
            if self._needed() <= room:
                break
        if least != self._least_width:
            self._least_width = least
            self.updateGeometry()

    def _needed(self) -> int:
        layout = self.layout()
        assert layout is not None
        layout.invalidate()
        return layout.sizeHint().width()

    def _say(self, level: int) -> None:
        product = f" · {tr('联勤联动工作台')}" if level < NO_PRODUCT else ""
        _put(
            self.unit, f"{self._unit_name}{product}", tr("换单位 Ctrl+T"), f"{self._unit_name} · {tr('联勤联动工作台')}"
        )
        self._say_lights(level)
        waiting = tr(" · {0} 项待上报").format(self._waiting) if self._waiting else ""
        whole = f"{words.LINES.get(self._line, '')}{waiting}"
        brief = f"{words.LINES.get(self._line, '')} · {self._waiting}" if self._waiting else whole
        _put(self.pill, brief if level >= FEWEST else whole, whole)
        if self._now_ms is not None:
            self._say_time(self._now_ms, level)
        if self._user:
            hint = tr("换班:更换用户 Ctrl+U")
            is_brief = level >= NO_USER_TITLE and self._user[1] != self._user[0]
            _put(self.user, self._user[is_brief], hint, *(self._user[:1] if is_brief else ()))

    def _say_time(self, now_ms: int, level: int) -> None:
        pace = tr("　演示时间×{0}").format(self._pace) if self._pace else ""
        day = f"　{fmt.weekday(now_ms)}"
        said = f"{day if level < NO_DAY else ''}{pace if level < NO_PACE else ''}"
        self.time.setText(f"<b style='font-size:large'>{fmt.clock(now_ms)}</b>{said}")
        self.time.setToolTip(f"{fmt.clock(now_ms)}{day}{pace}")

    def _say_lights(self, level: int) -> None:
        c = self._counts
        if c is None:
            return
        numbers = {"red": c.red, "yellow": c.yellow, "green": c.green, "doubtful": c.doubtful}
        for light, number in numbers.items():
            button, word = self.lights[light], words.LIGHTS[light]
            said = f"{words.SHAPES[light]} {word} {number}"
            brief = f"{words.SHAPES[light]} {number}"
            local = tr("本机测算:按本机收到的记录推算;超时以区中心核定为准。")
            _put(button, brief if level >= NO_LIGHT_WORDS else said, said, tr("打开这些案件"), local)
            button.setVisible(light != "doubtful" or number > 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The room has changed."""
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """So has the size of the text."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange) and hasattr(self, "user"):
            self._fit()

    def minimumSizeHint(self) -> QSize:
        """What the fewest words need."""
        return QSize(self._least_width, super().minimumSizeHint().height())


def _put(button: QPushButton, text: str, *told: str) -> None:
    if button.text() != text:
        button.setText(text)
    tip = "\n".join(told)
    if button.toolTip() != tip:
        button.setToolTip(tip)
