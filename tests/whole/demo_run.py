"""`main.py demo` as a person starts it: a process, what it prints and logs, its neighbours, and the line cut and mended."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import text

from models.store.engine import open_engine, open_to_look
from models.wire import decode_any
from tests.whole.parties import ROOT

TOWN = "341002102"
PATIENCE_SECONDS = 90.0
REPORTS = 200


def until(true: Callable[[], object], what: str, seconds: float = PATIENCE_SECONDS) -> None:
    """Wait until it is true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"{what}: waited {seconds} s in vain"
        time.sleep(0.2)


def main_py(folder: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    """The shipped program, in a desk's environment without a display and without a keyring."""
    found = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        "DEMO_FOLDER": str(folder),
        "DEMO_REPORTS": str(REPORTS),
        **environment,
    }
    command = [sys.executable, "main.py", *arguments]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, env=found, stdout=pipe, stderr=pipe, text=True)


class DemoRun:
    """A demo that runs, in `folder`, until it ends by itself or is ended."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.folder = folder
        self._log_begins = len(self._log())
        self.process = main_py(folder, "demo", **environment)
        until(lambda: self._is_open() or self.process.poll() is not None, "the console opens")
        assert self.process.poll() is None, self.process.communicate()

    def _log(self) -> str:
        file = self.folder / "logs" / "console.log"
        return file.read_text(encoding="utf-8") if file.exists() else ""

    def _is_open(self) -> bool:
        return bool(self.line_states())

    def line_states(self) -> list[str]:
        """What the console has found the line to be, in order, as it logs it."""
        told = [line.partition(f"line of {TOWN}: ")[2] for line in self._log()[self._log_begins :].splitlines()]
        return [state for state in told if state]

    def sees_the_line(self, state: str) -> None:
        """Wait until the console says so."""
        until(lambda: self.line_states()[-1:] == [state], f"the line is {state}")

    @property
    def running(self) -> Any:
        """What the demo keeps of itself."""
        return decode_any((self.folder / "running.json").read_bytes())

    def switch_line(self, way: str) -> None:
        """`make demo-line-down` or `-up`, from another terminal."""
        done = main_py(self.folder, "demo-line", way)
        said, problem = done.communicate(timeout=PATIENCE_SECONDS)
        assert done.returncode == 0, said + problem

    def neighbours(self) -> dict[str, int]:
        """The processes the demo lives with, by what they are: the `district` of this folder, the `town` of this demo."""
        found = {}
        for entry in Path("/proc").iterdir():
            words = _words_of(entry) if entry.name.isdigit() else []
            if "serve" in words and f"sqlite:///{self.folder}/district.sqlite" in words:
                found["district"] = int(entry.name)
            if "town" in words and words[-1] == str(self.process.pid):
                found["town"] = int(entry.name)
        return found

    def acts_of(self, label: str) -> list[str]:
        """The ids of everything the centre has from the workstations of that label, in order."""
        engine = open_engine(f"sqlite:///{self.folder}/district.sqlite")
        try:
            with engine.connect().execution_options(read_only=True) as connection:
                asked = text("SELECT cmd_id FROM log JOIN device ON id = device WHERE label = :l ORDER BY gseq")
                return [str(i) for i in connection.execute(asked, {"l": label}).scalars()]
        finally:
            engine.dispose()

    def outbox(self) -> list[tuple[str, str]]:
        """(id, state) of everything done at the console, read beside it."""
        engine = open_to_look(self.folder / "console" / "store.sqlite")
        try:
            with engine.connect() as connection:
                rows = connection.execute(text("SELECT cmd_id, state FROM outbox ORDER BY dseq"))
                return [(str(i), str(state)) for i, state in rows]
        finally:
            engine.dispose()

    def leaves_nothing(self) -> None:
        """Wait until no process of the demo is left."""
        self.process.wait(PATIENCE_SECONDS)
        until(lambda: not self.neighbours(), "everything ends")

    def end(self) -> None:
        """Whatever a failed test left."""
        self.process.kill()
        self.process.communicate()
        for pid in self.neighbours().values():
            os.kill(pid, 9)


def _words_of(process: Path) -> list[str]:
    try:
        return (process / "cmdline").read_text(encoding="utf-8").rstrip("\0").split("\0")
    except OSError:
        return []
