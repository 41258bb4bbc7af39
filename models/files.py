"""Small files that are there whole or not at all, even when the disk is full or the power goes."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from models.errors import Refused

FOR_ITS_OWNER = 0o600
"""The mode of a file that nobody but its owner reads."""


def write_whole(file: Path, content: bytes, mode: int = 0o644) -> None:
    """Replace the file by `content`. When that fails the file is as it was: Refused("store_full"), or OSError."""
    write_pieces(file, (content,), mode)


def write_pieces(file: Path, pieces: Iterable[bytes], mode: int = 0o644) -> None:
    """The same for what is too large to be held at once; what `pieces` raises passes through."""
    making = file.with_name(f"{file.name}.making")
    with told_when_full():
        try:
            handle = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
            with os.fdopen(handle, "wb") as opened:
                for piece in pieces:
                    opened.write(piece)
                opened.flush()
                os.fsync(opened.fileno())
            making.replace(file)
        except BaseException:
            making.unlink(missing_ok=True)
            raise


def free_bytes(folder: Path) -> int:
    """How much this account may still write where the folder lies."""
    return shutil.disk_usage(folder).free


def is_full(error: OSError) -> bool:
    """True when there is no more room, on the disk or for this account."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def told_when_full() -> Iterator[None]:
    """Refused("store_full") for what fails for want of room; every other OSError passes through."""
    try:
        yield
    except OSError as error:
        if is_full(error):
            raise Refused("store_full") from error
        raise


def sync_folder(folder: Path) -> None:
    """Make renames in the folder durable, where the system knows how."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
