"""One console at a time over the stores of an account: each takes what the centre sends out of the feed, and a second window
would not be told of what the first one took: no new case on its screen, no alarm."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QLockFile

LOCK = "running.lock"


def only_one(base: Path) -> QLockFile | None:
    """To be held as long as the program runs; None when another one holds it. One left by a program that was killed counts for
    nothing. OSError when the folder cannot be made."""
    base.mkdir(parents=True, exist_ok=True)
    lock = QLockFile(str(base / LOCK))
    lock.setStaleLockTime(0)  # a console runs for weeks: only whether its process is there tells
    return None if not lock.tryLock(0) and lock.error() is QLockFile.LockError.LockFailedError else lock
