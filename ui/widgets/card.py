"""A part of a page under a title, with a hint that may change."""

from __future__ import annotations

from PySide6.QtWidgets import QFrame, QLabel, QLayout, QVBoxLayout, QWidget


class Card(QFrame):
    """`inside` under its title; `below` it what goes with it."""

    def __init__(self, title: str, hint: str, inside: QWidget, below: QLayout | None = None) -> None:
        super().__init__()
        self.setObjectName("card")
        self._title = title
        self._head = QLabel()
        self._head.setWordWrap(True)
        layout = QVBoxLayout(self)
        layout.addWidget(self._head)
        layout.addWidget(inside, 1)
        if below is not None:
            layout.addLayout(below)
        self.say(hint)

    def say(self, hint: str) -> None:
        """Another hint."""
        self._head.setText(f"<b>{self._title}</b>　<small>{hint}</small>")
