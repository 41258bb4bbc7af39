"""Logs that rotate and hold no personal data: kinds, ids and codes, never what somebody typed (models/discreet_log.py)."""

from __future__ import annotations

import faulthandler
import logging
import sys
import threading
from pathlib import Path
from types import TracebackType

from PySide6.QtCore import QMessageLogContext, QObject, QtMsgType, Signal, qInstallMessageHandler

from models.discreet_log import make_room, rotating, uncaught

_HARMLESS = ("propagateSizeHints",)


class Mishaps(QObject):
    """`came` when something failed that nobody caught, on whichever thread: a key that was pressed did nothing, and a person must
    be told that it is not he (models/errors.py Bug)."""

    came = Signal()


MISHAPS = Mishaps()


def begin(folder: Path, name: str = "console") -> None:
    """Log to a rotating file in `folder`; exceptions nobody caught and Qt's own words go there too."""
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    root.addHandler(rotating(folder / f"{name}.log"))
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    crash = folder / ("crash.log" if name == "console" else f"{name}-crash.log")
    make_room(crash)
    faulthandler.enable(crash.open("a", encoding="utf-8"))
    sys.excepthook = _uncaught
    threading.excepthook = _uncaught_in_thread
    sys.unraisablehook = _unraisable
    qInstallMessageHandler(_from_qt)


def _uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    uncaught(kind, error, trace)
    if not issubclass(kind, KeyboardInterrupt):
        MISHAPS.came.emit()


def _uncaught_in_thread(told: threading.ExceptHookArgs) -> None:
    if told.exc_value is not None and not issubclass(told.exc_type, SystemExit):
        _uncaught(told.exc_type, told.exc_value, told.exc_traceback)


def _unraisable(told: object) -> None:
    error: BaseException | None = getattr(told, "exc_value", None)
    if error is not None:
        uncaught(type(error), error, error.__traceback__)


def _from_qt(kind: QtMsgType, _where: QMessageLogContext, text: str) -> None:
    if not any(word in text for word in _HARMLESS):
        level = logging.INFO if kind in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg) else logging.WARNING
        logging.getLogger("qt").log(level, text)
