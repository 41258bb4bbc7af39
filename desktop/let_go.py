"""When a dialog over the console's window is put away, it goes, and what worked for it with it."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QDialog


class Waits(Protocol):
    """Something that was asked, and that may be waited for no longer."""

    def give_up(self) -> None: ...


def goes_when_put_away(dialog: QDialog, works_for_it: QObject, *asked: Waits) -> None:
    """Nobody waits then for what was asked; nor when the dialog goes with its window, without having been put away. What must
    be finished all the same goes on, and looks whether there is still somebody to tell."""
    for question in asked:
        dialog.finished.connect(question.give_up)
        dialog.destroyed.connect(question.give_up)
    dialog.finished.connect(dialog.deleteLater)
    works_for_it.setParent(dialog)
