"""The case panel: clocks, who has it and how to call them, what happened, and exactly what this person may do now."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from models.case import AssignmentRole, Step
from models.errors import Refused
from models.evidence import Grade
from models.views import CasePanel
from services import cases, drafts
from services.cases import Acted
from services.work import Work
from ui import format as fmt
from ui import words
from ui.forms import Form, Values, form_for
from ui.keys import keys_for
from ui.language import tr
from ui.ports import Jobs, Present, Seat
from ui.widgets.clock_card import ClockCard
from ui.widgets.form_view import FormView

ACTS_IN_BAR = 8


class CasePanelWidget(QWidget):
    """Shows one case; `acted` after an act, `left` when Esc gives the focus back to the list."""

    acted = Signal(str)
    left = Signal()

    def __init__(self, jobs: Jobs, seat: Seat, present: Present) -> None:
        super().__init__()
        self._jobs = jobs
        self._seat = seat
        self._present = present
        self._case_id = ""
        self.panel: CasePanel | None = None
        self.form: FormView | None = None
        self._cards: list[ClockCard] = []
        self._keys: list[QShortcut] = []
        self._last = ""
        self._drafted: Values = {}
        self._body = QVBoxLayout()
        self._body.setSpacing(8)
        self._body.setContentsMargins(12, 10, 12, 10)
        inside = QWidget()
        inside.setLayout(self._body)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setWidget(inside)
        self._scroll.setAccessibleName(tr("案件详情"))
        self._acts = QWidget()
        self._acts_grid = QGridLayout(self._acts)
        self._acts_grid.setContentsMargins(12, 6, 12, 10)
        self._acts_grid.setSpacing(6)
        self.said = QLabel()
        self.said.setWordWrap(True)
        self.said.setContentsMargins(12, 0, 12, 0)
        self.said.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._scroll, 1)
        layout.addWidget(self.said)
        layout.addWidget(self._acts)
        undo = QShortcut(QKeySequence("Ctrl+Z"), self, self.undo)
        undo.setContext(Qt.ShortcutContext.WindowShortcut)

    @property
    def case_id(self) -> str:
        """The case in sight; "" when there is none."""
        return self._case_id

    # Showing

    def show_case(self, case_id: str) -> None:
        """Show another case. A form half filled in stays with its case: it is asked for again."""
        if case_id == self._case_id and self.form is not None:
            return
        if case_id != self._case_id:
            self.keep_draft()
            self._close_form()
            self.said.hide()
        self._case_id = case_id
        self.refresh()

    def refresh(self) -> None:
        """Read the case again, as it stands."""
        case_id, desk = self._case_id, self._seat.desk
        if not case_id:
            return

        def job(work: Work) -> CasePanel | None:
            return cases.panel(work, desk, case_id)

        self._jobs.run(job, lambda found: self._show(case_id, found), self._failed)

    def changed(self, case_ids: frozenset[str]) -> None:
        """Cases changed below; read again if it is this one and nobody is filling in a form."""
        if self._case_id in case_ids and self.form is None:
            self.refresh()

    def _show(self, case_id: str, found: CasePanel | None) -> None:
        if case_id != self._case_id:
            return
        self.panel = found
        self._clear()
        if found is None:
            self._body.addWidget(QLabel(tr("此案已不在本单位范围内。")))
            self._show_acts(())
            return
        self._head(found)
        self._clocks(found)
        self._units(found)
        self._history(found)
        self._body.addStretch(1)
        self._show_acts(found.allowed)
        self.tick()

    def _clear(self) -> None:
        self._cards.clear()
        while (item := self._body.takeAt(0)) is not None:
            gone = item.widget()
            if gone is not None:
                gone.hide()
                gone.deleteLater()

    def _head(self, p: CasePanel) -> None:
        case = p.case
        now = self._present.now().shown_at
        title = QLabel(f"<span style='font-size:large'><b>{_escape(case.title)}</b></span>")
        title.setWordWrap(True)
        title.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._body.addWidget(title)
        reporter = p.names.get(case.reporter_unit, case.reporter_unit)
        at = fmt.day_and_minute(case.reported_at.shown_at, now)
        self._quiet(f"{case.number} · {words.STATES[case.state.value]} · {p.category_name}")
        station = p.names.get(case.station, tr("未定工作站"))
        told = tr("{0} {1} 上报").format(reporter, at)
        self._quiet(f"{_escape(case.place)} · {station} · {told}")
        if case.words:
            words_told = QLabel(_escape(case.words))
            words_told.setWordWrap(True)
            self._body.addWidget(words_told)

    def _quiet(self, text: str) -> None:
        label = QLabel(text)
        label.setObjectName("quiet")
        label.setWordWrap(True)
        self._body.addWidget(label)

    def _clocks(self, p: CasePanel) -> None:
        shown = p.case.clocks[-6:]
        if not shown:
            return
        grid = QGridLayout()
        grid.setSpacing(6)
        holder = QWidget()
        holder.setLayout(grid)
        grid.setContentsMargins(0, 0, 0, 0)
        for number, clock in enumerate(shown):
            card = ClockCard(clock, p.names.get(clock.owner, clock.owner), clock.owner == self._seat.desk.unit)
            self._cards.append(card)
            grid.addWidget(card, number // 2, number % 2)
            grid.setColumnStretch(number % 2, 1)
        self._body.addWidget(holder)

    def _units(self, p: CasePanel) -> None:
        for assignment in p.case.assignments:
            if assignment.ended or assignment.role is AssignmentRole.TOWN:
                continue
            name = p.names.get(assignment.receiver, assignment.receiver)
            phone = p.phones.get(assignment.receiver, "")
            told = assignment.delivered_at or assignment.notified_at
            state = tr("未送达:请电话通知") if told is None else _unit_state(assignment)
            role = words.ROLES[assignment.role.value]
            label = QLabel(f"<b>{role}</b>　{name}　☎ {phone}　<i>{state}</i>")
            label.setWordWrap(True)
            self._body.addWidget(label)

    def _history(self, p: CasePanel) -> None:
        self._quiet(tr("办理过程"))
        for step in reversed(p.case.history):
            if step.kind == "case.deliver":
                continue
            label = QLabel(self._line(p, step))
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.RichText)
            self._body.addWidget(label)

    def _line(self, p: CasePanel, step: Step) -> str:
        now = self._present.now().shown_at
        at = fmt.day_and_minute(step.at.shown_at, now)
        if step.at.grade is not Grade.ANCHORED:
            at = f"{at}({words.LIGHTS['doubtful']})"
        who = f"{p.names.get(step.unit, step.unit)} {p.names.get(step.actor, step.actor)}"
        parts = [f"{at} <b>{words.ACTS.get(step.kind, step.kind)}</b>"]
        if step.to:
            parts.append(f"→ {p.names.get(step.to, step.to)}")
        if step.result:
            parts.append(words.RESULTS.get(step.result, step.result))
        if step.note:
            parts.append(f"“{_escape(step.note)}”")
        parts.append(f"<small>{who}</small>")
        if step.capacity:
            parts.append(tr("(派驻)"))
        if step.on_behalf:
            waits = "" if step.ratified else tr(",待追认")
            parts.append(tr("(代录 {0}{1})").format(p.names.get(step.on_behalf, step.on_behalf), waits))
        state = p.acts.get(step.cmd_id)
        if state is not None and state.state in ("saved", "sent"):
            parts.append(f"<u>{words.ACT_STATES[state.state]}</u>")
        return " ".join(parts)

    def tick(self) -> None:
        """The second has turned."""
        now = self._present.now()
        for card in self._cards:
            card.tick(now)

    # Acting

    def _show_acts(self, kinds: tuple[str, ...]) -> None:
        for old in self._keys:
            old.setEnabled(False)
            old.deleteLater()
        self._keys.clear()
        while (item := self._acts_grid.takeAt(0)) is not None:
            gone = item.widget()
            if gone is not None:
                gone.hide()
                gone.deleteLater()
        keys = keys_for(kinds)
        for number, kind in enumerate(kinds):
            key = keys.get(kind, "")
            if key:
                shortcut = QShortcut(QKeySequence(key), self, lambda k=kind: self.begin(k))
                shortcut.setContext(Qt.ShortcutContext.WindowShortcut)
                self._keys.append(shortcut)
            if number >= ACTS_IN_BAR:
                continue
            button = QPushButton(f"{words.ACTS[kind]}  {key}")
            button.setObjectName("act")
            button.setProperty("first", number == 0)
            button.setAccessibleName(words.ACTS[kind])
            button.clicked.connect(lambda _on=False, k=kind: self.begin(k))
            self._acts_grid.addWidget(button, number // 4, number % 4)

    def begin(self, kind: str) -> None:
        """Start an act: at once when it asks for nothing, else with its form."""
        if self.panel is None or kind not in self.panel.allowed:
            return
        form = form_for(kind, self.panel, self._seat.desk.unit)
        self._close_form()
        if not form.fields:
            self._do(form, {})
            return
        self.form = FormView(form)
        self.form.done.connect(lambda values: self._do(form, values))
        self.form.cancelled.connect(self._cancelled)
        self.layout().insertWidget(1, self.form)  # type: ignore[union-attr]
        self.form.focus_first()
        self._drafted = self.form.values()
        view, person, name = self.form, self._seat.desk.person, drafts.form_of(self._case_id, kind)
        self._jobs.run(lambda work: drafts.read(work, person, name), lambda found: self._restore(view, found))

    def _restore(self, view: FormView, draft: Values) -> None:
        if draft and view is self.form and view.values() == self._drafted:
            view.restore(draft)

    def keep_draft(self) -> None:
        """Keep what is typed in the open form for the person who sits here."""
        form = self.form
        if form is not None and form.values() != self._drafted:
            self._write_draft(form.form.kind, form.values())

    def _write_draft(self, kind: str, values: Values) -> None:
        person, name = self._seat.desk.person, drafts.form_of(self._case_id, kind)
        self._jobs.run(lambda work: drafts.keep(work, person, name, values), lambda _none: None)

    def _cancelled(self) -> None:
        self.keep_draft()
        self._close_form()
        self.refresh()
        self.left.emit()

    def _close_form(self) -> None:
        if self.form is not None:
            self.form.hide()
            self.form.deleteLater()
            self.form = None

    def _do(self, form: Form, values: Values) -> None:
        desk, case_id = self._seat.desk, self._case_id
        args = form.build(values)

        def job(work: Work) -> Acted:
            acted = cases.act(work, desk, args, case_id)
            work.commit()
            return acted

        self._jobs.run(job, lambda acted: self._done(acted, form.kind), self._failed)

    def _done(self, acted: Acted, kind: str) -> None:
        if self.form is not None:
            self._write_draft(kind, {})
        self._close_form()
        self._last = acted.cmd_id
        self.say(tr("{0}:{1}　撤销 Ctrl+Z").format(words.ACTS[kind], words.ACT_STATES["saved"]))
        self.refresh()
        self.acted.emit(acted.case_id)
        self.left.emit()

    def _failed(self, error: Exception) -> None:
        names = self.panel.names if self.panel else {}
        if isinstance(error, Refused):
            text = words.refusal(error.code, error.args_by_name, names)
        else:
            text = words.REFUSALS["bug"]
        if self.form is not None:
            self.form.show_problem(text)
        else:
            self.say(text)

    def say(self, text: str) -> None:
        """One line above the acts."""
        self.said.setText(text)
        self.said.show()

    def undo(self) -> None:
        """撤销 the last own act on this case, or say why not."""
        desk = self._seat.desk
        target = self._last or (self.panel.undoable if self.panel else "")
        if not target:
            self.say(words.REFUSALS["not_undoable"])
            return

        def job(work: Work) -> Acted:
            acted = cases.undo(work, desk, target)
            work.commit()
            return acted

        self._jobs.run(job, self._undone, self._failed)

    def _undone(self, acted: Acted) -> None:
        self._last = ""
        self.say(tr("已撤销,两次操作都留有记录。"))
        self.refresh()
        self.acted.emit(acted.case_id)


def _unit_state(assignment: object) -> str:
    for fact, word in (
        ("handled_at", "已办结反馈"),
        ("opinion_at", "已反馈初步意见"),
        ("arrived_at", "已到场"),
        ("acknowledged_at", "已签收"),
    ):
        if getattr(assignment, fact) is not None:
            return tr(word)
    return tr("待签收")


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
