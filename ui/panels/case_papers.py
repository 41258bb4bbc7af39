"""The papers of a case over its panel: the card to read to whoever rings, and the slips of the units that have it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget

from models.papers import DispatchSlip, ReadingCard
from ui.dialogs.reading_card import ReadingCardDialog
from ui.papers.slip_dialog import SlipDialog


def show_reading(card: ReadingCard | None, over: QWidget) -> None:
    """The reading card (F11), if the case is here."""
    if card is not None:
        _open(ReadingCardDialog(card, over))


def show_slips(slips: tuple[DispatchSlip, ...], over: QWidget) -> bool:
    """派单 (Ctrl+P); False when nobody has the case yet."""
    if slips:
        _open(SlipDialog(slips, over))
    return bool(slips)


def _open(dialog: QDialog) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
