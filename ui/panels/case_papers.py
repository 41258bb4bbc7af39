"""The papers of a case over its panel: the card to read to whoever rings, and the slips of the units that have it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget

from models.papers import DispatchSlip, ReadingCard
from services import papers
from services.desk import Desk
from ui.dialogs.reading_card import ReadingCardDialog
from ui.language import tr
from ui.papers.slip_dialog import SlipDialog
from ui.ports import Jobs
from ui.widgets.lock_page import LockPage

Failed = Callable[[Exception], None]


def read_out(jobs: Jobs, desk: Desk, case_id: str, over: QWidget, failed: Failed) -> None:
    """The reading card (F11), if the case is here."""

    def show(card: ReadingCard | None) -> None:
        if card is not None:
            _open(over, lambda: ReadingCardDialog(card, over))

    jobs.run(lambda work: papers.reading_card(work, desk, case_id), show, failed)


def print_slips(
    jobs: Jobs, desk: Desk, case_id: str, over: QWidget, say: Callable[[str], None], failed: Failed
) -> None:
    """派单 of every unit that has the case (Ctrl+P); said when nobody has it yet."""

    def show(slips: tuple[DispatchSlip, ...]) -> None:
        if slips:
            _open(over, lambda: SlipDialog(slips, over))
        else:
            say(tr("还没有派给任何单位,没有派单可印。"))

    jobs.run(lambda work: papers.slips(work, desk, case_id), show, failed)


def _open(over: QWidget, make: Callable[[], QDialog]) -> None:
    """Unless the window was locked, or closed, before the case had been read."""
    lock: QWidget | None = over.window().findChild(LockPage)
    if not over.window().isVisible() or (lock is not None and lock.isVisible()):
        return
    dialog = make()
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
