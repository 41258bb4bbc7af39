"""未生效操作: what I did, when, why it had no effect, and what I may do instead. Nothing leaves it by itself (P4)."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from models.views import TrayItem
from services import tray
from services.work import Work
from ui import format as fmt
from ui import words
from ui.language import tr
from ui.ports import Jobs, Present, Seat

OFFERED = 4


class TrayPage(QWidget):
    """`asked` opens a case, `asked_to` besides begins an act on it; closing an entry keeps it on record."""

    asked = Signal(str)
    asked_to = Signal(str, str)

    def __init__(self, jobs: Jobs, seat: Seat, present: Present) -> None:
        super().__init__()
        self._jobs = jobs
        self._seat = seat
        self._present = present
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

    def _show(self, items: tuple[TrayItem, ...]) -> None:
        while (old := self._list.takeAt(0)) is not None:
            gone = old.widget()
            if gone is not None:
                gone.hide()
                gone.deleteLater()
        if not items:
            self._list.addWidget(QLabel(tr("没有未生效的操作。")))
        for item in items:
            self._list.addWidget(self._card(item))
        if items and self.isVisible():
            first = self.findChild(QPushButton)
            if first is not None:
                first.setFocus()
        self._list.addStretch(1)

    def _card(self, item: TrayItem) -> QWidget:
        card = QFrame()
        card.setObjectName("card")
        inside = QVBoxLayout(card)
        at = fmt.day_and_minute(item.made_at, self._present.now().shown_at)
        inside.addWidget(QLabel(f"<b>{words.ACTS.get(item.kind, item.kind)}</b>　{item.case_number}　{at}"))
        why = QLabel(words.refusal(item.code, item.args, {}))
        why.setWordWrap(True)
        inside.addWidget(why)
        row = QHBoxLayout()
        look = QPushButton(tr("打开案件"))
        look.setObjectName("act")
        look.clicked.connect(lambda _on=False, i=item: self.asked.emit(i.case_id))
        known = QPushButton(tr("知道了"))
        known.setObjectName("act")
        known.clicked.connect(lambda _on=False, i=item: self._close(i.cmd_id))
        for button in (look, known):
            row.addWidget(button)
        if item.allowed:
            row.addWidget(QLabel(tr("可以改办:")))
        for kind in item.allowed[:OFFERED]:
            act = QPushButton(words.ACTS[kind])
            act.setObjectName("chip")
            act.clicked.connect(lambda _on=False, i=item, k=kind: self.asked_to.emit(i.case_id, k))
            row.addWidget(act)
        row.addStretch(1)
        inside.addLayout(row)
        return card

    def _close(self, cmd_id: str) -> None:
        desk = self._seat.desk

        def job(work: Work) -> None:
            tray.close(work, desk, cmd_id)
            work.commit()

        self._jobs.run(job, lambda _n: self.refresh())
