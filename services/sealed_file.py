"""Secrets of a workstation without a keyring, in one file that a passphrase opens (docs/decisions/0012).

Argon2id makes the wrapping key of the passphrase; its parameters stand in the file. AES-256-GCM seals the secrets together
with those parameters, so that nobody can weaken them unseen. The passphrase itself is kept nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec
from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from models.errors import Refused
from models.files import FOR_ITS_OWNER, sync_folder, write_whole
from models.ids import SYSTEM_RANDOM, RandomBytes
from models.wire import Malformed, decode, encode

LEAST_LETTERS = 10
"""A stolen disk may be tried against for years."""

_KEY_BYTES, _SALT_BYTES, _NONCE_BYTES = 32, 16, 12
_MOST_MEMORY_KIB, _MOST_ROUNDS, _MOST_LANES = 1 << 20, 64, 16


class Derivation(msgspec.Struct, frozen=True):
    """How the wrapping key is made of the passphrase: RFC 9106, second recommended option."""

    salt: str
    rounds: int = 3
    memory_kib: int = 64 * 1024
    lanes: int = 4

    def is_sane(self) -> bool:
        """A changed file may not ask for all the memory there is."""
        within = (self.rounds, _MOST_ROUNDS), (self.memory_kib, _MOST_MEMORY_KIB), (self.lanes, _MOST_LANES)
        return all(0 < asked <= most for asked, most in within)


class _Sealed(msgspec.Struct, frozen=True):
    derivation: Derivation
    nonce: str
    sealed: str


class SealedFile:
    """The file while it is open: `read` and `keep`, until the program ends."""

    def __init__(self, file: Path, derivation: Derivation, key: bytes, random_bytes: RandomBytes) -> None:
        self.file = file
        self._derivation = derivation
        self._cipher = AESGCM(key)
        self._random = random_bytes

    def read(self, name: str) -> str:
        """The secret; "" when it is not there."""
        return self.content().get(name, "")

    def keep(self, name: str, secret: str) -> None:
        """Keep a secret, durably. Refused("store_full"): the file is as it was."""
        self._write({**self.content(), name: secret})

    def forget(self, name: str) -> None:
        """It goes, durably. Refused("store_full"): the file is as it was."""
        self._write({kept: secret for kept, secret in self.content().items() if kept != name})

    def content(self) -> dict[str, str]:
        """Every secret by its name."""
        found = _read(self.file)
        try:
            opened = self._cipher.decrypt(_bytes(found.nonce), _bytes(found.sealed), encode(found.derivation))
            return decode(opened, dict[str, str])
        except InvalidTag as error:
            raise Refused("passphrase_wrong") from error
        except Malformed as error:
            raise Refused("sealed_unreadable", file=str(self.file)) from error

    def _write(self, secrets: Mapping[str, str]) -> None:
        nonce = self._random(_NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, encode(secrets), encode(self._derivation))
        write_whole(self.file, encode(_Sealed(self._derivation, _text(nonce), _text(sealed))), FOR_ITS_OWNER)


def new_sealed_file(
    file: Path,
    passphrase: str,
    random_bytes: RandomBytes = SYSTEM_RANDOM,
    content: Mapping[str, str] | None = None,
) -> SealedFile:
    """One with this content, or an empty one. Takes two seconds. Refused("passphrase_too_short"), ("sealed_exists"): never
    over another, ("store_full")."""
    if file.exists():
        raise Refused("sealed_exists", file=str(file))
    return _put_in_place(file, passphrase, content or {}, random_bytes)


def change_passphrase(file: Path, old: str, new: str, random_bytes: RandomBytes = SYSTEM_RANDOM) -> SealedFile:
    """The same secrets under another passphrase, which is tried before the old file goes. Takes three seconds.
    Refused("passphrase_wrong"), ("passphrase_too_short"), ("sealed_unreadable"), ("store_full"): the file is as it was."""
    return _put_in_place(file, new, open_sealed_file(file, old).content(), random_bytes)


def _put_in_place(file: Path, passphrase: str, content: Mapping[str, str], random_bytes: RandomBytes) -> SealedFile:
    """Whatever the instant of a kill, `file` is what it was before or whole and proved."""
    if len(passphrase) < LEAST_LETTERS:
        raise Refused("passphrase_too_short", least=LEAST_LETTERS)
    file.parent.mkdir(parents=True, exist_ok=True)
    making = file.with_name(f"{file.name}.new")
    derivation = Derivation(_text(random_bytes(_SALT_BYTES)))
    key = _wrapping_key(passphrase, derivation)
    try:
        SealedFile(making, derivation, key, random_bytes)._write(content)
        if open_sealed_file(making, passphrase).content() != content:
            raise Refused("sealed_unreadable", file=str(making))
        making.replace(file)
    except BaseException:
        making.unlink(missing_ok=True)
        raise
    sync_folder(file.parent)
    return SealedFile(file, derivation, key, random_bytes)


def open_sealed_file(file: Path, passphrase: str, random_bytes: RandomBytes = SYSTEM_RANDOM) -> SealedFile:
    """The one that stands here. Takes a second. Refused("passphrase_wrong"), ("sealed_unreadable"): nothing is lost."""
    derivation = _read(file).derivation
    opened = SealedFile(file, derivation, _wrapping_key(passphrase, derivation), random_bytes)
    opened.content()
    return opened


def sealed_bytes(content: bytes, passphrase: str, random_bytes: RandomBytes = SYSTEM_RANDOM) -> str:
    """Content that only this passphrase opens, as text. Takes a second. Refused("bundle_passphrase_short")."""
    if len(passphrase) < LEAST_LETTERS:
        raise Refused("bundle_passphrase_short", least=LEAST_LETTERS)
    how, nonce = Derivation(_text(random_bytes(_SALT_BYTES))), random_bytes(_NONCE_BYTES)
    sealed = AESGCM(_wrapping_key(passphrase, how)).encrypt(nonce, content, encode(how))
    return encode(_Sealed(how, _text(nonce), _text(sealed))).decode()


def opened_bytes(text: str, passphrase: str) -> bytes:
    """What `sealed_bytes` sealed. Takes a second. Refused("bundle_passphrase_wrong"), ("bundle_unreadable")."""
    try:
        found = decode(text, _Sealed)
        sealed = _bytes(found.nonce), _bytes(found.sealed)
        if not found.derivation.is_sane():
            raise Malformed("derivation")
        return AESGCM(_wrapping_key(passphrase, found.derivation)).decrypt(*sealed, encode(found.derivation))
    except InvalidTag as error:
        raise Refused("bundle_passphrase_wrong") from error
    except (Malformed, ValueError) as error:
        raise Refused("bundle_unreadable") from error


def _read(file: Path) -> _Sealed:
    try:
        found = decode(file.read_bytes(), _Sealed)
        _bytes(found.derivation.salt + found.nonce + found.sealed)
    except Malformed as error:
        raise Refused("sealed_unreadable", file=str(file)) from error
    if not found.derivation.is_sane():
        raise Refused("sealed_unreadable", file=str(file))
    return found


def _wrapping_key(passphrase: str, how: Derivation) -> bytes:
    salt = _bytes(how.salt)
    return hash_secret_raw(passphrase.encode(), salt, how.rounds, how.memory_kib, how.lanes, _KEY_BYTES, Type.ID)


def _text(raw: bytes) -> str:
    return raw.hex()


def _bytes(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError as error:
        raise Malformed("not hex") from error
