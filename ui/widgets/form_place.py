"""Where one form at a time is filled in on a page, beside the table it is about."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.form import Form, Values
from ui.widgets.form_view import FormView


class FormPlace(QVBoxLayout):
    """`form` is the one that is open. When it is put away the keyboard goes back to `back`."""

    def __init__(self, back: QWidget) -> None:
        super().__init__()
        self._back = back
        self.form: FormView | None = None

    def open(self, form: Form, done: Callable[[Values], None]) -> FormView:
        """Open another one in the place of the one there is; `done` is given what was filled in. What was typed into the same
        form stays, when its key is pressed once more."""
        before = self.form
        typed = before.typed() if before is not None and before.form.title == form.title else {}
        self.put_away()
        view = FormView(form)
        view.restore(typed)
        self.form = view
        view.done.connect(done)
        view.cancelled.connect(self.put_away)
        self.addWidget(view)
        view.focus_first()
        return view

    def put_away(self) -> None:
        """No form any more."""
        if self.form is None:
            return
        self.form.hide()
        self.form.deleteLater()
        self.form = None
        self._back.setFocus()
