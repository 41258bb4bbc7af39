"""How wide the columns of the queue are, and which give way so that what a case is about keeps room."""

from __future__ import annotations

from PySide6.QtWidgets import QHeaderView, QTableView

from ui import theme
from ui.delegates.cells import countdown_width
from ui.models.queue_model import COLUMNS

WIDTHS = {"stage": 70, "station": 76, "lead": 108, "channel": 66, "next": 118}
TITLE_WIDTH = 210
GIVE_WAY = ("channel", "station", "stage")
"""In this order: the case panel says them all; what is due, what it is, who has it and what comes next stay."""


def set_up_columns(table: QTableView) -> None:
    """The widths at the table's text size; what a case is about takes the rest."""
    for number, name in enumerate(COLUMNS):
        if name == "title":
            table.horizontalHeader().setSectionResizeMode(number, QHeaderView.ResizeMode.Stretch)
        else:
            table.setColumnWidth(number, _width(table, name))


def fit_columns(table: QTableView, width: int) -> None:
    """Hide as few columns as leave room for what the cases are about, in a table so wide."""
    taken = sum(_width(table, name) for name in COLUMNS if name != "title")
    room = width - table.verticalScrollBar().sizeHint().width() - _scaled(table, TITLE_WIDTH)
    for name in GIVE_WAY:
        is_short = taken > room
        taken -= _width(table, name) if is_short else 0
        number = COLUMNS.index(name)
        if table.isColumnHidden(number) is not is_short:
            table.setColumnHidden(number, is_short)


def _width(table: QTableView, name: str) -> int:
    return countdown_width(table.font()) if name == "due" else _scaled(table, WIDTHS[name])


def _scaled(table: QTableView, width: int) -> int:
    return round(width * table.font().pointSizeF() / theme.POINT_SIZE)
