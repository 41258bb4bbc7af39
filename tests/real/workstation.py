"""A registered workstation whose centre is gone, and the shipped program on it under a private X display."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from desktop.files import store_folder
from desktop.station import Station
from models.clock import SystemClock
from models.wire import encode
from services.enrolment import enrol
from services.session import keep_sign_in, sign_in_online
from tests.real.display import Display
from tests.real.painted import wait_for
from tests.whole.parties import PASSWORD, ROOT, Centre, initialise

TOWN = "341002102"
OFFLINE = "断网作业:所有操作已存本机,恢复后自动上报"
PATIENCE_SECONDS = 20


class Workstation:
    """A registered workstation whose centre is gone: its folder, and the program when it runs."""

    def __init__(self, folder: Path, display: Display) -> None:
        self.display = display
        self._data = folder / "data"
        base = self._data / "joint-response-console"
        base.mkdir(parents=True)
        database = f"sqlite:///{folder}/district.sqlite"
        initialise(database)
        centre = Centre(database)
        try:
            self.address = centre.address
            self._store = store_folder(base, self.address, TOWN)
            self._register(centre.code(TOWN))
        finally:
            centre.end(signal.SIGKILL)
        (base / "workstation.json").write_bytes(encode({"address": self.address, "unit": TOWN}))
        self._process: subprocess.Popen[str] | None = None

    def _register(self, code: str) -> None:
        station = self.station()
        station.keep_registration(enrol(self.address, code, station.clock, TOWN))
        station.fetch_reference()
        line = station.line()
        entered = sign_in_online(line, f"{TOWN}-clerk-1", PASSWORD, "")
        with station.work() as work:
            keep_sign_in(work, line, entered.person, PASSWORD)
        line.close()
        station.engine.dispose()

    def station(self) -> Station:
        """The store, opened as the program opens it."""
        return Station(self._store, self.address, SystemClock())

    def start(self, program: str = "tests.real.told_console", **desktop: str) -> None:
        """Start the program, with the `desktop`'s environment, and sign in without the line, by the keyboard."""
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self._data),
            "LANG": "C.UTF-8",
            "DISPLAY": self.display.name,
            "QT_QPA_PLATFORM": "xcb",
            "XDG_DATA_HOME": str(self._data),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            **desktop,
        }
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            [sys.executable, "-m", program], cwd=ROOT, env=environment, stdin=pipe, stdout=pipe, text=True
        )
        self.display.focus("登录", PATIENCE_SECONDS)
        self.display.type(PASSWORD)
        self.display.key("Return")
        self.display.focus("联勤联动工作台", PATIENCE_SECONDS, whole=True)
        self.sees(OFFLINE)

    def sees(self, words: str) -> None:
        """Wait until the words are painted."""
        wait_for(self.display.picture, words, PATIENCE_SECONDS)

    def ask(self) -> str:
        """One line of answer from a program that answers (asked_console)."""
        process = self._process
        assert process is not None and process.stdin is not None and process.stdout is not None
        process.stdin.write("\n")
        process.stdin.flush()
        answer = process.stdout.readline()
        assert answer, f"the program ended with {process.wait(PATIENCE_SECONDS)}"
        return answer

    def kill(self) -> list[str]:
        """Kill -9, at once; the ids of the acts the screen had been told of."""
        process, self._process = self._process, None
        if process is None:
            return []
        os.kill(process.pid, signal.SIGKILL)
        assert process.stdin is not None and process.stdout is not None
        with process.stdin, process.stdout:
            told = process.stdout.read().split()
        process.wait(PATIENCE_SECONDS)
        return told
