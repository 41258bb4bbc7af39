"""Logs that rotate and hold no personal data: what went wrong and where in our code, never the values it went wrong with."""

from __future__ import annotations

import logging
import logging.handlers
import traceback
from pathlib import Path
from types import TracebackType

ROTATE_BYTES = 1_000_000
KEPT = 5

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Discreet(logging.Formatter):
    """Writes an exception as its type and the places it passed; its message may quote a database row or a request."""

    def formatException(self, ei: _ExcInfo) -> str:
        """See logging.Formatter."""
        kind, error, _ = ei
        lines: list[str] = []
        while error is not None:
            frames = traceback.extract_tb(error.__traceback__)
            lines += [f"  {Path(f.filename).name}:{f.lineno} in {f.name}" for f in frames]
            lines.append(type(error).__name__)
            error = error.__cause__ or error.__context__
        return "\n".join(lines) if kind is not None else ""

    def format(self, record: logging.LogRecord) -> str:
        """See logging.Formatter."""
        record.exc_text = None
        return super().format(record)


def set_up(file: Path | None) -> None:
    """Log warnings and worse, to a file that rotates, or to standard error."""
    handler: logging.Handler = logging.StreamHandler()
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.handlers.RotatingFileHandler(file, maxBytes=ROTATE_BYTES, backupCount=KEPT, encoding="utf-8")
    handler.setFormatter(Discreet("%(asctime)s %(name)s %(levelname)s %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
