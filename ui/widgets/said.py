"""One line above the acts: what has just been done, or why not; it does not outlive what it says."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from models.views import CasePanel
from ui import words
from ui.language import tr

SAVED = "saved"


class Said(QLabel):
    """`say` anything; `say_done` of an act, whose state is told anew when it has become another."""

    def __init__(self) -> None:
        super().__init__()
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self._act = ("", "")
        self._state = ""

    def say(self, text: str) -> None:
        """Say this."""
        self._act = ("", "")
        self.setText(text)
        self.show()

    def say_done(self, cmd_id: str, what: str) -> None:
        """An act is saved here; until it is on its way it can be taken back."""
        self.say(tr("{0}:{1}　撤销 Ctrl+Z").format(what, words.ACT_STATES[SAVED]))
        self._act, self._state = (cmd_id, what), SAVED

    def follow(self, found: CasePanel | None) -> None:
        """The case was read again: an act that has been sent, or has its outcome, is said to."""
        cmd_id, what = self._act
        act = found.acts.get(cmd_id) if found is not None and cmd_id else None
        if act is not None and act.state != self._state:
            self._state = act.state
            self.setText(tr("{0}:{1}").format(what, words.ACT_STATES[act.state]))
