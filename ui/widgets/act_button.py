"""A button as acts look, which Enter does not press by itself."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton


def act_button(text: str, verb: object) -> QPushButton:
    """With what it says and does."""
    button = QPushButton(text)
    button.setObjectName("act")
    button.setAutoDefault(False)
    button.clicked.connect(verb)
    return button
