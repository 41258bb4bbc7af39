"""未生效操作: what I did, when, why it had no effect, and what I may do instead. Nothing leaves it by itself (P4)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from html import escape

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from models.views import TrayItem
from services import tray
from services.work import Work
from ui import format as fmt
from ui import words
from ui.language import tr
from ui.ports import Acts, Present, Seat
from ui.widgets.plain import told_line

OFFERED = 4
LOOK, KNOWN = "look", "known"


class TrayPage(QWidget):
    """`asked` opens a case, `asked_to` besides begins an act on it; closing an entry keeps it on record."""

    asked = Signal(str)
    asked_to = Signal(str, str)

    def __init__(self, jobs: Acts, seat: Seat, present: Present) -> None:
        super().__init__()
        self._jobs = jobs
        self._seat = seat
        self._present = present
        self._begins = False
        self._items: tuple[TrayItem, ...] = ()
        self._buttons: dict[tuple[str, str], QPushButton] = {}
        self._list = QVBoxLayout()
        inside = QWidget()
        inside.setLayout(self._list)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setWidget(inside)
        layout = QVBoxLayout(self)
        layout.addWidget(scroll)

    def refresh(self) -> None:
        """Read the tray again."""
        desk = self._seat.desk

        def job(work: Work) -> tuple[TrayItem, ...]:
            return tray.items(work, desk)

        self._jobs.run(job, self._show)

    def focus_first(self) -> None:
        """The page is turned to: begin at the newest entry."""
        first = next(iter(self._buttons.values()), None)
        self._begins = first is None
        if first is not None:
            first.setFocus()

    def _show(self, items: tuple[TrayItem, ...]) -> None:
        held = next((key for key, button in self._buttons.items() if button.hasFocus()), None)
        before = [item.cmd_id for item in self._items]
        self._empty()
        self._items = items
        if not items:
            self._list.addWidget(QLabel(tr("没有未生效的操作。")))
        for item in items:
            self._list.addWidget(self._card(item))
        self._list.addStretch(1)
        if held is not None and items:
            self._focus_again(*held, before.index(held[0]))
        elif self._begins:
            self.focus_first()

    def _focus_again(self, cmd_id: str, what: str, place: int) -> None:
        """The same button of the same entry; when the entry is gone, of the one that took its place."""
        now = [item.cmd_id for item in self._items]
        cmd_id = cmd_id if cmd_id in now else now[min(place, len(now) - 1)]
        self._buttons.get((cmd_id, what), self._buttons[cmd_id, LOOK]).setFocus()

    def _empty(self) -> None:
        self._buttons.clear()
        while (old := self._list.takeAt(0)) is not None:
            gone = old.widget()
            if gone is not None:
                gone.hide()
                gone.deleteLater()

    def _card(self, item: TrayItem) -> QWidget:
        card = QFrame()
        card.setObjectName("card")
        inside = QVBoxLayout(card)
        at = fmt.day_and_minute(item.made_at, self._present.now().shown_at)
        by = tr("(交接包,{0})").format(item.names.get(item.by, item.by)) if item.by else ""
        kind, number = words.ACTS.get(item.kind, item.kind), item.case_number
        kind = f"{kind} → {item.to}" if item.to else kind
        inside.addWidget(QLabel(f"<b>{escape(kind)}</b>　{escape(number)}　{at}{escape(by)}"))
        why = told_line("")
        why.setText("\n".join(_said(item, self._present.now().shown_at)))
        inside.addWidget(why)
        row = QHBoxLayout()
        row.addWidget(self._button(item, LOOK, tr("打开案件"), "act", partial(self.asked.emit, item.case_id)))
        row.addWidget(self._button(item, KNOWN, tr("知道了"), "act", partial(self._close, item.cmd_id)))
        if item.allowed:
            row.addWidget(QLabel(tr("可以改办:")))
        for kind in item.allowed[:OFFERED]:
            ask = partial(self.asked_to.emit, item.case_id, kind)
            row.addWidget(self._button(item, kind, words.ACTS[kind], "chip", ask))
        row.addStretch(1)
        inside.addLayout(row)
        return card

    def _button(self, item: TrayItem, what: str, text: str, look: str, verb: Callable[[], object]) -> QPushButton:
        made = QPushButton(text)
        made.setObjectName(look)
        made.clicked.connect(lambda _on=False: verb())
        self._buttons[item.cmd_id, what] = made
        return made

    def _close(self, cmd_id: str) -> None:
        desk = self._seat.desk

        def job(work: Work) -> None:
            tray.close(work, desk, cmd_id)
            work.commit()

        self._jobs.act(job, lambda _n: self.refresh(), None, _not_closed)


def _said(item: TrayItem, now_ms: int) -> list[str]:
    """Why not; who was first, and when; whom to ring once more."""
    said = [words.refusal(item.code, item.args, item.names)]
    if item.first is not None:
        at = words.worth(item.first.at, fmt.day_and_minute(item.first.at.shown_at, now_ms))
        who = f"{item.names.get(item.first.unit, '')} {item.names.get(item.first.actor, '')}".strip()
        said.append(tr("先办的是:{0} {1} {2}").format(who, at, words.ACTS.get(item.first.kind, item.first.kind)))
    if item.to_call_off:
        said.append(tr("已电话通知过{0},请再去电,告知不必前往,并记电话。").format(item.to))
    return said


def _not_closed(error: Exception) -> str:
    return tr("{0}:{1}").format(tr("未生效"), words.trouble(error, {}))
