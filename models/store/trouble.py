"""What an error of the database means, and who must act: the person (full, damaged, forbidden), or nobody (busy)."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from models.errors import Refused, Weather

ROOM_BYTES = 1_000_000
"""With less than this left, an input or output error is the disk being full: SQLite keeps files beside the store, and
says no more than "I/O error" when those cannot grow."""

_BUSY, _LOCKED, _READ_ONLY, _IO_ERROR, _CORRUPT, _FULL, _CANNOT_OPEN, _NOT_A_DATABASE = 5, 6, 8, 10, 11, 13, 14, 26


def is_damage(error: DBAPIError, file: Path) -> bool:
    """True when the file is damaged or no database (sqlite.org/rescode.html), or when the disk does not give it back."""
    code = _code(error)
    return code in (_CORRUPT, _NOT_A_DATABASE) or (code == _IO_ERROR and not _is_readable(file))


def worded(error: DBAPIError, file: Path) -> Refused | Weather | DBAPIError:
    """The error as the person should meet it; the error itself when it is a bug of ours.

    Refused("store_full"), ("store_unreadable") for a file that will be salvaged at the next start, ("store_forbidden"),
    ("store_io") for a disk that failed at it and may do it the next time; Weather("store_busy").
    """
    code = _code(error)
    if code == _FULL or (code in (_IO_ERROR, _CANNOT_OPEN) and _room(file) < ROOM_BYTES):
        return Refused("store_full")
    if is_damage(error, file):
        return Refused("store_unreadable")
    if code == _IO_ERROR:
        return Refused("store_io")
    if code in (_BUSY, _LOCKED):
        return Weather("store_busy", str(error.orig))
    if code in (_READ_ONLY, _CANNOT_OPEN):
        return Refused("store_forbidden", folder=str(file.parent))
    return error


@contextmanager
def in_words(engine: Engine) -> Iterator[None]:
    """An error of this file's database leaves the block as the person should meet it."""
    try:
        yield
    except DBAPIError as error:
        raise worded(error, Path(engine.url.database or "")) from error.orig


def _code(error: DBAPIError) -> int:
    return int(getattr(error.orig, "sqlite_errorcode", 0) or 0) & 0xFF


def _room(file: Path) -> int:
    folder = next((f for f in file.absolute().parents if f.exists()), Path("/"))
    return shutil.disk_usage(folder).free


def _is_readable(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            while opened.read(1 << 20):
                pass
    except OSError:
        return False
    return True
