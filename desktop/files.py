"""Where this workstation keeps its stores: one folder per (centre, unit), on a local disk (D21)."""

from __future__ import annotations

import hashlib
from pathlib import Path

from PySide6.QtCore import QStandardPaths


def data_folder() -> Path:
    """The program's own folder in the user's local data."""
    where = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericDataLocation)
    return Path(where) / "joint-response-console"


def store_folder(base: Path, address: str, unit: str) -> Path:
    """The folder of one unit's file with one centre."""
    return base / f"{unit}-{hashlib.sha256(address.encode()).hexdigest()[:8]}"
