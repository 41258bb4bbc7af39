"""The key a store is encrypted with, and the note beside a store that says which one it was (docs/decisions/0012).

An encrypted file cannot be told from noise by itself. The note keeps the name of the key, never the key, so that a store
without its key is never taken for a damaged one, whatever became of the file's own first bytes.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import msgspec

from models.files import write_whole
from models.ids import SYSTEM_RANDOM, RandomBytes
from models.wire import Malformed, decode, encode

KEY_BYTES, SALT_BYTES = 32, 16
_SECRET = re.compile(r"[0-9a-f]{64}")


class StoreKey:
    """256 random bits, written as 64 hex digits. Malformed when it is anything else."""

    def __init__(self, secret: str) -> None:
        if not _SECRET.fullmatch(secret):
            raise Malformed("a store key is 64 hex digits")
        self.secret = secret

    def __repr__(self) -> str:
        """Never the secret: a log may show this."""
        return f"StoreKey({self.id})"

    @property
    def id(self) -> str:
        """The key's public name, which its files begin with; nothing of the key can be found out from it."""
        return self.salt.hex()

    @property
    def raw(self) -> bytes:
        """What pages are encrypted with."""
        return bytes.fromhex(self.secret)

    @property
    def salt(self) -> bytes:
        """The first bytes of the file. Made of the key, so that a file that lost them can still be read."""
        return hashlib.sha256(f"store salt|{self.secret}".encode()).digest()[:SALT_BYTES]

    @property
    def phrase(self) -> str:
        """As SQLCipher wants it: key and salt as they are, with nothing derived (1.6 ms to open, measured.md)."""
        return f"x'{self.secret}{self.salt.hex()}'"


def new_store_key(random_bytes: RandomBytes = SYSTEM_RANDOM) -> StoreKey:
    """A key of its own for one store."""
    return StoreKey(random_bytes(KEY_BYTES).hex())


class _Note(msgspec.Struct, frozen=True):
    key_id: str = ""


def keep_key_id(store: Path, key_id: str) -> None:
    """Write beside the store which key it is, or is about to be, encrypted with."""
    if known_key_id(store) != key_id:
        store.parent.mkdir(parents=True, exist_ok=True)
        write_whole(_note(store), encode(_Note(key_id)))


def known_key_id(store: Path) -> str:
    """The name of the store's key; "" when it never had one, or the note cannot be read."""
    try:
        return decode(_note(store).read_bytes(), _Note).key_id
    except (OSError, Malformed):
        return ""


def possible_key_ids(store: Path) -> tuple[str, ...]:
    """The names the store's key may have: what the note says, and the file's own first bytes, either of which may be
    lost."""
    try:
        with store.open("rb") as opened:
            head = opened.read(SALT_BYTES).hex()
    except OSError:
        head = ""
    return tuple(name for name in dict.fromkeys((known_key_id(store), head)) if name)


def _note(store: Path) -> Path:
    return store.with_name("encryption.json")
