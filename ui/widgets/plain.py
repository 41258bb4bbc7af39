"""Text as it was typed. Qt takes what looks like HTML for HTML: words would vanish, and a picture named in a case's title would be
fetched from wherever it lies."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel


def told_line(name: str) -> QLabel:
    """A line that wraps, of plain text; `name` is how the theme knows it."""
    found = QLabel()
    found.setObjectName(name)
    found.setWordWrap(True)
    found.setTextFormat(Qt.TextFormat.PlainText)
    return found


def say_or_hide(line: QLabel, text: str) -> None:
    """What says nothing takes no room."""
    line.setText(text)
    line.setVisible(bool(text))


def tip(text: str) -> str:
    """The text for a tool tip."""
    return f"<p>{escape(text)}</p>".replace("\n", "<br>") if "<" in text or "&" in text else text


def on_button(text: str) -> str:
    """The text for a button, where & would underline the next letter and make it a key."""
    return text.replace("&", "&&")
