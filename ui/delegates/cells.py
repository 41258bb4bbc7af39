"""Painting the queue: one delegate for all cells, because painting in Python costs more than asking the database (measured.md)."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QHelpEvent, QPainter, QStaticText
from PySide6.QtWidgets import QAbstractItemView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QToolTip

from models.clock import DAY_MS
from models.evidence import Moment, counting_bounds
from models.light import Light, light_at
from models.policy import Stage
from models.row import CaseRow
from models.views import QueueGroup, QueueRow
from ui import format as fmt
from ui import theme, words
from ui.language import tr
from ui.models.queue_model import COLUMNS, ROW_ROLE, group_words, next_words
from ui.ports import Present

ROW_HEIGHT = 42
WORKING = ("opinion", "handling", "check", "confirm")
_BEFORE_SHAPE, _AFTER_COUNTDOWN = 10, 5
_FAR_MS = 720 * DAY_MS
"""In another year, and longer than any limit: what is said of it takes the most room."""


def row_light(row: CaseRow, now_lo: int, now_hi: int) -> Light:
    """The light of a row: its earliest due clock, yellow by the earliest yellow of all its clocks."""
    if not row.is_open:
        done = Light.EVIDENCE_OWED if row.evidence_owed else Light.DONE
        return Light.DONE_LATE if row.any_late else done
    if row.paused:
        return Light.PAUSED
    return light_at(now_lo, now_hi, row.yellow_at, row.due_at, row.clock_provisional)


def row_height(font: QFont) -> int:
    """Two lines and some air, whatever the text size."""
    return max(ROW_HEIGHT, 2 * QFontMetrics(font).lineSpacing() + 4)


def countdown_width(font: QFont) -> int:
    """Room for whatever a countdown cell may say, in the language shown: a day of another year, or a time by which and 暂定."""
    bold = QFont(font)
    bold.setBold(True)
    plain = (
        _may_move(fmt.countdown(_FAR_MS, 0, True)),
        _may_move(fmt.countdown(_FAR_MS, 0, False)),
        _suspended(_FAR_MS, 0),
        _not_told(),
        *(words.LIGHTS[light.value] for light in Light),
    )
    room = max(QFontMetrics(font).horizontalAdvance(text) for text in plain)
    room = max(room, QFontMetrics(bold).horizontalAdvance(fmt.countdown(0, _FAR_MS, True)))
    return _BEFORE_SHAPE + _shape_room(bold) + room + _AFTER_COUNTDOWN


def _may_move(text: str) -> str:
    return f"{text} {tr('暂定')}"


def _suspended(until_ms: int, now_ms: int) -> str:
    return tr("挂账至 {0}").format(fmt.last_day(until_ms, now_ms))


def _not_told() -> str:
    return tr("未送达")


def _shape_room(bold: QFont) -> int:
    return QFontMetrics(bold).horizontalAdvance(words.SHAPES["red"]) + 6


def light_colour(light: Light) -> str:
    """The text colour of a light; shape and words go with it everywhere."""
    t = theme.tokens()
    if light in (Light.RED, Light.DONE_LATE):
        return t.red_text
    if light in (Light.YELLOW, Light.DOUBTFUL, Light.EVIDENCE_OWED):
        return t.yellow_text
    return t.green_text if light is Light.GREEN else t.quiet


def stands_until(row: CaseRow, now_ms: int) -> int | None:
    """Up to when (ms UTC) the clock a row shows stands still by 挂账; None when it does not. It is the lead's own."""
    own = row.clock_stage == Stage.HANDLING.value and row.clock_owner == row.lead
    lasts = row.suspended_until is not None and now_ms < row.suspended_until
    return row.suspended_until if own and lasts else None


