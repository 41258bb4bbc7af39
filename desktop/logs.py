"""Logs that rotate and hold no personal data: kinds, ids and codes, never what somebody typed."""

from __future__ import annotations

import faulthandler
import logging
import sys
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QtMsgType, qInstallMessageHandler

_HARMLESS = ("propagateSizeHints",)


def begin(folder: Path) -> None:
    """Log to a rotating file in `folder`; exceptions nobody caught and Qt's own words go there too."""
    folder.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(folder / "console.log", maxBytes=1_000_000, backupCount=5, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    root.addHandler(handler)
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    faulthandler.enable((folder / "crash.log").open("a", encoding="utf-8"))
    sys.excepthook = _uncaught
    qInstallMessageHandler(_from_qt)


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    logging.getLogger("crash").error("uncaught", exc_info=(kind, error, trace))
    sys.__excepthook__(kind, error, trace)


def _from_qt(kind: QtMsgType, _where: QMessageLogContext, text: str) -> None:
    if not any(word in text for word in _HARMLESS):
        level = logging.INFO if kind in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) else logging.WARNING
        logging.getLogger("qt").log(level, text)
