"""The format of an encrypted file that can be read in pieces and made longer (docs/decisions/0017).

A head of mark and random id; pieces of 64 KiB, each AES-256-GCM under a nonce of its own, bound to the id and to its place;
at the end, sealed likewise, hash and size of the plain content. A file without that end is still coming. Nothing that
fails its seal, or stands in another's place, is given to anybody.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from models.errors import Refused
from models.ids import SYSTEM_RANDOM, RandomBytes

PIECE_BYTES = 64 * 1024
MARK = b"SEALED01"
_ID, _NONCE, _TAG, _HASH, _SIZE = 16, 12, 16, 32, 8
_HEAD = len(MARK) + _ID
_SEAL = _NONCE + _TAG
_SEALED_PIECE = PIECE_BYTES + _SEAL
_END = _HASH + _SIZE + _SEAL


class PieceSeal:
    """Seals and opens with one key of 32 bytes."""

    def __init__(self, key: bytes, random_bytes: RandomBytes = SYSTEM_RANDOM) -> None:
        self._cipher = AESGCM(key)
        self._random = random_bytes

    def new_head(self) -> bytes:
        """What a new file begins with."""
        return MARK + self._random(_ID)

    def piece(self, head: bytes, number: int, plain: bytes) -> bytes:
        """The n-th piece, from 0, sealed."""
        return self._sealed(plain, head + b"piece" + number.to_bytes(8, "big"))

    def end(self, head: bytes, digest: bytes, size: int) -> bytes:
        """What makes the file whole."""
        return self._sealed(digest + size.to_bytes(_SIZE, "big"), head + b"end")

    def opened_piece(self, head: bytes, number: int, sealed: bytes) -> bytes:
        """InvalidTag: not this piece of this file."""
        return self._opened(sealed, head + b"piece" + number.to_bytes(8, "big"))

    def opened_end(self, head: bytes, sealed: bytes) -> tuple[bytes, int]:
        """Hash and size of the plain content. InvalidTag: no end of this file."""
        plain = self._opened(sealed, head + b"end")
        return plain[:_HASH], int.from_bytes(plain[_HASH:], "big")

    def _sealed(self, plain: bytes, bound_to: bytes) -> bytes:
        nonce = self._random(_NONCE)
        return nonce + self._cipher.encrypt(nonce, plain, bound_to)

    def _opened(self, sealed: bytes, bound_to: bytes) -> bytes:
        return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], bound_to)


class WholeFile:
    """An open file that has its end: `sha256` and `size` of what it holds; or the stretch of one that begins `at`, of that
    `length`. Refused("attachment_spoilt")."""

    def __init__(self, opened: IO[bytes], seal: PieceSeal, at: int = 0, length: int | None = None) -> None:
        self._opened, self._seal, self._at = opened, seal, at
        length = opened.seek(0, os.SEEK_END) - at if length is None else length
        opened.seek(at)
        self._head = opened.read(_HEAD)
        opened.seek(at + max(0, length - _END))
        try:
            digest, self.size = seal.opened_end(self._head, opened.read(_END))
        except (InvalidTag, ValueError) as error:
            raise Refused("attachment_spoilt") from error
        self.sha256 = digest.hex()
        if not self._head.startswith(MARK) or length != sealed_length(self.size):
            raise Refused("attachment_spoilt")

    def read(self, offset: int, size: int) -> bytes:
        """So many bytes from there on; fewer at the end. Refused("attachment_spoilt")."""
        until = min(offset + size, self.size)
        found = b"".join(self._piece(n) for n in range(offset // PIECE_BYTES, -(-until // PIECE_BYTES)))
        skipped = offset % PIECE_BYTES
        return found[skipped : skipped + max(0, until - offset)]

    def _piece(self, number: int) -> bytes:
        self._opened.seek(self._at + _HEAD + number * _SEALED_PIECE)
        here = min(PIECE_BYTES, self.size - number * PIECE_BYTES)
        try:
            return self._seal.opened_piece(self._head, number, self._opened.read(here + _SEAL))
        except (InvalidTag, ValueError) as error:
            raise Refused("attachment_spoilt") from error


class GrowingFile:
    """An open file without an end: `size` plain bytes stand in it that keep their seal; what a power cut left behind them
    is no part of it and is written over."""

    def __init__(self, opened: IO[bytes], seal: PieceSeal) -> None:
        self._opened, self._seal = opened, seal
        length = opened.seek(0, os.SEEK_END)
        opened.seek(0)
        self._head = opened.read(_HEAD)
        self._whole = max(0, length - _HEAD) // _SEALED_PIECE
        self._rest = b""
        if len(self._head) == _HEAD and self._head.startswith(MARK):
            self._rest = self._opened_rest(length)
        else:
            self._head, self._whole = b"", 0
        self.size = self._whole * PIECE_BYTES + len(self._rest)

    def _opened_rest(self, length: int) -> bytes:
        at = _HEAD + self._whole * _SEALED_PIECE
        self._opened.seek(at)
        try:
            return self._seal.opened_piece(self._head, self._whole, self._opened.read(length - at))
        except (InvalidTag, ValueError):
            return b""

    def append(self, body: bytes) -> None:
        """Whole pieces and, only as the very last thing, a shorter one: nothing is added after that."""
        if self._rest:
            return
        if not self._head:
            self._head = self._seal.new_head()
            self._opened.seek(0)
            self._opened.write(self._head)
        self._opened.seek(_HEAD + self._whole * _SEALED_PIECE)
        for start in range(0, len(body), PIECE_BYTES):
            plain = body[start : start + PIECE_BYTES]
            self._opened.write(self._seal.piece(self._head, self._whole, plain))
            if len(plain) == PIECE_BYTES:
                self._whole += 1
            else:
                self._rest = plain
        self.size = self._whole * PIECE_BYTES + len(self._rest)
        self._opened.truncate()

    def piece(self, number: int) -> bytes:
        """The n-th piece, as it was written. Refused("attachment_spoilt")."""
        if number == self._whole:
            return self._rest
        self._opened.seek(_HEAD + number * _SEALED_PIECE)
        try:
            return self._seal.opened_piece(self._head, number, self._opened.read(_SEALED_PIECE))
        except (InvalidTag, ValueError) as error:
            raise Refused("attachment_spoilt") from error

    def end(self, digest: bytes) -> None:
        """It is whole now; the caller makes it durable."""
        self._opened.seek(_HEAD + sealed_bytes(self.size))
        self._opened.write(self._seal.end(self._head, digest, self.size))
        self._opened.truncate()


def sealed_stream(plain: Iterable[bytes], seal: PieceSeal) -> Iterator[bytes]:
    """The same format made on the way, of content that comes in whole pieces, a shorter one last."""
    head, number, size, digest = seal.new_head(), 0, 0, hashlib.sha256()
    yield head
    for body in plain:
        digest.update(body)
        size += len(body)
        for start in range(0, len(body), PIECE_BYTES):
            yield seal.piece(head, number, body[start : start + PIECE_BYTES])
            number += 1
    yield seal.end(head, digest.digest(), size)


def sealed_length(size: int) -> int:
    """How long a file of so many plain bytes is, with head and end."""
    return _HEAD + sealed_bytes(size) + _END


def sealed_bytes(size: int) -> int:
    """How long so many plain bytes are when they are sealed, without head and end."""
    return size + -(-size // PIECE_BYTES) * _SEAL
