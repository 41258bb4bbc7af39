"""The folder of files beside an encrypted store: their bytes encrypted too, under keys made of the store's, and their names
keyed, so that whoever has only the disk cannot even tell whether a photograph he knows is among them (docs/decisions/0017).

Files from before lie in plain under their own hash; they are read as they are until `seal_plain` has sealed each.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, TypeVar

from cryptography.hazmat.primitives.hashes import SHA256 as SHA256_HASH
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from models.attachment import SHA256
from models.blob_folder import PIECE, BlobFolder, Written, digest_of, new_owner
from models.errors import Refused
from models.files import sync_folder, told_when_full
from models.ids import SYSTEM_RANDOM, RandomBytes
from models.sealed_pieces import PIECE_BYTES, GrowingFile, PieceSeal, WholeFile

T = TypeVar("T")
AT_MOST = 1 << 50
_SEALED = "sealed"


class SealedBlobFolder(BlobFolder):
    """Like BlobFolder; `key` is the store's. What fails its seal is Refused("attachment_spoilt") and given to nobody."""

    def __init__(self, folder: Path, key: bytes, random_bytes: RandomBytes = SYSTEM_RANDOM) -> None:
        super().__init__(folder / _SEALED)
        self._plain = BlobFolder(folder)
        self._seal = PieceSeal(_derived(key, b"attachments: content"), random_bytes)
        self._names = _derived(key, b"attachments: names")
        self._let_go: set[str] = set()

    # Names

    def name_of(self, sha256: str) -> str:
        """The name a file with that hash has here."""
        if not SHA256.fullmatch(sha256):
            raise ValueError("no hash")
        return hmac.digest(self._names, sha256.encode(), "sha256").hex()

    def file_of(self, sha256: str) -> Path:
        """Where the sealed file lies, or would."""
        return super().file_of(self.name_of(sha256))

    def part_of(self, sha256: str, owner: str = "") -> Path:
        """Where what has come of it so far lies."""
        return super().part_of(self.name_of(sha256) if SHA256.fullmatch(sha256) else sha256, owner)

    def has(self, sha256: str) -> bool:
        """True when the file is here, whole."""
        return super().has(sha256) or self._plain.has(sha256)

    def names(self) -> Iterator[str]:
        """The hash of every file here, as its end says. Refused("attachment_spoilt")."""
        for file in sorted(self.folder.glob("??/*")):
            with file.open("rb") as opened:
                yield WholeFile(opened, self._seal).sha256
        yield from self._plain.names()

    # Reading

    def size_of(self, sha256: str) -> int:
        """How many bytes the file holds. OSError, Refused("attachment_spoilt")."""
        return self._looked(sha256, lambda whole: whole.size, lambda: self._plain.size_of(sha256))

    def read(self, sha256: str, offset: int, size: int) -> bytes:
        """So many bytes from there on; fewer at the end. OSError, Refused("attachment_spoilt")."""

        def sealed(whole: WholeFile) -> bytes:
            return whole.read(offset, size)

        return self._looked(sha256, sealed, lambda: self._plain.read(sha256, offset, size))

    def _looked(self, sha256: str, sealed: Callable[[WholeFile], T], plain: Callable[[], T]) -> T:
        """In the sealed file; in the plain one while there is none; then once more: it may just have been sealed."""
        for otherwise in (plain, None):
            try:
                with self.file_of(sha256).open("rb") as opened:
                    whole = WholeFile(opened, self._seal)
                    if whole.sha256 != sha256:
                        raise Refused("attachment_spoilt")
                    return sealed(whole)
            except FileNotFoundError:
                if otherwise is None:
                    raise
                with contextlib.suppress(FileNotFoundError):
                    return otherwise()
        raise FileNotFoundError

    # Writing

    def part_size(self, sha256: str, owner: str = "") -> int:
        """How many bytes of it have come and are what came."""
        part = self.part_of(sha256, owner)
        if not part.is_file():
            return 0
        with part.open("rb") as opened:
            return GrowingFile(opened, self._seal).size

    def append(self, sha256: str, body: bytes, owner: str = "", *, is_last: bool = False) -> int:
        """Add the next bytes; how many there are now. Of what is not the last only whole pieces of 64 KiB are kept."""
        part = self.part_of(sha256, owner)
        self._make(part.parent)
        kept = body if is_last else body[: len(body) // PIECE_BYTES * PIECE_BYTES]
        with told_when_full(), part.open("r+b" if part.exists() else "w+b") as opened:
            growing = GrowingFile(opened, self._seal)
            growing.append(kept)
            return growing.size

    def finish(self, sha256: str, owner: str = "", *, in_place_of_it: bool = False) -> bool:
        """Give the part its end and its name, if it has that hash: False when it has not."""
        part = self.part_of(sha256, owner)
        with told_when_full(), part.open("r+b") as opened:
            growing = GrowingFile(opened, self._seal)
            digest = hashlib.sha256()
            for number in range(-(-growing.size // PIECE_BYTES)):
                digest.update(growing.piece(number))
            if digest.hexdigest() != sha256:
                return False
            growing.end(digest.digest())
            opened.flush()
            os.fsync(opened.fileno())
        if in_place_of_it:
            self.file_of(sha256).unlink(missing_ok=True)
        self._name(part, sha256)
        return True

    def _written(self, opened: IO[bytes]) -> Written:
        return _SealedWritten(GrowingFile(opened, self._seal))

    def drop(self, sha256: str) -> None:
        """The file may go."""
        self._let_go.add(sha256)
        self._plain.drop(sha256)
        super().drop(sha256)

    # Files from before

    def seal_plain(self) -> int:
        """Seal every file that lies in plain; how many. Each goes only when its sealed copy has been read through, so that a
        kill loses nothing and the next call goes on; nor do two at once, of two windows or two programs. OSError,
        Refused("store_full"): the rest stays plain."""
        sealed = 0
        for sha256 in self._plain.names():
            with contextlib.suppress(FileNotFoundError):  # let go of meanwhile
                self._seal_one(sha256)
                sealed += 1
        for part in self._plain.folder.glob("parts/*"):
            part.unlink(missing_ok=True)
        return sealed

    def _seal_one(self, sha256: str) -> None:
        """A file that is not what its name says is sealed as what it is, and will be told as spoilt."""
        plain, named = self._plain.file_of(sha256), self.file_of(sha256)
        self._let_go.discard(sha256)
        with plain.open("rb") as source:
            digest = digest_of(source)
            source.seek(0)
            if not (self._holds(named, sha256) or self._holds(named, digest)):
                owner = new_owner()
                part = self.part_of("incoming", owner)
                try:
                    self._copied(source.read, part, AT_MOST)
                    if not self._holds(part, digest):
                        raise OSError(f"{part} does not hold what was written")
                    self._make(named.parent)
                    part.replace(named)
                    sync_folder(named.parent)
                finally:
                    part.unlink(missing_ok=True)
        if sha256 in self._let_go:  # while it was copied; that the plain one is gone alone may be another's sealing
            named.unlink(missing_ok=True)
        plain.unlink(missing_ok=True)
        sync_folder(plain.parent)

    def _holds(self, file: Path, digest: str) -> bool:
        """True when the sealed file, read through, is that content."""
        try:
            with file.open("rb") as opened:
                whole, read = WholeFile(opened, self._seal), hashlib.sha256()
                for offset in range(0, whole.size, PIECE):
                    read.update(whole.read(offset, PIECE))
        except (FileNotFoundError, Refused):
            return False
        return read.hexdigest() == whole.sha256 == digest


class _SealedWritten:
    """What is being taken in."""

    def __init__(self, growing: GrowingFile) -> None:
        self._growing = growing
        self._waiting = b""

    def write(self, body: bytes) -> None:
        self._waiting += body
        whole = len(self._waiting) // PIECE_BYTES * PIECE_BYTES
        self._growing.append(self._waiting[:whole])
        self._waiting = self._waiting[whole:]

    def end(self, digest: bytes) -> None:
        self._growing.append(self._waiting)
        self._growing.end(digest)


def _derived(key: bytes, purpose: bytes) -> bytes:
    return HKDF(SHA256_HASH(), 32, None, purpose).derive(key)
