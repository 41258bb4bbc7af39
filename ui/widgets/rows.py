"""Buttons in as few rows as their words allow, in any language: no word is cut off in a narrow panel."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QGridLayout, QPushButton

SPACE = 6


def per_row(buttons: Sequence[QPushButton], room: int, most: int) -> int:
    """How many go into a row, `most` at most, so that `room` pixels hold them."""
    widths = [button.sizeHint().width() for button in buttons]
    for columns in range(most, 1, -1):
        if sum(max(widths[n::columns], default=0) + SPACE for n in range(columns)) <= room + SPACE:
            return columns
    return 1


def fill_rows(grid: QGridLayout, buttons: Sequence[QPushButton], room: int, most: int) -> None:
    """Put the buttons into the grid, row by row."""
    columns = per_row(buttons, room, most)
    for number, button in enumerate(buttons):
        grid.addWidget(button, number // columns, number % columns)
