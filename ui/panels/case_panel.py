"""The case panel: what there is to know of a case, and what this person may do to it now, with forms and cards in place."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from models.clock import MINUTE_MS
from models.commands import Args, LogCall
from models.papers import CallCard
from models.views import CasePanel, LineState
from services import cases, papers
from services.cases import Acted
from services.work import Work
from ui import format as fmt
from ui import words
from ui.dialogs.call_card import CallCardView
from ui.dialogs.palette import Entry
from ui.forms import Form, Values, form_for
from ui.language import tr
from ui.panels import acting, case_papers
from ui.panels import case_acts as acts
from ui.panels.case_acts import LOG_CALL, ActBar, palette_entries
from ui.panels.case_search import answer_picker
from ui.panels.case_sheet import CaseSheet
from ui.panels.cut_off import CutOff
from ui.panels.dropped_files import DroppedFiles
from ui.panels.form_draft import FormDraft
from ui.ports import Acts, InWords, Present, Seat
from ui.spoken_forms import SPOKEN, choosing_form, duty_of, typed_form
from ui.widgets.form_view import FormView
from ui.widgets.in_use import JustNow
from ui.widgets.on_key import on_key
from ui.widgets.said import Said

SENDING = frozenset({"case.dispatch", "case.redispatch", "case.add_co_handler", "case.rule"})
"""Acts that send the case to somebody who must be rung while the line is down (D7)."""
View = FormView | CallCardView


class CasePanelWidget(QWidget):
    """Shows one case; `acted` after an act, `left` when Esc gives the focus back to the list, `opened_case` when another
    case is to be shown, `more_asked` when everything on offer is, `centre_asked` when what only the centre knows is;
    `attach_asked` when files are to be chosen for it, `files_given` with some that were dropped or pasted."""

    acted = Signal(str)
    left = Signal()
    opened_case = Signal(str)
    more_asked = Signal()
    centre_asked = Signal(str, str)
    attach_asked = Signal()
    files_given = Signal(object)

    def __init__(self, jobs: Acts, seat: Seat, present: Present) -> None:
        super().__init__()
        self._jobs = jobs
        self._seat = seat
        self._present = present
        self._case_id = ""
        self._online = True
        self._begin_next = ""
        self._went_on = JustNow()
        self.panel: CasePanel | None = None
        self.form: FormView | None = None
        self.card: CallCardView | None = None
        self._draft = FormDraft(jobs, seat)
        self.sheet = CaseSheet()
        self.sheet.opened_case.connect(self.opened_case)
        self.sheet.strip.left.connect(self.left)
        self.bar = ActBar()
        self.bar.chosen.connect(self._pressed)
        self.bar.more.connect(self.more_asked)
        self.cut_off, self.said = CutOff(), Said()
        self.said.setContentsMargins(12, 0, 12, 0)
        self.said.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.sheet, 1)
        for part in (self.cut_off, self.said, self.bar):
            layout.addWidget(part)
        DroppedFiles(self).given.connect(self.files_given)
        on_key("Ctrl+Z", self, self.undo)

    @property
    def case_id(self) -> str:
        """The case in sight; "" when there is none."""
        return self._case_id

    # Showing

    def show_case(self, case_id: str) -> None:
        """Show another case. A form half filled in stays with its case: it is asked for again."""
        if case_id == self._case_id and self.form is not None:
            return
        self._went_on.rest()
        if case_id != self._case_id:
            self.keep_draft()
            self._close_form()
            self.close_card()
            self._begin_next = ""
            self.said.hide()
        self._case_id = case_id
        self.refresh()

    def show_line(self, line: LineState) -> None:
        """Whether a dispatch reaches anybody by itself now."""
        online = line.state == "online"
        if online is not self._online:
            self._online = online
            self._offer_calls()

    def show_user(self) -> None:
        """Whoever sits here now sends nothing that another has typed: that is kept for the other."""
        if self.form is not None and self._draft.person != self._seat.desk.person:
            self.keep_draft()
            self._close_form()
        self.refresh()

    def refresh(self) -> None:
        """Read the case again, as it stands."""
        case_id, desk = self._case_id, self._seat.desk
        if not case_id:
            return

        def job(work: Work) -> CasePanel | None:
            return cases.panel(work, desk, case_id)

        self._jobs.run(job, lambda found: self._show(case_id, found), self._failed)
        self._renew_card()

    def changed(self, case_ids: frozenset[str]) -> None:
        """Cases changed below; read again if it is this one and nobody is filling in a form."""
        if self._case_id in case_ids and self.form is None:
            self.refresh()

    def _show(self, case_id: str, found: CasePanel | None) -> None:
        if case_id != self._case_id:
            return
        self.panel = found
        self.said.follow(found)
        wanted, self._begin_next = self._begin_next, ""
        self.sheet.show_panel(found, self._seat.desk.unit, self._present.now())
        self.bar.show_panel(found, self._seat.desk.unit)
        self._offer_calls()
        if wanted:
            self.begin(wanted)

    def begin_when_read(self, code: str) -> None:
        """Start it once the case in sight has been read again."""
        self._begin_next = code
        self.refresh()

    def _offer_calls(self) -> None:
        """What is to be known before the case is acted on while the line is down. An open card gets the room of the acts, and
        the clocks stay in sight above it."""
        self.bar.fold(self.card is not None)
        self.sheet.keep_clocks_in_sight(self.card is not None)
        panel = None if self._online else self.panel
        self.cut_off.show_panel(panel, self._seat.desk.unit, self._present.now().shown_at, self.card is not None)

    def tick(self) -> None:
        """The second has turned; the times on an open call card are reckoned anew each minute."""
        now = self._present.now()
        self.sheet.tick(now)
        if self.panel is not None and self.form is None and now.shown_at >= fmt.midnight_after(self.panel.asked_at):
            self.refresh()  # 23:50 was yesterday by now
        if self.card is not None and now.shown_at // MINUTE_MS != self.card.card.asked_at // MINUTE_MS:
            self._renew_card()

    # Beginning

    def entries(self) -> list[Entry]:
        """Everything this panel offers now, for the palette; `begin` takes the codes."""
        return palette_entries(self.panel, self._seat.desk.unit)

    def went_on(self) -> None:
        """Nobody chose the case in sight: the list has put it there."""
        self._went_on.happened()

    def _pressed(self, code: str) -> None:
        if self._went_on.on():
            self.say(tr("列表刚移到这一案,请看清后再按一次。"))
        else:
            self.begin(code)

    def begin(self, code: str) -> None:
        """Start what a key, a button or the palette asked for: an act, at once or with its form; 代录; a card; a paper."""
        p = self.panel
        if p is None:
            return
        if p.case.id != self._case_id:
            self._begin_next = code  # another is on its way: nothing is begun on it with what stands here of the last
            return
        typed = duty_of(p, code)
        if code == acts.READ:
            case_papers.read_out(self._jobs, self._seat.desk, self._case_id, self, self._failed)
        elif code == acts.SLIP:
            case_papers.print_slips(self._jobs, self._seat.desk, self._case_id, self, self.say, self._failed)
        elif code in (acts.REQUESTER, acts.EVIDENCE):
            self.centre_asked.emit(code, p.case.id)
        elif code == acts.ATTACH:
            self.attach_asked.emit()
        elif code == acts.FILES:
            self.sheet.show_files()
        elif code == acts.SIMILAR:
            self.sheet.follow_similar(p.similar)
        elif code == LOG_CALL and code in p.allowed:
            self.open_call_card()
        elif code == SPOKEN and p.spoken:
            self._open_form(choosing_form(p), code)
        elif typed is not None:
            self._open_form(typed_form(p, *typed, lambda: self._present.now().shown_at), code)
        elif code in p.allowed:
            self._open_form(form_for(code, p, self._seat.desk.unit), code)

    def _open_form(self, form: Form, code: str) -> None:
        self.keep_draft()
        self._close_form()
        self.close_card()
        if not form.fields:
            self._do(form, {})
            return
        self.form = FormView(form)
        self.form.done.connect(lambda values: self._do(form, values))
        self.form.cancelled.connect(self._cancelled)
        self.form.asked.connect(
            lambda picker, text: answer_picker(self._jobs, self._case_id, self._present.now().shown_at, picker, text)
        )
        self._insert(self.form)
        self.form.focus_first()
        self._draft.begin(self.form, self._case_id, code)

    def _insert(self, widget: QWidget) -> None:
        self.layout().insertWidget(1, widget)  # type: ignore[union-attr]

    def keep_draft(self) -> None:
        """Keep what is typed in the open form for the person who typed it."""
        self._draft.keep()

    def _cancelled(self) -> None:
        self.keep_draft()
        self._close_form()
        self.refresh()
        self.left.emit()

    def _close_form(self) -> None:
        self._draft.end()
        if self.form is not None:
            self.form.hide()
            self.form.deleteLater()
            self.form = None

    # Cards and papers

    def open_call_card(self) -> None:
        """Whom to ring and what to say; logs the call in one key."""
        if self.card is not None:
            self.card.focus_first()
            return
        self.keep_draft()
        self._close_form()
        desk, case_id = self._seat.desk, self._case_id
        self._jobs.run(lambda work: papers.call_card(work, desk, case_id), self._show_card, self._failed)

    def _renew_card(self) -> None:
        view, desk, case_id = self.card, self._seat.desk, self._case_id

        def renew(found: CallCard | None) -> None:
            if found is not None and view is not None and view is self.card:
                view.show_card(found)

        if view is not None:
            self._jobs.run(lambda work: papers.call_card(work, desk, case_id), renew, self._failed)

    def _show_card(self, found: CallCard | None) -> None:
        if found is None or found.case_id != self._case_id or self.form is not None or self.card is not None:
            return
        self.card = CallCardView(found, self.width())
        self.card.called.connect(self._log_call)
        self.card.put_away.connect(self._put_card_away)
        self.card.other.connect(self._call_in_words)
        self._insert(self.card)
        self.card.focus_first()
        self._offer_calls()

    def _log_call(self, args: LogCall) -> None:
        self._act(args, LOG_CALL)

    def _call_in_words(self) -> None:
        if self.panel is not None and LOG_CALL in self.panel.allowed:
            self._open_form(form_for(LOG_CALL, self.panel, self._seat.desk.unit), LOG_CALL)

    def _put_card_away(self) -> None:
        self.close_card()
        self.left.emit()

    def close_card(self) -> None:
        """Put the call card away; whoever has not been told is named above the acts instead."""
        if self.card is not None:
            self.card.hide()
            self.card.deleteLater()
            self.card = None
            self._offer_calls()

    # Acting

    def _do(self, form: Form, values: Values) -> None:
        if form.build is None:
            self.begin(str(values[form.fields[0].name]))
            return
        self._act(form.build(values), form.kind)

    def _act(self, args: Args, kind: str) -> None:
        desk, case, view, draft = self._seat.desk, self._case(), self.form or self.card, self._draft.now()

        def done(acted: Acted) -> None:
            if isinstance(view, CallCardView):
                view.logged()
            self._done(acted, kind, view, acting.name_of(args), desk.person)

        acting.act(self._jobs, desk, args, case, done, partial(self._not_done, case, view), draft)

    def _case(self) -> acting.CaseMeant:
        p = self.panel if self.panel is not None and self.panel.case.id == self._case_id else None
        return acting.CaseMeant(self._case_id, p.case.number if p else "", p.names if p else {})

    def _done(self, acted: Acted, kind: str, view: View | None, did: str, by: str) -> None:
        # Ctrl+Z would be about the case in sight, or undo what was done by whoever sits here by now.
        if acted.case_id != self._case_id or by != self._seat.desk.person:
            self.say(tr("{0}:{1}").format(acted.number, f"{did} {words.ACT_STATES['saved']}"))
            self.acted.emit(acted.case_id)
            return
        had_focus = self._has_focus()
        if view is not None and view is self.form:
            self._close_form()
        self.said.say_done(acted.cmd_id, did)
        if self.card is not None and kind == LOG_CALL:
            self._after_call(acted)
            return
        self.refresh()
        self.acted.emit(acted.case_id)
        if self.form is not None:
            return  # quick fingers have begun the next act already: its form keeps the cursor
        if kind in SENDING and not self._online:
            self.open_call_card()
        elif had_focus:
            self.left.emit()

    def _has_focus(self) -> bool:
        """False while somebody types elsewhere: an answer that comes late takes no cursor from there."""
        held = self.window().focusWidget()
        return held is None or held is self or self.isAncestorOf(held)

    def _after_call(self, acted: Acted) -> None:
        """One call is logged: on to the next who waits; when nobody does, the card has done its work."""
        desk = self._seat.desk

        def done(found: CallCard | None) -> None:
            if self.card is not None and not (found is not None and any(c.waits for c in found.callees)):
                self.close_card()
                self.left.emit()
            self.refresh()
            self.acted.emit(acted.case_id)

        self._jobs.run(lambda work: papers.call_card(work, desk, acted.case_id), done, self._failed)

    def _not_done(self, case: acting.CaseMeant, view: View | None, error: Exception, told: InWords) -> None:
        if case.id != self._case_id or view is not (self.form or self.card):
            self.say(told(error))  # what is open here is about another case or another act, and may be on its way
        elif view is not None:
            view.show_refusal(words.trouble(error, case.names), error)
        else:
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        self.say(words.trouble(error, self.panel.names if self.panel else {}))

    def say(self, text: str) -> None:
        """One line above the acts."""
        self.said.say(text)

    def undo(self) -> None:
        """撤销 the last own act on the case in sight, or say why not. What was done to another case is undone there."""
        case = self._case()
        if case.id:
            acting.undo(self._jobs, self._seat.desk, case, self._undone, partial(self._not_done, case, None))

    def _undone(self, acted: Acted) -> None:
        self.say(tr("已撤销 {0} 的上一项操作,两次操作都留有记录。").format(acted.number))
        self.refresh()
        self.acted.emit(acted.case_id)
