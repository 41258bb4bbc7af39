"""A folder of files named by their own hash: the bytes of photographs and files, on both sides (sync.md §3.2).

A file has its name only when it is whole, verified and durable; what is still coming lies in `parts`. Nothing is ever
changed under a name.
"""

from __future__ import annotations

import hashlib
import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Protocol

import msgspec

from models.attachment import SHA256
from models.errors import Refused
from models.files import sync_folder, told_when_full

PIECE = 1024 * 1024
"""So many bytes are read at a time."""

_PRIVATE = 0o700
_NEW = "new-"
_numbers = itertools.count()


class Taken(msgspec.Struct, frozen=True):
    """A file that was taken in: its hash and its size in bytes."""

    sha256: str
    size: int


class Written(Protocol):
    """What is being written: its bytes in order, then the hash of them all."""

    def write(self, body: bytes) -> None: ...

    def end(self, digest: bytes) -> None: ...


class BlobFolder:
    """The folder is made when the first file comes. Every OSError passes through; a full disk is Refused("store_full")."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def file_of(self, sha256: str) -> Path:
        """Where the file with that hash lies, or would."""
        if not SHA256.fullmatch(sha256):
            raise ValueError("no hash")
        return self.folder / sha256[:2] / sha256

    def has(self, sha256: str) -> bool:
        """True when the file is here, whole."""
        return self.file_of(sha256).is_file()

    def part_of(self, sha256: str, owner: str = "") -> Path:
        """Where what has come of the file so far lies; each `owner` has a part of its own."""
        return self.folder / "parts" / (f"{owner}.{sha256}" if owner else sha256)

    def part_size(self, sha256: str, owner: str = "") -> int:
        """How many bytes of it have come."""
        part = self.part_of(sha256, owner)
        return part.stat().st_size if part.is_file() else 0

    def size_of(self, sha256: str) -> int:
        """How many bytes the file holds."""
        return self.file_of(sha256).stat().st_size

    def read(self, sha256: str, offset: int, size: int) -> bytes:
        """So many bytes from there on; fewer at the end."""
        with self.file_of(sha256).open("rb") as opened:
            opened.seek(offset)
            return opened.read(size)

    def pieces(self, sha256: str) -> Iterator[bytes]:
        """The whole file, never all of it at once."""
        for offset in range(0, self.size_of(sha256), PIECE):
            yield self.read(sha256, offset, PIECE)

    def append(self, sha256: str, body: bytes, owner: str = "", *, is_last: bool = False) -> int:
        """Add the next bytes to the part; how many it has now. Not synced: what a power cut spoils, the hash finds.
        `is_last`: nothing will follow."""
        part = self.part_of(sha256, owner)
        self._make(part.parent)
        with told_when_full(), part.open("ab") as opened:
            opened.write(body)
        return part.stat().st_size

    def drop_part(self, sha256: str, owner: str = "") -> None:
        """The part is of no use any more."""
        self.part_of(sha256, owner).unlink(missing_ok=True)

    def finish(self, sha256: str, owner: str = "", *, in_place_of_it: bool = False) -> bool:
        """Give the part its name, if it has that hash: False when it has not. The part itself stays until it is dropped, so
        that whoever is cut off here can do it again. `in_place_of_it`: what has that name is known to be spoilt."""
        part = self.part_of(sha256, owner)
        with part.open("r+b") as opened:
            if digest_of(opened) != sha256:
                return False
            os.fsync(opened.fileno())
        if in_place_of_it:
            self.file_of(sha256).unlink(missing_ok=True)
        self._name(part, sha256)
        return True

    def take(self, source: Path, at_most: int) -> Taken:
        """Copy a file in, hashed on the way. Refused("attachment_empty"), ("attachment_too_large"),
        ("attachment_unreadable"), ("store_full")."""
        try:
            opened = source.open("rb")
        except OSError as error:
            raise Refused("attachment_unreadable") from error
        with opened:
            return self._take(opened.read, new_owner(), at_most)

    def take_bytes(self, body: bytes, at_most: int) -> Taken:
        """The same for what was never a file (a picture from the clipboard)."""
        left = [body]
        return self._take(lambda _size: left.pop() if left else b"", new_owner(), at_most)

    def take_read(self, read: Callable[[int], bytes], at_most: int) -> Taken:
        """The same for what comes from elsewhere, piece by piece; its OSError is Refused("attachment_unreadable")."""
        return self._take(read, new_owner(), at_most)

    def _take(self, read: Callable[[int], bytes], owner: str, at_most: int) -> Taken:
        part = self.part_of("incoming", owner)
        try:
            taken = self._copied(read, part, at_most)
            self._name(part, taken.sha256)
        finally:
            part.unlink(missing_ok=True)
        return taken

    def _copied(self, read: Callable[[int], bytes], part: Path, at_most: int) -> Taken:
        self._make(part.parent)
        digest, size = hashlib.sha256(), 0
        with told_when_full(), part.open("w+b") as opened:
            written = self._written(opened)
            while piece := _read(read):
                size += len(piece)
                if size > at_most:
                    raise Refused("attachment_too_large", most=at_most // PIECE)
                digest.update(piece)
                written.write(piece)
            if not size:
                raise Refused("attachment_empty")
            written.end(digest.digest())
            opened.flush()
            os.fsync(opened.fileno())
        return Taken(digest.hexdigest(), size)

    def _written(self, opened: IO[bytes]) -> Written:
        return _PlainWritten(opened)

    def _name(self, part: Path, sha256: str) -> None:
        """The part is whole: what has its name already stays, unless that is spoilt."""
        named = self.file_of(sha256)
        self._make(named.parent)
        if named.exists():
            if self.is_sound(sha256):
                return
            named.unlink(missing_ok=True)
        try:
            os.link(part, named)
        except FileExistsError:
            return
        sync_folder(named.parent)

    def _make(self, folder: Path) -> None:
        if not folder.is_dir():
            self.folder.mkdir(parents=True, exist_ok=True, mode=_PRIVATE)
            folder.mkdir(parents=True, exist_ok=True, mode=_PRIVATE)
            sync_folder(folder.parent)

    def is_sound(self, sha256: str) -> bool:
        """Read the file through: is it still what its name says?"""
        digest = hashlib.sha256()
        try:
            for piece in self.pieces(sha256):
                digest.update(piece)
        except (OSError, Refused):
            return False
        return digest.hexdigest() == sha256

    def drop(self, sha256: str) -> None:
        """The file may go."""
        self.file_of(sha256).unlink(missing_ok=True)

    def drop_left_over(self) -> None:
        """What an earlier run of this program was taking in when it ended has no name and never will."""
        for part in self.folder.glob(f"parts/{_NEW}*"):
            if not part.name.startswith(f"{_NEW}{os.getpid()}-"):
                part.unlink(missing_ok=True)

    def names(self) -> Iterator[str]:
        """The hash of every file here."""
        for file in sorted(self.folder.glob("??/*")):
            if SHA256.fullmatch(file.name):
                yield file.name


class _PlainWritten:
    def __init__(self, opened: IO[bytes]) -> None:
        self._opened = opened

    def write(self, body: bytes) -> None:
        self._opened.write(body)

    def end(self, digest: bytes) -> None:
        pass


def new_owner() -> str:
    """Of one file being taken in: several may be at once."""
    return f"{_NEW}{os.getpid()}-{next(_numbers)}"


def digest_of(opened: IO[bytes]) -> str:
    """The hash of an open file, from its beginning."""
    opened.seek(0)
    digest = hashlib.sha256()
    while piece := opened.read(PIECE):
        digest.update(piece)
    return digest.hexdigest()


def _read(read: Callable[[int], bytes]) -> bytes:
    try:
        return read(PIECE)
    except OSError as error:
        raise Refused("attachment_unreadable") from error
