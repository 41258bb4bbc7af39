"""Keeping the token and the keys of one store behind two verbs: in the workstation's vault (services/vault.py); or, for a
centre on loopback without TLS and without a vault only, in a file that nobody else can read, and the sync page names it.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from models.errors import Refused
from models.files import FOR_ITS_OWNER, write_whole
from models.ids import SYSTEM_RANDOM, RandomBytes
from models.wire import decode_any, encode
from services.sync.trust import LOOPBACK
from services.vault import Vault

_PROBE = "is a keyring here"


class Secrets:
    """The secrets of one store; `file` is the readable one."""

    def __init__(self, folder: Path, address: str, vault: Vault) -> None:
        self.file = folder / "token"
        centre = urlsplit(address)
        self.may_be_plain = centre.scheme == "http" and centre.hostname in LOOPBACK
        self.vault = vault

    def beside(self, folder: Path, address: str) -> Secrets:
        """The secrets of another store of this workstation, kept in the same way."""
        return Secrets(folder, address, self.vault)

    @property
    def plain(self) -> bool:
        """True when secrets lie in the readable file."""
        return bool(self._read_file())

    @property
    def is_sealed(self) -> bool:
        """True when a passphrase opens them."""
        return self.vault.sealed is not None

    def store(self, name: str, secret: str) -> None:
        """Keep a secret. Refused("no_keyring") when there is no keyring and the centre is not on loopback."""
        if self.keep_safely(name, secret):
            self.forget_plain(name)
            return
        if not self.may_be_plain:
            raise Refused("no_keyring")
        self._write_file({**self._read_file(), name: secret})

    def keep_safely(self, name: str, secret: str) -> bool:
        """Keep a secret where nobody reads it who has only the disk; False when there is no such place."""
        return self.vault.keep(name, secret)

    def refuse_unless_kept(self, random_bytes: RandomBytes = SYSTEM_RANDOM) -> None:
        """Refused("no_keyring") when a secret could not be kept now: asked before a one-time code is used up."""
        if not self.may_be_plain and not self.keeps_now(random_bytes):
            raise Refused("no_keyring")

    def keeps_now(self, random_bytes: RandomBytes = SYSTEM_RANDOM) -> bool:
        """True when a secret could be kept safely at this moment; found out by keeping one."""
        return self.keep_safely(_PROBE, random_bytes(8).hex())

    def read(self, name: str) -> str:
        """The secret; "" when it is nowhere, or the keyring does not give it."""
        return self._read_file().get(name, "") or self.vault.read(name)

    def forget_plain(self, name: str) -> None:
        """It lies in a better place now."""
        kept = self._read_file()
        if kept.pop(name, None) is not None:
            self._write_file(kept)

    def _read_file(self) -> dict[str, str]:
        if not self.file.exists():
            return {}
        found = decode_any(self.file.read_bytes())
        return {str(k): str(v) for k, v in found.items()} if isinstance(found, dict) else {}

    def _write_file(self, kept: dict[str, str]) -> None:
        write_whole(self.file, encode(kept), FOR_ITS_OWNER)
