"""The shipped program, `main.py run`; besides, it answers each line on its input with what the keyboard meets now.

Only read: the answer is taken from the widgets of the running window, and nothing in them is changed.
"""

from __future__ import annotations

import sys

import msgspec
from PySide6.QtCore import QEvent, QObject, QSocketNotifier
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtWidgets import QApplication

from desktop.commands import main
from desktop.console import Console


class Met(msgspec.Struct, frozen=True):
    """What the keyboard meets: the window in front, the field in it, its text, and what is composed but not yet text."""

    window: str
    field: str
    text: str
    composed: str
    form: str
    acts: int
    rows: int
    said: str


class Answering(QObject):
    """Answers on standard output, in the program's own thread."""

    def __init__(self, console: Console, application: QApplication) -> None:
        super().__init__(console)
        self._console = console
        self._application = application
        self._composed = ""
        application.installEventFilter(self)
        self._asked = QSocketNotifier(sys.stdin.fileno(), QSocketNotifier.Type.Read, self)
        self._asked.activated.connect(self._answer)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Notice what the input method composes; nothing is held back."""
        if isinstance(event, QInputMethodEvent):
            self._composed = event.preeditString()
        return False

    def _answer(self) -> None:
        if not sys.stdin.readline():
            self._asked.setEnabled(False)
            return
        print(msgspec.json.encode(self._met()).decode(), flush=True)

    def _met(self) -> Met:
        front, field, window = self._application.activeWindow(), self._application.focusWidget(), self._console.window
        panel = window.panel
        form = panel.form.form.kind if panel.form is not None else ""
        return Met(
            front.windowTitle() if front else "",
            field.accessibleName() if field else "",
            str(field.property("text") or "") if field else "",
            self._composed,
            form,
            len(panel.panel.allowed) if panel.panel else 0,
            window.queue.model.rowCount(),
            panel.said.text(),
        )


_started = Console.start


def _start(self: Console) -> None:
    application = QApplication.instance()
    assert isinstance(application, QApplication)
    Answering(self, application)
    _started(self)


if __name__ == "__main__":
    Console.start = _start  # type: ignore[method-assign]
    sys.exit(main(["run"]))
