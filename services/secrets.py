"""Keeping this workstation's token and signing key: the system keyring behind two verbs, with a budget of time (desktop.md §3c).

The keyring may block for ever on a locked wallet, so each call runs in a worker the caller gives and is given up after
the budget. Without a usable keyring, and for a centre on loopback only, they go into a file that nobody else can read,
and the sync page names it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar
from urllib.parse import urlsplit

from models.errors import Refused
from models.files import write_whole
from models.wire import decode_any, encode
from services.sync.trust import LOOPBACK

T = TypeVar("T")
SERVICE = "joint-response-console"
BUDGET_SECONDS = 5.0


class Worker(Protocol):
    """Runs a call elsewhere and gives up after some seconds (TimeoutError)."""

    def __call__(self, call: Callable[[], T], seconds: float) -> T: ...


class Secrets:
    """The secrets of one store. `plain` is true when the last one came from, or went to, the readable `file`."""

    def __init__(self, folder: Path, address: str, worker: Worker) -> None:
        self.file = folder / "token"
        self._on_loopback = urlsplit(address).hostname in LOOPBACK
        self._worker = worker
        self.plain = False

    def store(self, name: str, secret: str) -> None:
        """Keep a secret. Refused("no_keyring") when there is no keyring and the centre is not on loopback."""
        try:
            self._worker(lambda: _keyring_store(name, secret), BUDGET_SECONDS)
        except Exception as error:
            if not self._on_loopback:
                raise Refused("no_keyring") from error
            self._write_file({**self._read_file(), name: secret})
            self.plain = True
            return
        earlier = self._read_file()
        if earlier.pop(name, None) is not None:
            self._write_file(earlier)
        self.plain = False

    def read(self, name: str) -> str:
        """The secret; "" when it is nowhere."""
        found = self._read_file().get(name, "")
        if found:
            self.plain = True
            return found
        try:
            return self._worker(lambda: _keyring_read(name), BUDGET_SECONDS)
        except Exception:
            return ""

    def _read_file(self) -> dict[str, str]:
        if not self.file.exists():
            return {}
        found = decode_any(self.file.read_bytes())
        return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}

    def _write_file(self, kept: dict[str, str]) -> None:
        write_whole(self.file, encode(kept), 0o600)


def _keyring_store(name: str, secret: str) -> None:
    import keyring

    keyring.set_password(SERVICE, name, secret)


def _keyring_read(name: str) -> str:
    import keyring

    return keyring.get_password(SERVICE, name) or ""
