"""Logs that hold no personal data and do not grow for ever: what went wrong and where in our code, never the values it
went wrong with. One way of writing for the console, its processes and the district centre."""

from __future__ import annotations

import logging
import re
import sys
import traceback
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType

ROTATE_BYTES = 1_000_000
KEPT = 5
_FIRST_WORDS = re.compile(r"[\w ]*")
LINE = "%(asctime)s %(levelname)s %(name)s %(message)s"

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def spoor(error: BaseException | None) -> str:
    """An exception as its type and the places it passed, and so each that caused it; its message may quote a database
    row, a request, or what somebody typed."""
    lines: list[str] = []
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        frames = traceback.extract_tb(error.__traceback__)
        lines += [f"  {Path(f.filename).name}:{f.lineno} in {f.name}" for f in frames]
        lines.append(type(error).__name__)
        error = error.__cause__ or error.__context__
    return "\n".join(lines)


class Discreet(logging.Formatter):
    """Writes an exception as its `spoor`."""

    def __init__(self) -> None:
        super().__init__(LINE)

    def formatException(self, ei: _ExcInfo) -> str:
        """See logging.Formatter."""
        return spoor(ei[1])

    def format(self, record: logging.LogRecord) -> str:
        """See logging.Formatter."""
        record.exc_text = None  # another handler may have written it in full
        if record.name == "asyncio":  # its messages end in the exception and the arguments themselves
            record.msg, record.args = _FIRST_WORDS.match(record.getMessage())[0], None  # type: ignore[index]
        return super().format(record)


def rotating(file: Path) -> logging.Handler:
    """A log file that rotates, written discreetly."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handler = RotatingFileHandler(file, maxBytes=ROTATE_BYTES, backupCount=KEPT, encoding="utf-8")
    handler.setFormatter(Discreet())
    return handler


def make_room(file: Path) -> None:
    """Before something appends to the file by itself: a file that has grown too large gives its name up, one is kept."""
    if file.exists() and file.stat().st_size > ROTATE_BYTES:
        file.replace(file.with_name(f"{file.name}.1"))


def uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """In the place of sys.excepthook: into the log, and onto standard error (often a file of the desktop), discreetly."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    logging.getLogger("crash").error("uncaught", exc_info=(kind, error, trace))
    if sys.stderr is not None and not _writes_to_stderr():
        sys.stderr.write(f"{spoor(error)}\n")


def _writes_to_stderr() -> bool:
    return any(type(handler) is logging.StreamHandler for handler in logging.getLogger().handlers)
