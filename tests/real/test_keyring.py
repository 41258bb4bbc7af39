"""The workstation's token in a real Secret Service: kept there, read by the next process; and what happens without it."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from models.store.locked import is_plain
from services.vault import BUDGET_SECONDS, LOADING_SECONDS
from tests.real.display import Display
from tests.real.needs import need
from tests.real.secret_service import DesktopSession
from tests.store.make_sample import unpacked
from tests.whole.parties import ROOT

LOOPBACK = "http://127.0.0.1:8341"
ELSEWHERE = "https://centre.invalid"
DEVICE = "D-0123"
TOKEN = "令牌-0123456789"


class Answer(msgspec.Struct, frozen=True):
    """What a call came to; see keyring_probe."""

    value: str
    plain: bool
    refused: str
    seconds: float


class Workstation:
    """The program's own folder, and its calls, each in a process of its own within the desktop session."""

    def __init__(self, folder: Path) -> None:
        need("dbus-daemon", "gnome-keyring-daemon")
        self.folder = folder / "store"
        self.folder.mkdir()
        self.session = DesktopSession(folder)
        self.file = self.folder / "token"

    def store(self, token: str = TOKEN, address: str = LOOPBACK) -> Answer:
        return self._call(address, "store", DEVICE, token)

    def read(self, address: str = LOOPBACK) -> Answer:
        return self._call(address, "read", DEVICE)

    def open(self, address: str = ELSEWHERE) -> Answer:
        """What the store beside it is afterwards: "encrypted", "plain"."""
        return self._call(address, "open")

    def _call(self, *arguments: str) -> Answer:
        command = [sys.executable, "-m", "tests.real.keyring_probe", str(self.folder), *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=self.session.environment, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 0, done.stderr
        return msgspec.convert(json.loads(done.stdout), Answer)


@pytest.fixture
def workstation(tmp_path: Path) -> Iterator[Workstation]:
    made = Workstation(tmp_path)
    yield made
    made.session.end()


def test_a_token_kept_in_the_keyring_is_read_by_the_next_process_and_after_the_next_sign_in(
    workstation: Workstation,
) -> None:
    workstation.session.start(unlocked=True)
    for address in (LOOPBACK, ELSEWHERE):
        kept = workstation.store(address=address)
        assert (kept.refused, kept.plain) == ("", False)
        found = workstation.read(address)
        assert (found.value, found.plain) == (TOKEN, False)
    assert not workstation.file.exists(), "nothing lies beside the keyring"
    workstation.session.end()
    workstation.session.start(unlocked=True)
    assert workstation.read().value == TOKEN
    lying = [p for p in workstation.folder.parent.rglob("*") if p.is_file() and TOKEN.encode() in p.read_bytes()]
    assert lying == [], "nor readable inside it"


def test_a_keyring_that_comes_up_later_is_found_by_the_same_program(workstation: Workstation) -> None:
    """The library remembers for ever that there was none; a person who has mended it asks again (docs/decisions/0012)."""
    bus = f"unix:path={workstation.folder.parent}/run/bus"
    asked = [
        sys.executable,
        "-m",
        "tests.real.keyring_probe",
        str(workstation.folder),
        ELSEWHERE,
        "again",
        DEVICE,
        TOKEN,
    ]
    environment = {**workstation.session.environment, "DBUS_SESSION_BUS_ADDRESS": bus}
    pipe = subprocess.PIPE
    with subprocess.Popen(asked, cwd=ROOT, env=environment, stdin=pipe, stdout=pipe, text=True) as probe:
        assert probe.stdout is not None and probe.stdout.readline() == "looked\n"
        workstation.session.start(unlocked=True)
        said, _ = probe.communicate("\n", timeout=60)
    kept = msgspec.convert(json.loads(said), Answer)
    assert (kept.refused, kept.plain) == ("", False)


def test_a_locked_keyring_gives_no_token_and_keeps_none_for_a_centre_elsewhere(workstation: Workstation) -> None:
    workstation.session.start(unlocked=True)
    workstation.store()
    workstation.session.end()
    workstation.session.start(unlocked=False)
    found = workstation.read()
    assert (found.value, found.refused) == ("", "")
    refused = workstation.store("another", ELSEWHERE)
    assert (refused.refused, refused.plain) == ("no_keyring", False)
    assert not workstation.file.exists()
    workstation.session.end()
    workstation.session.start(unlocked=True)
    assert workstation.read().value == TOKEN, "what was refused changed nothing"


def test_without_any_keyring_the_token_of_a_loopback_centre_lies_in_a_private_file_and_says_so(
    workstation: Workstation,
) -> None:
    assert workstation.store(address=ELSEWHERE).refused == "no_keyring"
    assert not workstation.file.exists()
    kept = workstation.store()
    assert (kept.refused, kept.plain) == ("", True)
    assert stat.S_IMODE(workstation.file.stat().st_mode) == 0o600
    found = workstation.read()
    assert (found.value, found.plain) == (TOKEN, True)


def test_a_token_kept_in_the_keyring_later_is_the_one_that_counts(workstation: Workstation) -> None:
    workstation.store("the first, in the file")
    workstation.session.start(unlocked=True)
    assert not workstation.store().plain
    found = workstation.read()
    assert (found.value, found.plain) == (TOKEN, False)


def test_a_store_is_encrypted_with_a_key_of_the_keyring_and_locked_with_it(workstation: Workstation) -> None:
    """A plain one with unsent acts, from before there were keys."""
    store = unpacked(workstation.folder)
    assert workstation.open().value == "plain", "without a keyring it stays as it is, and opens"
    workstation.session.start(unlocked=True)
    assert (workstation.open().value, is_plain(store)) == ("encrypted", False)
    assert not workstation.file.exists()
    workstation.session.end()
    before = {file.name: file.read_bytes() for file in workstation.folder.iterdir()}
    assert workstation.open().refused == "store_locked", "no keyring at all"
    workstation.session.start(unlocked=False)
    assert workstation.open().refused == "store_locked", "a locked one"
    assert {file.name: file.read_bytes() for file in workstation.folder.iterdir()} == before
    workstation.session.end()
    workstation.session.start(unlocked=True)
    assert workstation.open().value == "encrypted"


def test_a_new_store_for_a_centre_elsewhere_is_encrypted_or_not_made(workstation: Workstation) -> None:
    assert workstation.open().refused == "no_keyring"
    assert list(workstation.folder.iterdir()) == []
    workstation.session.start(unlocked=True)
    assert workstation.open().value == "encrypted"
    assert not is_plain(workstation.folder / "store.sqlite")


def test_a_keyring_that_asks_the_person_is_given_up_after_its_budget(workstation: Workstation, tmp_path: Path) -> None:
    need("Xvfb", "xdotool")
    workstation.session.start(unlocked=True)
    workstation.store()
    workstation.session.end()
    screen = tmp_path / "screen"
    screen.mkdir()
    display = Display(screen)
    try:
        workstation.session.start(unlocked=False, display=display.name)
        found = workstation.read()
        assert found.value == ""
        assert BUDGET_SECONDS - 1 < found.seconds < BUDGET_SECONDS + LOADING_SECONDS, (
            "it waited for the person, and not for ever"
        )
    finally:
        workstation.session.end()
        display.end()
