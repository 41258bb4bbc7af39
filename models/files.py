"""Small files that are there whole or not at all, even when the disk is full or the power goes."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from models.errors import Refused


def write_whole(file: Path, content: bytes, mode: int = 0o644) -> None:
    """Replace the file by `content`. When that fails the file is as it was: Refused("store_full"), or OSError."""
    making = file.with_name(f"{file.name}.making")
    try:
        handle = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
        with os.fdopen(handle, "wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        making.replace(file)
    except OSError as error:
        making.unlink(missing_ok=True)
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
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
