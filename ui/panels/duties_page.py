"""我所的: what this unit owes now, in columns by the move it owes; Enter opens the case with its F-keys."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QFrame,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from models.evidence import Moment, counting_bounds
from models.light import Light, light_at
from models.views import DutyGroup, DutyLine
from services import duties
from services.work import Work
from ui import format as fmt
from ui import words
from ui.delegates.cells import WORKING, light_colour
from ui.language import tr
from ui.ports import Jobs, Present, Seat

CASE, LINE = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.UserRole + 1
RARE = ("ratify", "photo")
"""Columns that stand there only while they hold something, or the cursor."""


class DutiesPage(QWidget):
    """`asked` carries the case to open."""

    asked = Signal(str)

    def __init__(self, jobs: Jobs, seat: Seat, present: Present) -> None:
        super().__init__()
        self._jobs = jobs
        self._seat = seat
        self._present = present
        self.lists: dict[str, QListWidget] = {}
        self._cards: dict[str, QFrame] = {}
        self._heads: dict[str, QLabel] = {}
        self._turned_to = self._waits = False
        self._columns = QHBoxLayout(self)
        self._columns.setSpacing(8)

    def refresh(self) -> None:
        """Read again what is owed."""
        desk = self._seat.desk

        def job(work: Work) -> tuple[DutyGroup, ...]:
            return duties.duties(work, desk)

        self._jobs.run(job, self._show)

    def _show(self, groups: tuple[DutyGroup, ...]) -> None:
        tops = {name: found.verticalScrollBar().value() for name, found in self.lists.items()}
        for group in groups:
            if group.name not in self.lists:
                self._columns.addWidget(self._column(group.name))
            self._heads[group.name].setText(f"<b>{words.DUTIES[group.name]}</b>　{len(group.lines)}")
            found = self.lists[group.name]
            self._fill(found, group.lines)
            self._cards[group.name].setVisible(bool(group.lines) or found.hasFocus() or group.name not in RARE)
        if self._turned_to or (self._waits and self._has_focus()):
            self._turned_to = False
            self._begin()
        self.tick()
        for name, top in tops.items():
            self.lists[name].doItemsLayout()
            self.lists[name].verticalScrollBar().setValue(top)

    def _column(self, name: str) -> QFrame:
        card = QFrame()
        card.setObjectName("card")
        head, found = QLabel(), QListWidget()
        found.setAccessibleName(words.DUTIES[name])
        found.setWordWrap(True)
        found.setFrameShape(QFrame.Shape.NoFrame)
        found.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        found.itemActivated.connect(lambda item: self.asked.emit(str(item.data(CASE))) if item.data(CASE) else None)
        found.installEventFilter(self)
        inside = QVBoxLayout(card)
        inside.addWidget(head)
        inside.addWidget(found, 1)
        self.lists[name], self._heads[name], self._cards[name] = found, head, card
        return card

    def _fill(self, found: QListWidget, lines: tuple[DutyLine, ...]) -> None:
        chosen = found.currentItem().data(CASE) if found.currentItem() else None
        found.clear()
        for line in lines:
            item = QListWidgetItem()
            item.setData(CASE, line.case_id)
            item.setData(LINE, line)
            found.addItem(item)
            if line.case_id == chosen:
                found.setCurrentItem(item)
        if not lines:
            nothing = QListWidgetItem(tr("没有"))
            nothing.setFlags(Qt.ItemFlag.NoItemFlags)
            found.addItem(nothing)
        elif found.currentItem() is None:
            found.setCurrentRow(0)

    def focus_first(self) -> None:
        """The page is turned to: begin at the first column that holds something, as soon as that is known; read again, it
        takes the cursor from nowhere."""
        self._turned_to = not self.lists
        self._begin()

    def _begin(self) -> None:
        """With nothing owed, at the first column, until something is."""
        filled = [found for found in self.lists.values() if found.currentItem() is not None]
        self._waits = not filled
        first = next(iter(filled or self.lists.values()), None)
        if first is not None:
            first.setFocus()

    def _has_focus(self) -> bool:
        """The cursor is here, or nowhere that anything is chosen or typed."""
        focus = self.window().focusWidget()
        return focus is None or isinstance(focus, QAbstractButton) or self.isAncestorOf(focus)

    def tick(self) -> None:
        """The second has turned."""
        now = self._present.now()
        for found in self.lists.values():
            for number in range(found.count()):
                item = found.item(number)
                line = item.data(LINE)
                if isinstance(line, DutyLine):
                    self._paint(item, line, now)

    def _paint(self, item: QListWidgetItem, line: DutyLine, now: Moment) -> None:
        light = light_at(now.lo, now.hi, line.yellow_at, line.due_at, line.provisional)
        light = Light.EVIDENCE_OWED if _is_photo(line) else light
        title = (tr("【应急】") if line.emergency else "") + line.title
        text = f"{words.SHAPES[light.value]} {_until(line, light, now)}\n{title}\n{line.place} · {line.town_name}"
        if item.text() != text:
            item.setText(text)
            item.setForeground(QColor(light_colour(light)))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Left and right change the column."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            by = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
            columns = [found for found in self.lists.values() if found.isVisible()]
            if by and watched in columns:
                columns[max(0, min(len(columns) - 1, columns.index(watched) + by))].setFocus()
                return True
        return super().eventFilter(watched, event)


def _is_photo(line: DutyLine) -> bool:
    """True where a photograph is owed of a duty that was met."""
    return line.since_kind in words.STAGES


def _until(line: DutyLine, light: Light, now: Moment) -> str:
    """The countdown of this very move, or since when the unit has known of it."""
    if line.due_at is not None:
        left = fmt.countdown(line.due_at, counting_bounds(now)[0], not line.stage or line.stage in WORKING)
        move = words.STAGES[line.stage] if line.stage else words.ACTS["case.ratify"]
        return f"{words.LIGHTS['doubtful'] if light is Light.DOUBTFUL else left}  {move}"
    if line.since_at is None:
        return tr("已到本机")
    if _is_photo(line):
        return tr("{0} {1},欠照片").format(
            fmt.day_and_minute(line.since_at, now.shown_at), words.STAGES[line.since_kind]
        )
    since = f"{fmt.day_and_minute(line.since_at, now.shown_at)} {words.START_KINDS[line.since_kind]}"
    return tr("{0},已 {1}").format(since, fmt.age(now.shown_at - line.since_at))
