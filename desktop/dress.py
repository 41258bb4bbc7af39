"""Putting somebody's settings into force for the whole program."""

from __future__ import annotations

from PySide6.QtWidgets import QApplication

from services.settings import Settings
from ui import language, theme


def dress(settings: Settings) -> None:
    """Language, colours and text size; windows made from now on wear them."""
    language.choose(settings.language)
    application = QApplication.instance()
    if isinstance(application, QApplication):
        theme.apply(application, theme.THEMES[settings.theme], settings.size_percent / 100)
