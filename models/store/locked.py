"""Is this store encrypted, and does this key open it? Asked before anybody may call a file damaged (docs/decisions/0012)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from models.errors import Refused
from models.store.carve import PAGE_BYTES, frames_of, wal_path
from models.store.page_cipher import MAGIC, PageCipher
from models.store.store_key import StoreKey, keep_key_id, known_key_id

NOISE_VALUES = 240
"""A page with so many of the 256 byte values is noise: encrypted ones have nearly all, tables and text far fewer."""


def is_plain(file: Path) -> bool:
    """True when the file begins as SQLite's own do: whatever a note says, this one is not encrypted."""
    try:
        with file.open("rb") as opened:
            return opened.read(len(MAGIC)) == MAGIC
    except OSError:
        return False


def is_locked(file: Path) -> bool:
    """True when something stands here that only a key can read."""
    wal = wal_path(file)
    there = any(part.exists() and part.stat().st_size for part in (file, wal))
    return there and not is_plain(file) and (bool(known_key_id(file)) or _is_noise(file))


def refuse_without_key(file: Path, key: StoreKey | None) -> None:
    """Refused("store_locked") when the store is encrypted and there is no key, ("store_key_wrong") when it is another
    one's. Nothing is touched."""
    if not is_locked(file):
        return
    if key is None:
        raise Refused("store_locked")
    cipher = PageCipher(key)
    if any(cipher.is_whole(number, page) for number, page in _pages(file)):
        keep_key_id(file, key.id)
    elif known_key_id(file) not in ("", key.id) or _is_noise(file):
        raise Refused("store_key_wrong")


def _is_noise(file: Path) -> bool:
    """True when most of what stands here looks encrypted: the last defence, should the note be lost."""
    noisy = [len(set(page)) >= NOISE_VALUES for _number, page in _pages(file)]
    return bool(noisy) and sum(noisy) * 2 > len(noisy)


def _pages(file: Path) -> Iterator[tuple[int, bytes]]:
    """Number and content of each whole page: the file's, then the log's."""
    if file.exists():
        with file.open("rb") as opened:
            number = 0
            while len(page := opened.read(PAGE_BYTES)) == PAGE_BYTES:
                number += 1
                yield number, page
    wal = wal_path(file).read_bytes() if wal_path(file).exists() else b""
    size, frames = frames_of(wal)
    for frame in frames if size == PAGE_BYTES else ():
        yield frame.page, wal[frame.offset : frame.offset + size]
