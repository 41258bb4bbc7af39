"""Moving secrets into a keyring that fails half way leaves nothing of them in it."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from models.errors import Refused
from services.moving_secrets import to_keyring
from services.sealed_file import new_sealed_file
from services.vault import Vault

WORD = "三江口的老桥 1984"
SECRETS = {"D-1": "token", "D-1.key": "key", "store.1": "store key"}


class Failing(Vault):
    """With a keyring that takes so many secrets and then no more."""

    def __init__(self, file: Path, takes: int) -> None:
        sealed = new_sealed_file(file, WORD, random.Random(1).randbytes, SECRETS)
        super().__init__(None, sealed, file)
        self.keyring: dict[str, str] = {}
        self._takes = takes

    def keep_in_keyring(self, name: str, secret: str) -> bool:
        if len(self.keyring) < self._takes:
            self.keyring[name] = secret
            return True
        return False

    def forget_in_keyring(self, name: str) -> bool:
        self.keyring.pop(name, None)
        return True


@pytest.mark.parametrize("takes", [0, 2])
def test_what_was_moved_before_it_failed_is_taken_out_again(tmp_path: Path, takes: int) -> None:
    vault = Failing(tmp_path / "secrets.sealed", takes)
    with pytest.raises(Refused, match="keyring_keeps_nothing"):
        to_keyring(vault, WORD)
    assert vault.keyring == {}, "the person was told that all is as it was"
    assert vault.sealed is not None and vault.sealed.content() == SECRETS
