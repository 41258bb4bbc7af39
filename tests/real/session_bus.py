"""A person's desktop session in one folder: a private D-Bus, and the daemons begun on it."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from jeepney import DBusAddress, new_method_call
from jeepney.io.blocking import open_dbus_connection

START_SECONDS = 20
_BUS = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")


class SessionBus:
    """The bus and what runs on it; `begin_bus` is the signing-in to the desktop, `end` the signing-out."""

    def __init__(self, folder: Path) -> None:
        self._run = folder / "run"
        self._run.mkdir(mode=0o700)
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "XDG_DATA_HOME": str(folder / "data"),
            "XDG_RUNTIME_DIR": str(self._run),
            "LANG": "C.UTF-8",
        }
        self._processes: list[subprocess.Popen[bytes]] = []

    def begin_bus(self) -> None:
        """The bus answers when this returns."""
        address = self.environment["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={self._run}/bus"
        self.begin("dbus-daemon", "--session", "--nofork", f"--address={address}")
        self.until_owned("org.freedesktop.DBus")

    def begin(self, *command: str) -> subprocess.Popen[bytes]:
        """A daemon in the session's environment; it goes with `end`."""
        quiet = subprocess.DEVNULL
        made = subprocess.Popen(command, env=self.environment, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet)
        self._processes.append(made)
        return made

    def until_owned(self, name: str) -> None:
        """Wait until somebody answers to this name on the bus."""
        self.until(lambda: self._owned(name))

    def until(self, true: Callable[[], bool]) -> None:
        """Wait until it is so."""
        end = time.monotonic() + START_SECONDS
        while not true():
            assert time.monotonic() < end, "the session did not start"
            time.sleep(0.05)

    def _owned(self, name: str) -> bool:
        try:
            with open_dbus_connection(self.environment["DBUS_SESSION_BUS_ADDRESS"]) as bus:
                asked = new_method_call(_BUS, "NameHasOwner", "s", (name,))
                return bool(bus.send_and_get_reply(asked, timeout=START_SECONDS).body[0])
        except OSError:
            return False

    def end(self) -> None:
        """Sign out: every process goes, by its own id; what they kept stays in the folder."""
        for process in reversed(self._processes):
            assert process.stdin is not None
            process.stdin.close()
            process.terminate()
            process.wait(START_SECONDS)
        self._processes.clear()
