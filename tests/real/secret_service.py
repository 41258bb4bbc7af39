"""A person's desktop session with a real keyring, in one folder: a private D-Bus and gnome-keyring-daemon on it."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from jeepney import DBusAddress, new_method_call
from jeepney.io.blocking import open_dbus_connection

PASSWORD = "sign-in of the desktop"
START_SECONDS = 20
_BUS = DBusAddress("/org/freedesktop/DBus", "org.freedesktop.DBus", "org.freedesktop.DBus")


class DesktopSession:
    """Bus and keyring daemon; each call of `start` is one signing-in to the desktop, `end` the signing-out."""

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

    def start(self, *, unlocked: bool, display: str = "") -> None:
        """With `unlocked`, the keyring is opened by the desktop's password, as a signing-in does; else it stays shut,
        as after an automatic one. With a `display`, the daemon may ask the person."""
        if display:
            self.environment["DISPLAY"] = display
        address = self.environment["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={self._run}/bus"
        self._begin("dbus-daemon", "--session", "--nofork", f"--address={address}")
        self._until(lambda: self._owned("org.freedesktop.DBus"))
        way = "--unlock" if unlocked else "--start"
        daemon = self._begin("gnome-keyring-daemon", "--foreground", way, "--components=secrets")
        assert daemon.stdin is not None
        with daemon.stdin:
            daemon.stdin.write(PASSWORD.encode() if unlocked else b"")
        self._until(lambda: self._owned("org.freedesktop.secrets"))

    def _begin(self, *command: str) -> subprocess.Popen[bytes]:
        quiet = subprocess.DEVNULL
        made = subprocess.Popen(command, env=self.environment, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet)
        self._processes.append(made)
        return made

    def _until(self, true: Callable[[], bool]) -> None:
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
        """Sign out: both processes go, by their own ids; the keyring stays in its folder."""
        for process in reversed(self._processes):
            process.terminate()
            process.wait(START_SECONDS)
        self._processes.clear()
