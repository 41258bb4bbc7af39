"""What is typed in the form that is open on a case and not sent: kept for whoever typed it, and put back when it is opened again."""

from __future__ import annotations

from services import drafts
from ui import words
from ui.form import Values
from ui.ports import Acts, Seat
from ui.widgets.form_view import FormView


class FormDraft:
    """`person`: whose it is."""

    def __init__(self, jobs: Acts, seat: Seat) -> None:
        self._jobs = jobs
        self._seat = seat
        self._view: FormView | None = None
        self._began: Values = {}
        self._name = self.person = ""

    def begin(self, view: FormView, case_id: str, code: str) -> None:
        """A form has been opened: what was typed in it before comes back, unless somebody types first."""
        self._view, self._began = view, view.values()
        self._name, self.person = drafts.form_of(case_id, code), self._seat.desk.person
        if view.form.build is not None:
            name, person = self._name, self.person
            self._jobs.run(lambda work: drafts.read(work, person, name), lambda found: self._restore(view, found))

    def _restore(self, view: FormView, draft: Values) -> None:
        if draft and view is self._view and view.values() == self._began:
            view.restore(draft)
            self._began = view.values()

    def keep(self) -> None:
        """Keep what is typed now."""
        view = self._view
        if view is None or view.is_handed_over or view.values() == self._began:
            return  # what is handed over is done, or kept, by the job that does it
        if (draft := self.now()) is not None:
            self._jobs.act(lambda work: drafts.keep(work, *draft), lambda _none: None, None, words.not_kept)

    def now(self) -> drafts.Draft | None:
        """What is typed; None in a form that keeps nothing."""
        view = self._view
        return None if view is None or view.form.build is None else drafts.Draft(self.person, self._name, view.typed())

    def end(self) -> None:
        """The form is closed."""
        self._view = None
