"""The file a passphrase seals: it gives back what was kept, to nobody else, and nothing is lost by a wrong word."""

from __future__ import annotations

import errno
import os
import random
import stat
from pathlib import Path
from typing import Any

import msgspec
import pytest

from models.errors import Refused
from services.sealed_file import LEAST_LETTERS, SealedFile, new_sealed_file, open_sealed_file
from services.secrets import Secrets
from services.store_keys import key_of
from services.vault import Vault

WORD = "三江口的老桥 1984"
ELSEWHERE = "https://centre.invalid"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> SealedFile:
    return new_sealed_file(tmp_path_factory.mktemp("sealed") / "secrets.sealed", WORD, random.Random(1).randbytes)


@pytest.fixture
def file(made: SealedFile, tmp_path: Path) -> Path:
    made.keep("D-1", "令牌-0123456789")
    copied = tmp_path / "secrets.sealed"
    copied.write_bytes(made.file.read_bytes())
    return copied


def test_the_passphrase_opens_it_and_no_other(file: Path) -> None:
    before = file.read_bytes()
    with pytest.raises(Refused, match="passphrase_wrong"):
        open_sealed_file(file, WORD + ".")
    assert file.read_bytes() == before
    opened = open_sealed_file(file, WORD)
    assert opened.read("D-1") == "令牌-0123456789" and opened.read("D-2") == ""
    opened.keep("D-2", "another")
    again = open_sealed_file(file, WORD)
    assert (again.read("D-1"), again.read("D-2")) == ("令牌-0123456789", "another")


def test_only_its_owner_may_read_it_and_it_says_nothing(made: SealedFile) -> None:
    made.keep("D-1", "令牌-0123456789")
    raw = made.file.read_bytes()
    assert stat.S_IMODE(made.file.stat().st_mode) == 0o600
    for word in ("令牌-0123456789", "D-1", WORD):
        assert word.encode() not in raw
    made.keep("D-1", "令牌-0123456789")
    assert made.file.read_bytes() != raw, "no nonce is used twice"


@pytest.mark.parametrize("change", ["sealed", "nonce", "rounds", "salt"])
def test_nothing_of_it_can_be_changed_unseen(file: Path, change: str) -> None:
    found: dict[str, Any] = msgspec.json.decode(file.read_bytes())
    if change == "rounds":
        found["derivation"]["rounds"] = 1
    elif change == "salt":
        found["derivation"]["salt"] = "00" * 16
    else:
        found[change] = ("1" if found[change][0] == "0" else "0") + found[change][1:]
    file.write_bytes(msgspec.json.encode(found))
    with pytest.raises(Refused, match="passphrase_wrong"):
        open_sealed_file(file, WORD)


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"\x00" * 50, b'{"derivation":{"salt":"zz"},"nonce":"00","sealed":"00"}']
)
def test_what_is_no_such_file_is_named(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "secrets.sealed"
    file.write_bytes(content)
    with pytest.raises(Refused, match="sealed_unreadable") as caught:
        open_sealed_file(file, WORD)
    assert caught.value.args_by_name["file"] == str(file)


def test_a_changed_file_cannot_ask_for_all_the_memory_there_is(file: Path) -> None:
    found: dict[str, Any] = msgspec.json.decode(file.read_bytes())
    found["derivation"]["memory_kib"] = 1 << 30
    file.write_bytes(msgspec.json.encode(found))
    with pytest.raises(Refused, match="sealed_unreadable"):
        open_sealed_file(file, WORD)


def test_a_short_passphrase_is_none_and_no_file_is_overwritten(file: Path) -> None:
    with pytest.raises(Refused, match="passphrase_too_short"):
        new_sealed_file(file.with_name("other"), "x" * (LEAST_LETTERS - 1))
    assert not file.with_name("other").exists()
    with pytest.raises(Refused, match="sealed_exists"):
        new_sealed_file(file, WORD)


def test_a_disk_without_room_leaves_it_as_it_was(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = open_sealed_file(file, WORD)
    before = file.read_bytes()

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(Refused, match="store_full"):
            opened.keep("D-1", "another")
    assert file.read_bytes() == before and opened.read("D-1") == "令牌-0123456789"


# Where the key of a store lies


def no_keyring(_call: object, _seconds: float) -> str:
    raise TimeoutError


def test_the_store_s_key_lies_in_the_sealed_file_and_is_found_again(made: SealedFile, tmp_path: Path) -> None:
    from models.store.opening import open_store

    store = tmp_path / "store.sqlite"
    secrets = Secrets(tmp_path, ELSEWHERE, Vault(no_keyring, made))
    key = key_of(secrets, store)
    assert key is not None
    open_store(store, 0, key).dispose()
    store.with_name("encryption.json").unlink()
    by_head = key_of(secrets, store)
    assert by_head is not None and by_head.secret == key.secret, "by its own first bytes"
    open_store(store, 0, key).dispose()
    store.write_bytes(bytes(16) + store.read_bytes()[16:])
    by_note = key_of(secrets, store)
    assert by_note is not None and by_note.secret == key.secret, "by the note beside it"
    assert key_of(Secrets(tmp_path, ELSEWHERE, Vault(no_keyring)), store) is None, "locked, and no other key is made"
    with pytest.raises(Refused, match="store_locked"):
        open_store(store, 0, None)


def test_without_a_place_for_a_key_a_new_store_is_plain_on_loopback_only(tmp_path: Path) -> None:
    store = tmp_path / "store.sqlite"
    assert key_of(Secrets(tmp_path, "http://127.0.0.1:1", Vault(no_keyring)), store) is None
    secrets = Secrets(tmp_path, ELSEWHERE, Vault(no_keyring))
    with pytest.raises(Refused, match="no_keyring"):
        key_of(secrets, store)
    with pytest.raises(Refused, match="no_keyring"):
        secrets.refuse_unless_kept()
    Secrets(tmp_path, "http://127.0.0.1:1", Vault(no_keyring)).refuse_unless_kept()
    assert list(tmp_path.iterdir()) == []


def test_a_keyring_that_keeps_nothing_is_none(tmp_path: Path) -> None:
    assert not Secrets(tmp_path, ELSEWHERE, Vault(lambda call, seconds: "")).keep_safely("a", "b")
