"""未生效操作: what I did, when, why it had no effect, what I may do instead, and to whom I hand it on. Nothing leaves it by itself (P4)."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from html import escape

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from models.people import Person
from models.views import TrayItem
from services import tray
from services.work import Work
from ui import format as fmt
from ui import words
from ui.form import Choice, Field, Form, Values, seek_prompt
from ui.language import tr
from ui.ports import Acts, Present, Seat
from ui.widgets.form_place import FormPlace
from ui.widgets.form_view import FormView
from ui.widgets.plain import told_line

OFFERED = 4
LOOK, KNOWN, HAND_ON = "look", "known", "hand_on"


class TrayPage(QWidget):
    """`asked` opens a case, `asked_to` besides begins an act on it; closing an entry and handing it on are acts of their own."""

    asked = Signal(str)
    asked_to = Signal(str, str)

    def __init__(self, jobs: Acts, seat: Seat, present: Present) -> None:
        super().__init__()
        self._jobs = jobs
        self._seat = seat
        self._present = present
        self._begins = False
        self._items: tuple[TrayItem, ...] = ()
        self._colleagues: tuple[Person, ...] = ()
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
        self._forms = FormPlace(scroll)
        layout.addLayout(self._forms)

    def refresh(self) -> None:
        """Read the tray again."""
        desk = self._seat.desk

        def job(work: Work) -> tuple[tuple[TrayItem, ...], tuple[Person, ...]]:
            return tray.items(work, desk), tray.colleagues(work, desk)

        self._jobs.run(job, self._shown)

    def focus_first(self) -> None:
        """The page is turned to: begin at the newest entry."""
        first = next(iter(self._buttons.values()), None)
        self._begins = first is None
        if first is not None:
            first.setFocus()

    @property
    def form(self) -> FormView | None:
        """The one that is filled in."""
        return self._forms.form

    def _shown(self, found: tuple[tuple[TrayItem, ...], tuple[Person, ...]]) -> None:
        items, self._colleagues = found
        self._show(items)

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
        whose = tr("(本单位另一台工作机,{0})") if item.is_elsewhere else tr("(交接包,{0})")
        by = whose.format(item.names.get(item.by, item.by)) if item.by else ""
        inside.addWidget(QLabel(f"<b>{escape(_named(item))}</b>　{escape(item.case_number)}　{at}{escape(by)}"))
        why = told_line("")
        why.setText("\n".join(_said(item, self._seat.desk.person, self._present.now().shown_at)))
        inside.addWidget(why)
        row = QHBoxLayout()
        row.addWidget(self._button(item, LOOK, tr("打开案件"), "act", partial(self.asked.emit, item.case_id)))
        row.addWidget(self._button(item, KNOWN, tr("知道了"), "act", partial(self._close, item.cmd_id)))
        row.addWidget(self._button(item, HAND_ON, tr("转交"), "act", partial(self._begin_handing_on, item)))
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

        self._jobs.act(job, lambda _n: self.refresh(), None, _not_done)

    def _begin_handing_on(self, item: TrayItem) -> None:
        """To whom, and what for."""
        people = tuple(Choice(person.id, person.name) for person in self._colleagues)
        fields = (
            Field("to", tr("转交给"), "choice", people, prompt=seek_prompt()),
            Field("note", tr("要他做什么"), "line"),
        )
        hint = "" if people else tr("本单位没有别的同事可以转交。")
        title = tr("转交:{0}").format(f"{_named(item)} {item.case_number}")
        self._forms.open(Form("", fields, None, hint, title), partial(self._hand_on, item.cmd_id))

    def _hand_on(self, cmd_id: str, values: Values) -> None:
        desk, view = self._seat.desk, self._forms.form

        def job(work: Work) -> None:
            tray.hand_on(work, desk, cmd_id, values["to"], values["note"])
            work.commit()

        def done(_nothing: None) -> None:
            self._forms.put_away()
            self.refresh()
            self._focus_again(cmd_id, HAND_ON, 0)

        def failed(error: Exception) -> None:
            if view is not None:
                view.show_problem(words.trouble(error, {}))

        self._jobs.act(job, done, failed, _not_done)


def _named(item: TrayItem) -> str:
    kind = words.ACTS.get(item.kind, item.kind)
    return f"{kind} → {item.to}" if item.to else kind


def _said(item: TrayItem, person: str, now_ms: int) -> list[str]:
    """With whom it lies; why not; who was first, and when; whom to ring once more."""
    said = [*_lies_with(item, person, now_ms), words.refusal(item.code, item.args, item.names)]
    if item.first is not None:
        at = words.worth(item.first.at, fmt.day_and_minute(item.first.at.shown_at, now_ms))
        who = f"{item.names.get(item.first.unit, '')} {item.names.get(item.first.actor, '')}".strip()
        said.append(tr("先办的是:{0} {1} {2}").format(who, at, words.ACTS.get(item.first.kind, item.first.kind)))
    if item.to_call_off:
        said.append(tr("已电话通知过{0},请再去电,告知不必前往,并记电话。").format(item.to))
    return said


def _lies_with(item: TrayItem, person: str, now_ms: int) -> list[str]:
    if not item.handed_to:
        return []
    by, to = (item.names.get(name, name) for name in (item.handed_by, item.handed_to))
    at = fmt.day_and_minute(item.handed_at, now_ms)
    if item.handed_to == person:
        return [tr("由{0}转交给您({1}):{2}").format(by, at, item.note)]
    return [tr("{0}已转交给{1}({2}):{3}").format(by, to, at, item.note)]


def _not_done(error: Exception) -> str:
    return tr("{0}:{1}").format(tr("未生效"), words.trouble(error, {}))
