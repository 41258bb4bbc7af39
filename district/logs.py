"""Logs that rotate and hold no personal data."""

from __future__ import annotations

import logging
import sys
from pathlib import Path

from models.discreet_log import Discreet, rotating, uncaught


def set_up(file: Path | None) -> None:
    """Log warnings and worse, to a file that rotates, or to standard error."""
    if file is None:
        handler: logging.Handler = logging.StreamHandler()
        handler.setFormatter(Discreet())
    else:
        handler = rotating(file)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    sys.excepthook = uncaught
