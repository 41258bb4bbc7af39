"""Calls of services/moving_secrets.py, as the program would make them, each in a process of its own that may be killed on the
way. Asked and answered in lines of JSON.

`set_up` registers two stores; `look` opens them and reads all their secrets; the rest is what a person may ask for.
"""

from __future__ import annotations

import json
import os
import sys
import threading
from pathlib import Path
from typing import Any

import keyring
from keyring.errors import NoKeyringError

from desktop.station import STORE_FILE, Station
from desktop.workers import within
from models.clock import SystemClock
from models.errors import Refused
from models.signing import new_key
from services import moving_secrets
from services.enrolment import Enrolled, credentials, key_name
from services.moving_secrets import Place
from services.sealed_file import new_sealed_file, open_sealed_file
from services.secrets import Secrets
from services.store_keys import known_key, secret_name
from services.sync.replies import Registered
from services.vault import SERVICE, Vault

ELSEWHERE = "https://centre.invalid"
UNITS = ("341002102", "341002102006")
KILLED = 9


class Probe:
    """The workstation in `base`, opened with the passphrase, if there is one."""

    def __init__(self, base: Path, passphrase: str) -> None:
        self.base = base
        self.vault = Vault(within, file=base / "secrets.sealed", alone=threading.RLock())
        if (base / "secrets.sealed").exists():
            self.vault.sealed = open_sealed_file(base / "secrets.sealed", passphrase)

    def secrets(self, unit: str) -> Secrets:
        return Secrets(self.base / unit, ELSEWHERE, self.vault)

    def places(self) -> list[Place]:
        return [Place(self.base / unit / STORE_FILE, self.secrets(unit)) for unit in UNITS]

    def set_up(self, passphrase: str) -> list[str]:
        """Every secret that may never stand anywhere in plain."""
        if passphrase:
            self.vault.sealed = new_sealed_file(self.base / "secrets.sealed", passphrase)
        for number, unit in enumerate(UNITS):
            station = Station(self.base / unit, ELSEWHERE, SystemClock(), self.secrets(unit))
            registered = Registered(f"D-{number}", f"token of {unit}", "A", unit, 1, "key of the centre", 0)
            station.keep_registration(Enrolled(registered, new_key()))
            station.engine.dispose()
        return [secret for name in self.look() for secret in [self.vault.read(name)]]

    def look(self) -> list[str]:
        """The name of every secret, after each was read and did its work."""
        names: list[str] = []
        for unit in UNITS:
            station = Station(self.base / unit, ELSEWHERE, SystemClock(), self.secrets(unit))
            assert station.kept().store == "encrypted"
            known = credentials(station.secrets, station.device, station.identity.public_key)
            assert known.token == f"token of {unit}" and known.key is not None
            key = known_key(station.secrets, self.base / unit / STORE_FILE)
            assert key is not None
            names += [station.device, key_name(station.device), secret_name(key.id)]
            station.engine.dispose()
        return names


def in_keyring(name: str) -> bool:
    """Whether the system's keyring has it; where there is none, it has nothing."""
    try:
        return keyring.get_password(SERVICE, name) is not None
    except NoKeyringError:
        return False


def call(folder: str, verb: str, old: str, new: str, die_at: str) -> dict[str, Any]:
    """What it came to."""
    value: Any = None
    refused = ""
    try:
        probe = Probe(Path(folder), old)
        die_before(die_at, folder)
        match verb:
            case "set_up":
                value = probe.set_up(old)
            case "look":
                names = probe.look()
                value = [name for name in names if in_keyring(name)]
            case "change":
                moving_secrets.change_passphrase(probe.vault, old, new)
            case "to_keyring":
                moving_secrets.to_keyring(probe.vault, old)
            case "to_passphrase":
                value = moving_secrets.to_passphrase(probe.vault, probe.places(), new)
            case "finish":
                value = moving_secrets.finish_leaving(probe.vault, probe.places())
    except Refused as error:
        refused = error.code
    return {"value": value, "refused": refused}


def die_before(which: str, folder: str) -> None:
    """End like a killed process before the n-th file in the folder is made, renamed or removed ("file:n"), or before the
    n-th call of the keyring while there is a passphrase's file ("keyring:n")."""
    kind, _, number = which.partition(":")
    left = [int(number or 0)]

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        makes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_CREAT | os.O_WRONLY)
        ours = (makes or event in ("os.rename", "os.remove")) and str(arguments[0]).startswith(folder)
        asks = event == "socket.connect" and (Path(folder) / "secrets.sealed").exists()
        if left[0] and (ours if kind == "file" else asks):
            left[0] -= 1
            if not left[0]:
                os._exit(KILLED)

    sys.addaudithook(hook)


def serve() -> None:
    """One call a line, each in a process of its own that has everything imported already."""
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if not child:
            os.environ.clear()
            os.environ.update(asked["environment"])
            print(json.dumps(call(*asked["arguments"])), flush=True)
            os._exit(0)
        ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        if ended:
            print(json.dumps({"ended": ended}), flush=True)


if __name__ == "__main__":
    serve()
