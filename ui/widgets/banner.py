"""The line under the window's head where alarms stand until somebody says 知道了; never a modal box (D27).

Its place is always there, alarm or not, so that nothing below it moves under anybody's cursor; it never takes the focus.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QFontMetrics
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy

from models.views import QueueQuery
from services.alarms import SILENCE_MS, Kind, Shown, Turning
from ui import theme
from ui.language import tr
from ui.widgets import alarm_text
from ui.widgets.elided import Elided
from ui.widgets.in_use import JustNow
from ui.widgets.on_key import on_key

SEEN_KEY, OPEN_KEY, SILENCE_KEY = "Shift+F12", "Shift+F11", "Shift+F9"
"""With Shift, because each F-key alone may be an act; not Shift+F10, which opens a context menu."""

_LINE_KINDS = frozenset({Kind.LINE_LOST, Kind.LINE_REFUSED, Kind.LINE_BACK, Kind.TIME_DOUBTFUL})
_STYLE = """
#banner {{ background: {ground}; border-bottom: 1px solid {line}; }}
#banner QLabel {{ color: {ink}; font-weight: {weight}; }}
#banner QPushButton {{ color: {text}; background: {base}; border: 1px solid {line}; border-radius: 3px; padding: 2px 8px; }}
#banner QPushButton:hover {{ border-color: {accent}; }}
#banner QPushButton:checked {{ background: {header}; color: {on_header}; }}
#banner QPushButton:disabled {{ color: {quiet}; background: transparent; }}
"""


class Banner(QFrame):
    """`acknowledged`: 知道了 about what is shown. `silence_asked`: no sound for a while, or sound again. `case_asked`,
    `query_asked`, `page_asked`: where the alarm shown is to be looked at. `notices`: what nobody has said 知道了 to."""

    acknowledged = Signal()
    silence_asked = Signal(bool)
    case_asked = Signal(str)
    query_asked = Signal(object)
    page_asked = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("banner")
        self.notices: list[str] = []
        self._shown: Shown | None = None
        self._calm: tuple[Turning | None, bool] | None = None
        self._only_shows = False
        self._wanted = True
        self._now_ms = 0
        self._turned = JustNow()
        self.text = Elided()
        self.more = QLabel()
        self.open = self._button(f"{tr('打开')} {OPEN_KEY}", self._go)
        self.seen = self._button(f"{tr('知道了')} {SEEN_KEY}", self._seen)
        self.silence = self._button("", self._silence)
        self.silence.setCheckable(True)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 3, 14, 3)
        row.setSpacing(6)
        row.addWidget(self.text, 1)
        for part in (self.more, self.open, self.seen, self.silence):
            policy = part.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            part.setSizePolicy(policy)
            row.addWidget(part)
        self._keys = [
            on_key(OPEN_KEY, self, self._go),
            on_key(SEEN_KEY, self, self._seen),
        ]
        on_key(SILENCE_KEY, self, self.silence.click)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.show_sound(0, True)
        self._paint()

    def _button(self, text: str, verb: object) -> QPushButton:
        made = QPushButton(text)
        made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        made.clicked.connect(verb)
        return made

    # What is told

    def show_text(self, text: str, *, before_others: bool = False) -> None:
        """Say it, before all alarms, until somebody has read it; `before_others` that nobody has read yet as well."""
        self.notices.insert(0 if before_others else len(self.notices), text)
        self._paint()

    def take_back(self, text: str) -> None:
        """It is true no longer."""
        if text in self.notices:
            self.notices.remove(text)
            self._paint()

    def show_alarms(self, shown: Shown | None, turning: Turning | None, doubtful: bool, now_ms: int) -> None:
        """The alarm to show, or None; then what turns colour next, or that the time is doubtful."""
        is_news = shown is not None and shown != self._shown
        if shown is not None and self._shown is not None:
            before, now = (self._shown.alarm, self._shown.merged), (shown.alarm, shown.merged)
            if before != now:
                self._turned.happened()
        self._shown, self._now_ms = shown, now_ms
        self._calm = (turning, doubtful)
        self._paint()
        if is_news:
            QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def only_show(self, on: bool) -> None:
        """While the window is locked: whoever passes by sees and hears of which case, reads nothing that was typed about it,
        and can put nothing away."""
        self._only_shows = on
        self._paint()

    def show_sound(self, silent_ms: int, wanted: bool) -> None:
        """How long the silence still lasts (0: none), and whether this person wants sound at all."""
        self._wanted = wanted
        self.silence.setEnabled(wanted and not self._only_shows)
        self.silence.setChecked(wanted and silent_ms > 0)
        key = f"{alarm_text.silence(silent_ms)} {SILENCE_KEY}"
        self.silence.setText(key if wanted else tr("声音已关"))
        longest = max((alarm_text.silence(ms) for ms in (0, SILENCE_MS)), key=len)
        self.silence.setMinimumWidth(QFontMetrics(self.font()).horizontalAdvance(f"{longest} {SILENCE_KEY}") + 24)

    def _paint(self) -> None:
        alarm = None if self.notices else self._shown
        self._colour(alarm)
        text = alarm_text.calm(*self._calm, self._now_ms, self._only_shows) if self._calm is not None else ""
        if alarm is not None:
            text = alarm_text.heading(alarm, self._now_ms, self._only_shows)
        self.text.show_text(self.notices[0] if self.notices else text)
        others = len(self.notices) + (self._shown.count if self._shown else 0) - 1
        is_all = alarm is not None and bool(alarm.merged)
        self.more.setText(tr("另有 {0} 起").format(others) if others > 0 and not is_all else "")
        may = not self._only_shows
        self.seen.setVisible(may and (bool(self.notices) or alarm is not None))
        self.open.setVisible(may and alarm is not None and alarm.alarm.kind is not Kind.LINE_BACK)
        self.silence.setEnabled(may and self._wanted)
        for key in self._keys:
            key.setEnabled(may and (bool(self.notices) or alarm is not None))
        self.setAccessibleName(self.text.full)

    def _colour(self, alarm: Shown | None) -> None:
        t = theme.tokens()
        ground, ink, weight = t.raised, t.quiet, "normal"
        if self.notices:
            ground, ink, weight = t.yellow_fill, t.on_yellow, "bold"
        elif alarm is not None:
            (ground, ink), weight = _fill(alarm), "bold"
        style = _STYLE.format(
            ground=ground, ink=ink, weight=weight, line=t.line, text=t.text, base=t.base, accent=t.accent,
            header=t.header, on_header=t.on_header, quiet=t.quiet,
        )  # fmt: skip
        if style != self.styleSheet():
            self.setStyleSheet(style)

    # Verbs

    def _seen(self) -> None:
        if self._turned.on():
            return  # it was meant for what stood here a moment ago, and this has been read by nobody
        if self.notices:
            self.notices.pop(0)
            self._paint()
        elif self._shown is not None:
            self.acknowledged.emit()

    def _go(self) -> None:
        shown = self._shown
        if self._turned.on() or self.notices or shown is None or shown.alarm.kind is Kind.LINE_BACK:
            return
        if shown.alarm.case_id and not shown.merged:
            self.case_asked.emit(shown.alarm.case_id)
        elif _kinds(shown) <= _LINE_KINDS:
            self.page_asked.emit("sync")
        else:
            self.query_asked.emit(_query(shown))
        self.acknowledged.emit()

    def _silence(self) -> None:
        self.silence_asked.emit(self.silence.isChecked())


def _kinds(shown: Shown) -> set[Kind]:
    return {kind for kind, _count in shown.merged} or {shown.alarm.kind}


def _query(shown: Shown) -> QueueQuery:
    """The cases that several alarms are about: the late ones when there are any, else by what is due first."""
    kinds = dict(shown.merged)
    if kinds.get(Kind.RED) or shown.alarm.red:
        return QueueQuery(chip="overdue")
    if kinds.get(Kind.YELLOW) or shown.alarm.yellow:
        return QueueQuery()
    return QueueQuery(chip="mine")


def _fill(shown: Shown) -> tuple[str, str]:
    t = theme.tokens()
    kinds = _kinds(shown)
    if kinds & {Kind.RED, Kind.LINE_LOST, Kind.LINE_REFUSED}:
        return t.red_fill, t.on_red
    if kinds & {Kind.YELLOW, Kind.TIME_DOUBTFUL} or shown.alarm.red or shown.alarm.yellow:
        return t.yellow_fill, t.on_yellow
    return (t.selected, t.text) if kinds == {Kind.LINE_BACK} else (t.accent, t.on_accent)
