"""P1, as the eye has it: once 已存本机 stands painted on the screen, the act survives kill -9.

The shipped program runs in a process of its own under a private X server, the district centre is down, and the keyboard
alone is used. The test looks at the pixels of the screen, kills in the moment the words are there, and looks the act up
by the id the screen had been told.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import keyring.core
import pytest
from keyring.backends.fail import Keyring as NoKeyring
from sqlalchemy import text

from desktop.files import store_folder
from desktop.station import Station
from models.case import State
from models.clock import SystemClock
from models.store import outbox
from models.store.case_table import get_case
from models.wire import encode
from services.session import keep_sign_in, sign_in_online
from services.sync.line import Line
from tests.real.display import Display
from tests.real.needs import need
from tests.real.painted import stands, wait_for
from tests.whole.parties import OPERATOR, PASSWORD, ROOT, Centre

TOWN = "341002102"
OFFLINE = "断网作业:所有操作已存本机,恢复后自动上报"
PROMISE = "立案:已存本机·待上报"
PATIENCE_SECONDS = 20
KILLS = 3


class Workstation:
    """A registered workstation whose centre is gone: its folder, and the program when it runs."""

    def __init__(self, folder: Path, display: Display) -> None:
        self.display = display
        self._data = folder / "data"
        base = self._data / "joint-response-console"
        base.mkdir(parents=True)
        centre = Centre(f"sqlite:///{folder}/district.sqlite")
        try:
            self.address = centre.address
            self._store = store_folder(base, self.address, TOWN)
            self._register()
        finally:
            centre.end(signal.SIGKILL)
        (base / "workstation.json").write_bytes(encode({"address": self.address, "unit": TOWN}))
        self._process: subprocess.Popen[str] | None = None

    def _register(self) -> None:
        station = self.station()
        door = Line(self.address, station.clock)
        station.keep_registration(door.register(OPERATOR, PASSWORD, TOWN, "test"))
        door.close()
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

    def start(self) -> None:
        """Start the program and sign in without the line, by the keyboard."""
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self._data),
            "LANG": "C.UTF-8",
            "DISPLAY": self.display.name,
            "QT_QPA_PLATFORM": "xcb",
            "XDG_DATA_HOME": str(self._data),
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.real.told_console"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.display.focus("登录", PATIENCE_SECONDS)
        self.display.type(PASSWORD)
        self.display.key("Return")
        self.display.focus("联勤联动工作台", PATIENCE_SECONDS, whole=True)
        self.sees(OFFLINE)

    def sees(self, words: str) -> None:
        """Wait until the words are painted."""
        wait_for(self.display.picture, words, PATIENCE_SECONDS)

    def kill(self) -> list[str]:
        """Kill -9, at once; the ids of the acts the screen had been told of."""
        process, self._process = self._process, None
        if process is None:
            return []
        os.kill(process.pid, signal.SIGKILL)
        assert process.stdout is not None
        with process.stdout:
            told = process.stdout.read().split()
        process.wait(PATIENCE_SECONDS)
        return told


@pytest.fixture
def workstation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workstation]:
    need("Xvfb", "xdotool")
    monkeypatch.setattr(keyring.core, "_keyring_backend", NoKeyring())
    screen = tmp_path / "screen"
    screen.mkdir()
    display = Display(screen)
    try:
        made = Workstation(tmp_path, display)
        yield made
        made.kill()
    finally:
        display.end()


def assert_kept(workstation: Workstation, told: list[str]) -> None:
    """Every act the screen had been told of stands in the outbox under its id, and its case is where it put it."""
    station = workstation.station()
    with station.work() as work:
        rows = [outbox.find(work.connection, cmd_id) for cmd_id in told]
        assert [row and (row.kind, row.state) for row in rows] == [("case.file", outbox.PENDING)] * len(told)
        cases = [get_case(work.connection, row.case_id) for row in rows if row is not None]
        assert work.connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    station.engine.dispose()
    assert [case and (case.title, case.state) for case in cases] == [
        (f"Broken lamp {number}", State.AWAITING_DISPATCH) for number in range(len(told))
    ]


def test_an_act_whose_promise_is_painted_survives_kill_9(workstation: Workstation) -> None:
    display = workstation.display
    told: list[str] = []
    for number in range(KILLS):
        workstation.start()
        display.key("ctrl+n")
        display.focus("新上报", PATIENCE_SECONDS)
        display.type(f"Broken lamp {number}")
        display.key("ctrl+Return")
        workstation.sees("立案  F4")
        assert not stands(display.picture(), PROMISE)
        display.focus("联勤联动工作台", PATIENCE_SECONDS)
        display.key("F4")
        workstation.sees(PROMISE)
        told += workstation.kill()
        assert len(told) == number + 1, "the screen was told of one act"
        assert_kept(workstation, told)
    workstation.start()
    workstation.sees("派发  F5")
    assert_kept(workstation, told)
