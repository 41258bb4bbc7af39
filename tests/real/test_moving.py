"""Passphrase and keyring, changed against a real Secret Service, and killed before every change of a file: the workstation
opens with the old way or with the new, and nothing ever stands in plain."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from tests.real.moving_probe import KILLED
from tests.real.needs import need
from tests.real.secret_service import DesktopSession
from tests.whole.parties import ROOT

OLD, NEW = "old bridge at the river 1984", "新桥头的茶馆 2026 号"
MOST_CHANGES = 20


class Answer(msgspec.Struct, frozen=True):
    """What a call came to; `ended` is the status of a process that did not come to its end."""

    value: Any = None
    refused: str = ""
    ended: int = 0


class Workstation:
    """Two stores in a folder."""

    def __init__(self, folder: Path) -> None:
        need("dbus-daemon", "gnome-keyring-daemon")
        self.base = folder / "base"
        self.base.mkdir()
        self.session = DesktopSession(folder)
        self.secrets: list[str] = []
        command = [sys.executable, "-m", "tests.real.moving_probe"]
        self.probe = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def end(self) -> None:
        self.session.end()
        assert self.probe.stdin is not None and self.probe.stdout is not None
        self.probe.stdin.close()
        self.probe.wait(10)
        self.probe.stdout.close()

    def call(self, verb: str, old: str = "", new: str = "", die_at: str = "") -> Answer:
        assert self.probe.stdin is not None and self.probe.stdout is not None
        arguments = [str(self.base), verb, old, new, die_at]
        asked = {"environment": self.session.environment, "arguments": arguments}
        self.probe.stdin.write(f"{json.dumps(asked)}\n")
        self.probe.stdin.flush()
        found = msgspec.convert(json.loads(self.probe.stdout.readline()), Answer)
        assert found.ended in ((0, KILLED) if die_at else (0,))
        assert self.nothing_stands_in_plain()
        return found

    def set_up(self, passphrase: str) -> None:
        self.secrets = self.call("set_up", passphrase).value
        assert len(self.secrets) == 6 and all(self.secrets)

    def opens_with(self, passphrase: str) -> bool:
        """Every secret read, both stores opened."""
        return not self.call("look", passphrase).refused

    def is_sealed(self) -> bool:
        return (self.base / "secrets.sealed").exists()

    def in_keyring(self, passphrase: str) -> int:
        """How many of the secrets it has; the workstation opens."""
        found = self.call("look", passphrase)
        assert not found.refused
        return len(found.value)

    def nothing_stands_in_plain(self) -> bool:
        raw = [file.read_bytes() for file in self.base.rglob("*") if file.is_file()]
        return not any(secret.encode() in body for body in raw for secret in self.secrets)

    def killed_at_each_change(self, verb: str, old: str, new: str) -> Iterator[str]:
        """Yields after each kill, with everything as the kill left it; ends with the call that went through."""
        for number in range(1, MOST_CHANGES):
            found = self.call(verb, old, new, f"file:{number}")
            if not found.ended:
                assert not found.refused and number > 1, "it was killed at least once"
                return
            yield f"file:{number}"
        raise AssertionError("it never came to its end")


@pytest.fixture
def workstation(tmp_path: Path) -> Iterator[Workstation]:
    made = Workstation(tmp_path)
    yield made
    made.end()


def test_another_passphrase_and_a_kill_at_any_change_of_a_file(workstation: Workstation) -> None:
    workstation.set_up(OLD)
    before = (workstation.base / "secrets.sealed").read_bytes()
    assert workstation.call("change", "not the old one at all", NEW).refused == "passphrase_wrong"
    assert workstation.call("change", OLD, "short").refused == "passphrase_too_short"
    assert (workstation.base / "secrets.sealed").read_bytes() == before
    for _killed in workstation.killed_at_each_change("change", OLD, NEW):
        assert workstation.opens_with(OLD) and not workstation.opens_with(NEW)
    assert workstation.opens_with(NEW) and not workstation.opens_with(OLD)
    assert [file.name for file in workstation.base.glob("secrets*")] == ["secrets.sealed"], (
        "nothing is left of the kills"
    )
    assert stat.S_IMODE((workstation.base / "secrets.sealed").stat().st_mode) == 0o600


@pytest.mark.landing
def test_from_the_passphrase_into_a_keyring_that_has_come(workstation: Workstation) -> None:
    workstation.set_up(OLD)
    assert workstation.call("to_keyring", OLD).refused == "keyring_keeps_nothing", "there is none yet"
    workstation.session.start(unlocked=True)
    assert workstation.call("to_keyring", "not the old one at all").refused == "passphrase_wrong"
    assert workstation.in_keyring(OLD) == 0
    assert workstation.call("to_keyring", OLD, "", "keyring:7").ended == KILLED
    assert 0 < workstation.in_keyring(OLD) < 6 and workstation.is_sealed(), "cut off half-way the passphrase stands"
    for _killed in workstation.killed_at_each_change("to_keyring", OLD, ""):
        assert workstation.is_sealed() and workstation.opens_with(OLD)
    assert not workstation.is_sealed() and workstation.in_keyring("") == 6
    workstation.session.end()
    workstation.session.start(unlocked=True)
    assert workstation.opens_with(""), "after the next signing-in"


@pytest.mark.landing
def test_from_the_keyring_to_a_passphrase_and_nothing_stays_behind(workstation: Workstation) -> None:
    workstation.session.start(unlocked=True)
    workstation.set_up("")
    assert workstation.in_keyring("") == 6
    assert workstation.call("to_passphrase", "", "short").refused == "passphrase_too_short"
    assert workstation.call("to_passphrase", "", NEW, "keyring:10").ended == KILLED
    assert workstation.is_sealed() and 0 < workstation.in_keyring(NEW) < 6, "cut off while the keyring was emptied"
    back(workstation)
    for _killed in workstation.killed_at_each_change("to_passphrase", "", NEW):
        if workstation.is_sealed():
            back(workstation)
        assert workstation.in_keyring("") == 6
    assert workstation.in_keyring(NEW) == 0
    workstation.session.end()
    assert workstation.opens_with(NEW), "without any keyring"


def back(workstation: Workstation) -> None:
    """The next start removes what the kill left; then all goes back into the keyring."""
    assert workstation.call("finish", NEW).value is True
    assert workstation.in_keyring(NEW) == 0
    assert not workstation.call("to_keyring", NEW).refused
    assert not workstation.is_sealed()


def test_a_keyring_that_is_locked_gives_nothing_and_nothing_is_changed(workstation: Workstation) -> None:
    workstation.session.start(unlocked=True)
    workstation.set_up("")
    workstation.session.end()
    workstation.session.start(unlocked=False)
    assert workstation.call("to_passphrase", "", NEW).refused in ("token_unreadable", "store_locked")
    assert not workstation.is_sealed()
    workstation.session.end()
    workstation.session.start(unlocked=True)
    assert workstation.opens_with("")