class QueueDelegate(QStyledItemDelegate):
    """Paints every cell from the whole row."""

    def __init__(self, present: Present, metrics_font: QFont) -> None:
        super().__init__()
        self._present = present
        self._font = metrics_font
        self._bold = QFont(metrics_font)
        self._bold.setBold(True)
        self._small = QFont(metrics_font)
        self._small.setPointSizeF(metrics_font.pointSizeF() * 0.88)
        self._shapes: dict[tuple[str, bool], QStaticText] = {}
        self._colours: dict[str, QColor] = {}
        self._shape_room = 0

    def countdown_of(self, row: CaseRow, now: Moment) -> tuple[str, Light]:
        """What the countdown cell of a row says now: only when this changes must it be painted again."""
        light = row_light(row, now.lo, now.hi)
        return self._words(row, light, now), light

    def spoken_of(self, row: CaseRow) -> str:
        """The countdown as a screen reader says it: its light, then what stands there."""
        text, light = self.countdown_of(row, self._present.now())
        return text if text == words.LIGHTS[light.value] else f"{words.LIGHTS[light.value]} {text}"

    def steady_until(self, row: CaseRow, now: Moment) -> int:
        """Up to when (ms UTC) the cell surely says the same: a green working-time limit until it turns or the day does."""
        turns = row.due_at if row.yellow_at is None else row.yellow_at
        if turns is None or row_light(row, now.lo, now.hi) is not Light.GREEN:
            return 0
        midnight = fmt.midnight_after(counting_bounds(now)[0])
        stands = stands_until(row, now.lo)
        if stands is not None:
            return min(turns, stands, midnight)
        return min(turns, midnight) if row.clock_stage in WORKING else 0

    def _colour(self, name: str) -> QColor:
        found = self._colours.get(name)
        if found is None:
            found = self._colours[name] = QColor(name)
        return found

    def _shape(self, light: Light, font: QFont, bold: bool) -> QStaticText:
        """A shape is the dearest part of a cell: its glyph comes from a fallback font. Laid out once."""
        found = self._shapes.get((light.value, bold))
        if found is None:
            found = QStaticText(words.SHAPES[light.value])
            found.prepare(font=font)
            self._shapes[light.value, bold] = found
        return found

    def told_of(self, row: CaseRow, now: Moment) -> str:
        """What there is to say of a countdown besides: whose clock it is stands in the panel, what it is worth here."""
        light = row_light(row, now.lo, now.hi)
        said = [words.LIGHTS[light.value], words.reckoned_here()]
        if light in (Light.RED, Light.DONE_LATE):
            said[0] = words.breach(None)
        if row.clock_stage:
            said.insert(0, words.STAGES[row.clock_stage])
        return " · ".join(said)

    def helpEvent(
        self,
        event: QHelpEvent,
        view: QAbstractItemView,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> bool:
        """The tip of a countdown."""
        found = index.data(ROW_ROLE)
        if event.type() != QEvent.Type.ToolTip or not isinstance(found, QueueRow) or COLUMNS[index.column()] != "due":
            return super().helpEvent(event, view, option, index)
        QToolTip.showText(event.globalPos(), self.told_of(found.row, self._present.now()), view)
        return True

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Two lines and some air."""
        return QSize(80, row_height(self._font))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """One cell."""
        t = theme.tokens()
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        painter.setFont(self._font)
        chosen = bool(state & QStyle.StateFlag.State_Selected)
        painter.fillRect(rect, self._colour(t.selected if chosen else t.base))
        found = index.data(ROW_ROLE)
        column = COLUMNS[index.column()]
        if isinstance(found, QueueGroup):
            self._heading(painter, rect, found)
        elif not isinstance(found, QueueRow):
            painter.setPen(self._colour(t.quiet))
            painter.drawText(rect.adjusted(8, 0, -8, 0), Qt.AlignmentFlag.AlignVCenter, "…")
        elif column == "due":
            self._countdown(painter, rect, found.row)
        elif column == "title":
            self._title(painter, rect, found)
        else:
            self._plain(painter, rect, found, column, str(index.data()))
        painter.setPen(self._colour(t.line))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())

    def _heading(self, painter: QPainter, rect: QRect, group: QueueGroup) -> None:
        t = theme.tokens()
        painter.fillRect(rect, self._colour(t.raised))
        painter.setFont(self._bold)
        painter.setPen(self._colour(t.text))
        low = rect.adjusted(10, rect.height() // 4, -10, 0)
        painter.drawText(low, Qt.AlignmentFlag.AlignVCenter, group_words(group))

    def _countdown(self, painter: QPainter, rect: QRect, row: CaseRow) -> None:
        text, light = self.countdown_of(row, self._present.now())
        urgent = light in (Light.RED, Light.YELLOW)
        if urgent:
            fill = theme.tokens().red_fill if light is Light.RED else theme.tokens().yellow_fill
            painter.fillRect(rect.left(), rect.top(), 4, rect.height(), self._colour(fill))
        painter.setPen(self._colour(light_colour(light)))
        font = self._bold if urgent else self._font
        if urgent:
            painter.setFont(font)
        if not self._shape_room:
            self._shape_room = _shape_room(self._bold)
        shape = self._shape(light, font, urgent)
        top = rect.top() + int((rect.height() - shape.size().height()) / 2)
        painter.drawStaticText(rect.left() + _BEFORE_SHAPE, top, shape)
        place = rect.adjusted(_BEFORE_SHAPE + self._shape_room, 0, 1 - _AFTER_COUNTDOWN, 0)
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, text)

    def _words(self, row: CaseRow, light: Light, now: Moment) -> str:
        if row.is_open and row.due_at is None and row.next_code == "case.log_call":
            return _not_told()
        if not row.is_open or row.due_at is None or light is Light.PAUSED:
            return words.LIGHTS[light.value]
        if light is Light.DOUBTFUL:
            return words.LIGHTS["doubtful"]
        stands = stands_until(row, now.lo) if light is Light.GREEN else None
        if stands is not None:
            return _suspended(stands, now.shown_at)
        text = fmt.countdown(row.due_at, counting_bounds(now)[0], row.clock_stage in WORKING)
        return _may_move(text) if row.clock_provisional else text

    def _title(self, painter: QPainter, rect: QRect, found: QueueRow) -> None:
        t = theme.tokens()
        half = rect.height() // 2
        upper = QRect(rect.left() + 6, rect.top() + 2, rect.width() - 10, half)
        lower = QRect(rect.left() + 6, rect.top() + half - 2, rect.width() - 10, half)
        painter.setPen(self._colour(t.text))
        metrics = painter.fontMetrics()
        title = (tr("【应急】") if found.row.emergency else "") + found.row.title
        tag = words.CHIPS["unsent"] if found.unsent else ""
        room = upper.width() - (metrics.horizontalAdvance(tag) + 16 if tag else 0)
        shown = metrics.elidedText(title, Qt.TextElideMode.ElideRight, room)
        painter.drawText(upper, Qt.AlignmentFlag.AlignVCenter, shown)
        if tag:
            left = upper.left() + metrics.horizontalAdvance(shown) + 8
            box = QRect(left, upper.top() + 3, metrics.horizontalAdvance(tag) + 8, half - 5)
            painter.setPen(self._colour(t.yellow_text))
            painter.drawRoundedRect(box, 3, 3)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, tag)
        painter.setFont(self._small)
        painter.setPen(self._colour(t.quiet))
        second = f"{found.row.number}   {found.category_name}   {found.row.place}"
        elided = painter.fontMetrics().elidedText(second, Qt.TextElideMode.ElideRight, lower.width())
        painter.drawText(lower, Qt.AlignmentFlag.AlignVCenter, elided)

    def _plain(self, painter: QPainter, rect: QRect, found: QueueRow, column: str, text: str) -> None:
        t = theme.tokens()
        painter.setPen(self._colour(t.text))
        if column == "lead":
            text = found.lead_name or tr("未指派")
            painter.setPen(self._colour(t.text if found.lead_name else t.quiet))
            if found.row.co_count:
                text = tr("{0}  协{1}").format(text, found.row.co_count)
        elif column == "next":
            text = next_words(found)
        elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, rect.width() - 10)
        painter.drawText(rect.adjusted(6, 0, -4, 0), Qt.AlignmentFlag.AlignVCenter, elided)
