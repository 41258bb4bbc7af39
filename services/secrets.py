"""Keeping this workstation's token and keys behind two verbs: in the system keyring, with a budget of time (desktop.md §3c).

The keyring may block for ever on a locked wallet, so each call runs in a worker the caller gives and is given up after
the budget. Without a usable keyring there is a file sealed by a passphrase (services/sealed_file.py), if the person chose
one; or, for a centre on loopback without TLS only, a file that nobody else can read, and the sync page names it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

from models.errors import Refused
from models.files import FOR_ITS_OWNER, write_whole
from models.ids import SYSTEM_RANDOM, RandomBytes
from models.wire import decode_any, encode
from services.sealed_file import SealedFile
from services.sync.trust import LOOPBACK

T = TypeVar("T")
SERVICE = "joint-response-console"
BUDGET_SECONDS = 5.0
_PROBE = "is a keyring here"
_KEEPS_PLAIN_TEXT_OR_NOTHING = frozenset({"PlaintextKeyring", "keyring.backends.null", "keyring.backends.fail"})
_log = logging.getLogger("secrets")


class Worker(Protocol):
    """Runs a call elsewhere and gives up after some seconds (TimeoutError)."""

    def __call__(self, call: Callable[[], T], seconds: float) -> T: ...


class Secrets:
    """The secrets of one store. `plain` is true when the last one came from, or went to, the readable `file`; `sealed` is
    the file a passphrase has opened. `in_file_only`: ask no keyring to keep anything (演示数据)."""

    def __init__(
        self,
        folder: Path,
        address: str,
        worker: Worker,
        sealed: SealedFile | None = None,
        in_file_only: bool = False,
    ) -> None:
        self.file = folder / "token"
        self.sealed = sealed
        centre = urlsplit(address)
        self.may_be_plain = centre.scheme == "http" and centre.hostname in LOOPBACK
        self._in_file_only = in_file_only
        self._worker = worker
        self.plain = False

    def beside(self, folder: Path, address: str) -> Secrets:
        """The secrets of another store of this workstation, kept in the same way."""
        return Secrets(folder, address, self._worker, self.sealed, self._in_file_only)

    def store(self, name: str, secret: str) -> None:
        """Keep a secret. Refused("no_keyring") when there is no keyring and the centre is not on loopback."""
        if not self.keep_safely(name, secret):
            if not self.may_be_plain:
                raise Refused("no_keyring")
            self._write_file({**self._read_file(), name: secret})
            self.plain = True
            return
        earlier = self._read_file()
        if earlier.pop(name, None) is not None:
            self._write_file(earlier)
        self.plain = False

    def keep_safely(self, name: str, secret: str) -> bool:
        """Keep a secret where nobody reads it who has only the disk; False when there is no such place. A keyring must
        give it back at once: some keep nothing."""
        if self._in_file_only:
            return False
        if self.sealed is not None:
            self.sealed.keep(name, secret)
            return True
        try:
            return self._worker(lambda: _keyring_store(name, secret), BUDGET_SECONDS) == secret
        except Exception as error:
            _log.info("no keyring to keep a secret in: %s", type(error).__name__)
            return False

    def refuse_unless_kept(self, random_bytes: RandomBytes = SYSTEM_RANDOM) -> None:
        """Refused("no_keyring") when a secret could not be kept now: asked before a one-time code is used up."""
        if not self.may_be_plain and not self.keeps_now(random_bytes):
            raise Refused("no_keyring")

    def keeps_now(self, random_bytes: RandomBytes = SYSTEM_RANDOM) -> bool:
        """True when a secret could be kept safely at this moment; found out by keeping one."""
        return self.keep_safely(_PROBE, random_bytes(8).hex())

    def read(self, name: str) -> str:
        """The secret; "" when it is nowhere, or the keyring does not give it."""
        found = self._read_file().get(name, "")
        if found:
            self.plain = True
            return found
        if self.sealed is not None:
            return self.sealed.read(name)
        try:
            return self._worker(lambda: _keyring_read(name), BUDGET_SECONDS)
        except Exception as error:
            _log.info("no keyring to read a secret from: %s", type(error).__name__)
            return ""

    def _read_file(self) -> dict[str, str]:
        if not self.file.exists():
            return {}
        found = decode_any(self.file.read_bytes())
        return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}

    def _write_file(self, kept: dict[str, str]) -> None:
        write_whole(self.file, encode(kept), FOR_ITS_OWNER)


def _keyring_store(name: str, secret: str) -> str:
    import keyring

    backend = keyring.get_keyring()
    for one in getattr(backend, "backends", (backend,)):
        if {type(one).__name__, type(one).__module__} & _KEEPS_PLAIN_TEXT_OR_NOTHING:
            return ""
    keyring.set_password(SERVICE, name, secret)
    return keyring.get_password(SERVICE, name) or ""


def _keyring_read(name: str) -> str:
    import keyring

    return keyring.get_password(SERVICE, name) or ""
