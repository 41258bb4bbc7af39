"""What the panel shows of a case: head, clocks, units, similar cases, files, history. Reads only; scrolls as one sheet."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from models.case import AssignmentRole, ClockState, StageClock
from models.evidence import Moment
from models.owed_evidence import clocks_shown
from models.retention import KEPT_DAYS
from models.views import CaseBrief, CasePanel
from ui.language import tr
from ui.panels import case_text
from ui.widgets.attachment_strip import AttachmentStrip
from ui.widgets.clock_card import ClockCard
from ui.widgets.plain import on_button, tip

SIMILAR_SHOWN = 5
ROOM_LEAST, BUTTON_MARGIN = 240, 60


class CaseSheet(QScrollArea):
    """Shows one case; `opened_case` when another of its lines is followed."""

    opened_case = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.similar: QPushButton | None = None
        self.ended: QPushButton | None = None
        self.clocks: QWidget | None = None
        self._case_id = ""
        self._shows_ended = False
        self._at_clocks = False
        self._cards: list[ClockCard] = []
        self._others: list[QPushButton] = []
        inside = QWidget()
        self.strip = AttachmentStrip()
        self.strip.setParent(inside)  # shown before it is laid out, it would be a window of its own
        self._body = QVBoxLayout()
        self._body.setSpacing(8)
        self._body.setContentsMargins(12, 10, 12, 10)
        inside.setLayout(self._body)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWidget(inside)
        self.setAccessibleName(tr("案件详情"))

    def _not_here(self) -> QLabel:
        said = tr(
            "此案不在本机:已不在本单位范围内,或办结已过 {0} 天。后者可在案件页按编号查找,再按 Ctrl+J 向区中心取回。"
        )
        found = QLabel(said.format(KEPT_DAYS))
        found.setWordWrap(True)
        found.setAlignment(Qt.AlignmentFlag.AlignTop)
        return found

    def show_panel(self, p: CasePanel | None, unit: str, now: Moment) -> None:
        """Show the case for this unit; None: it is not in this store."""
        self._clear()
        if p is None:
            self.strip.hide()
            self._body.addWidget(self._not_here())
            return
        if p.case.id != self._case_id:
            self._case_id, self._shows_ended = p.case.id, False
        at = now.shown_at
        self._head(p, at)
        self._similar(p.similar, at)
        self._clocks(p, unit)
        for assignment in p.case.assignments:
            if not assignment.ended and assignment.role is not AssignmentRole.TOWN:
                self._text(case_text.unit_line(p, assignment, unit, at))
        self._attachments(p, at)
        self._quiet(tr("办理过程"))
        for step in reversed(p.case.history):
            if step.kind != "case.deliver":
                self._text(case_text.history_line(p, step, at))
        self._body.addStretch(1)
        self.tick(now)
        self._scroll_to_clocks()

    def tick(self, now: Moment) -> None:
        """The second has turned."""
        for card in self._cards:
            card.tick(now)

    def _clear(self) -> None:
        self._cards.clear()
        self._others.clear()
        self.similar = self.ended = self.clocks = None
        while (item := self._body.takeAt(0)) is not None:
            gone = item.widget()
            if gone is self.strip:
                continue  # keeps its cursor while the case is read again
            if gone is not None:
                gone.hide()
                gone.deleteLater()

    def _head(self, p: CasePanel, now_ms: int) -> None:
        title = self._text(f"<span style='font-size:large'><b>{escape(p.case.title)}</b></span>")
        title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for line in case_text.head_lines(p, now_ms):
            self._quiet(line)
        if p.case.words:
            self._text(escape(p.case.words))

    def _attachments(self, p: CasePanel, now_ms: int) -> None:
        self.strip.setVisible(bool(p.attachments))
        if p.attachments:
            self._quiet(tr("附件 {0} 个　方向键选择,回车打开").format(len(p.attachments)))
            self._body.addWidget(self.strip)
            self.strip.show_attachments(p, now_ms)

    def show_files(self) -> None:
        """The cursor goes to the files of the case."""
        self.strip.setFocus()
        self.ensureWidgetVisible(self.strip)

    def _similar(self, found: tuple[CaseBrief, ...], now_ms: int) -> None:
        if not found:
            return
        button = QPushButton(tr("附近相似案件 {0} 件 ▸").format(len(found)))
        button.setObjectName("chip")
        button.setToolTip(tip("\n".join(case_text.brief_line(one, now_ms) for one in found[:SIMILAR_SHOWN])))
        button.clicked.connect(lambda: self.follow_similar(found))
        self.similar = button
        self._body.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        for one in found[:SIMILAR_SHOWN]:
            line = QPushButton()
            line.setObjectName("act")
            line.setText(on_button(self._short(line, case_text.brief_line(one, now_ms))))
            line.setAccessibleName(case_text.brief_line(one, now_ms))
            line.clicked.connect(lambda _on=False, case_id=one.id: self.opened_case.emit(case_id))
            line.hide()
            self._others.append(line)
            self._body.addWidget(line)

    def _short(self, button: QPushButton, text: str) -> str:
        room = max(ROOM_LEAST, self.viewport().width() - BUTTON_MARGIN)
        metrics = button.fontMetrics()
        return "\n".join(metrics.elidedText(line, Qt.TextElideMode.ElideRight, room) for line in text.split("\n"))

    def follow_similar(self, found: tuple[CaseBrief, ...]) -> None:
        """Jump to the only one; of several, show which, the first under the cursor, and hide them again next time."""
        if len(found) == 1:
            self.opened_case.emit(found[0].id)
            return
        shown = bool(self._others) and self._others[0].isHidden()
        for line in self._others:
            line.setVisible(shown)
        if shown:
            self._others[0].setFocus()

    def _clocks(self, p: CasePanel, unit: str) -> None:
        ended = [clock for clock in clocks_shown(p.case) if clock.state is ClockState.STOPPED]
        going = [clock for clock in p.case.clocks if clock.state is not ClockState.STOPPED]
        if going:
            self._cards_of(p, unit, going)
        if not ended:
            return
        button = QPushButton()
        button.setObjectName("chip")
        button.setCheckable(True)
        told = case_text.ended_clocks(ended, p.delays)
        button.setText(self._short(button, told))
        button.setToolTip(told)
        button.setAccessibleName(told)
        self.ended = button
        self._body.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        holder = self._cards_of(p, unit, ended)
        button.setChecked(self._shows_ended)
        holder.setVisible(self._shows_ended)
        button.toggled.connect(holder.setVisible)
        button.toggled.connect(self._keep_ended)

    def _keep_ended(self, shown: bool) -> None:
        self._shows_ended = shown

    def _cards_of(self, p: CasePanel, unit: str, shown: list[StageClock]) -> QWidget:
        grid = QGridLayout()
        grid.setSpacing(6)
        grid.setContentsMargins(0, 0, 0, 0)
        holder = QWidget()
        holder.setLayout(grid)
        for number, clock in enumerate(shown):
            owner = p.names.get(clock.owner, clock.owner)
            card = ClockCard(clock, owner, clock.owner == unit, p.delays.get(clock.id), p.case.breach(clock.id))
            self._cards.append(card)
            grid.addWidget(card, number // 2, number % 2)
            grid.setColumnStretch(number % 2, 1)
        self._body.addWidget(holder)
        if self.clocks is None:
            self.clocks = holder
        return holder

    def keep_clocks_in_sight(self, on: bool) -> None:
        """While something below leaves the sheet little room, it begins at the clocks; otherwise at its head."""
        if on is not self._at_clocks:
            self._at_clocks = on
            self.verticalScrollBar().setValue(0)
            self._scroll_to_clocks()

    def _scroll_to_clocks(self) -> None:
        self._body.activate()
        if self._at_clocks and self.clocks is not None:
            self.verticalScrollBar().setValue(self.clocks.y())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The room has changed."""
        super().resizeEvent(event)
        self._scroll_to_clocks()

    def _text(self, rich: str) -> QLabel:
        label = QLabel(rich)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.RichText)
        self._body.addWidget(label)
        return label

    def _quiet(self, text: str) -> None:
        label = QLabel(text)
        label.setObjectName("quiet")
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        self._body.addWidget(label)
