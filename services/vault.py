"""Where this workstation keeps its secrets: the system keyring, or a file that a passphrase opens (docs/decisions/0012).

The keyring may block for ever on a locked wallet (desktop.md §3c), so each call runs in a worker and is given up after a
budget of time. Its library is loaded before that, with a time of its own: on a busy machine that alone took four seconds,
and a keyring that was there counted as none. All stores of a workstation share one vault, so that a move
(services/moving_secrets.py) reaches all of them at once.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Protocol, TypeVar

from services.sealed_file import SealedFile

T = TypeVar("T")
SERVICE = "joint-response-console"
BUDGET_SECONDS = 5.0
LOADING_SECONDS = 30.0
_KEEPS_PLAIN_TEXT_OR_NOTHING = frozenset({"PlaintextKeyring", "keyring.backends.null", "keyring.backends.fail"})
_log = logging.getLogger("secrets")


class Worker(Protocol):
    """Runs a call elsewhere and gives up after some seconds (TimeoutError)."""

    def __call__(self, call: Callable[[], T], seconds: float) -> T: ...


class Vault:
    """`sealed` is the file a passphrase has opened: then the keyring is not asked; `file` is where such a file lies, or
    would (None: nothing moves here). Without a `worker` there is no keyring (演示数据). `alone` lets one call in at a time:
    nothing may be kept while everything moves."""

    def __init__(
        self,
        worker: Worker | None,
        sealed: SealedFile | None = None,
        file: Path | None = None,
        alone: AbstractContextManager[object] | None = None,
    ) -> None:
        self.sealed = sealed
        self.file = file
        self.alone = alone or nullcontext()
        self._worker = worker
        self._loading_seconds = LOADING_SECONDS

    def keep(self, name: str, secret: str) -> bool:
        """Keep a secret where nobody reads it who has only the disk; False when there is no such place. A keyring must
        give it back at once: some keep nothing."""
        with self.alone:
            if self.sealed is not None:
                self.sealed.keep(name, secret)
                return True
            return self.keep_in_keyring(name, secret)

    def read(self, name: str) -> str:
        """The secret; "" when it is not there, or the keyring does not give it."""
        with self.alone:
            if self.sealed is not None:
                return self.sealed.read(name)
            return self._asked(lambda: _keyring_read(name)) or ""

    def keep_in_keyring(self, name: str, secret: str) -> bool:
        """The same, whatever passphrase there is."""
        return self._asked(lambda: _keyring_store(name, secret)) == secret

    def forget_in_keyring(self, name: str) -> bool:
        """True when the keyring has it no more; False when it does not answer."""
        return self._asked(lambda: _keyring_forget(name)) is True

    def _asked(self, call: Callable[[], T]) -> T | None:
        if self._worker is None:
            return None
        try:
            seconds, self._loading_seconds = self._loading_seconds, BUDGET_SECONDS  # waited for long once
            self._worker(_load_library, seconds)
            return self._worker(call, BUDGET_SECONDS)
        except Exception as error:
            _log.info("no keyring that answers: %s", type(error).__name__)
            return None


def _load_library() -> None:
    """The library remembers for ever that it found no keyring: it looks once more, the bus may answer by now (0012: mended)."""
    import keyring
    from keyring import backend, core
    from keyring.backends import fail

    if isinstance(keyring.get_keyring(), fail.Keyring):
        backend.get_all_keyring.reset()
        core.init_backend()


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


def _keyring_forget(name: str) -> bool:
    import keyring

    if keyring.get_password(SERVICE, name) is not None:
        keyring.delete_password(SERVICE, name)
    return keyring.get_password(SERVICE, name) is None
