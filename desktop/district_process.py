"""The demo's district centre: a child process on loopback, ended and started again by `make demo-line-down / -up`."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec

from models.errors import Weather
from models.wire import decode, encode

ROOT = Path(__file__).resolve().parents[1]


def is_bundled() -> bool:
    """True when this is the one-folder program (packaging/console.spec), without a Python beside it."""
    return bool(getattr(sys, "frozen", False))


def console_command() -> list[str]:
    """How this program is started once more."""
    return [sys.executable] if is_bundled() else [sys.executable, str(ROOT / "main.py")]


def district_command() -> list[str]:
    """How the neighbour is started: another program of the same folder, or a module."""
    return (
        [str(Path(sys.executable).with_name("district-centre"))] if is_bundled() else [sys.executable, "-m", "district"]
    )


class Running(msgspec.Struct, frozen=True):
    """What is known of the running demo, kept in its folder."""

    demo_pid: int
    district_pid: int
    port: int
    clock: str


class DistrictProcess:
    """Starts, ends and finds the district process of the demo in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._state = folder / "running.json"
        self._file = folder / "district.sqlite"
        self.database = f"sqlite:///{self._file}"
        self._log = folder / "district.log"

    def initialise(self, reports: int) -> None:
        """Make the demo district if there is none yet, with a past year of so many reports; whole or not at all."""
        if self._file.exists():
            return
        made = self._file.with_suffix(".making")
        for leftover in made.parent.glob(f"{made.name}*"):
            leftover.unlink()
        under_way = f"sqlite:///{made}"
        init = [*district_command(), "init", "--demo", "--database", under_way]
        subprocess.run(init, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, timeout=120)
        if reports:
            year = [sys.executable, "-m", "district.year", "--database", under_way, "--reports", str(reports)]
            subprocess.run(year, cwd=ROOT, check=True, timeout=900)
        made.rename(self._file)

    def start(self, demo_pid: int, clock: str, port: int = 0) -> Running:
        """Start it; it ends by itself when the demo's process is gone."""
        command = [*district_command(), "serve", "--database", self.database, "--port", str(port)]
        command += ["--with-process", str(demo_pid), "--demo-clock", clock]
        with self._log.open("a", encoding="utf-8") as log:
            process = subprocess.Popen(
                command, cwd=ROOT, stdout=subprocess.PIPE, stderr=log, text=True, start_new_session=True
            )
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line.startswith("serving "):
            raise Weather("district_did_not_start", str(self._log))
        found = Running(demo_pid, process.pid, int(line.rsplit(":", 1)[1]), clock)
        self._state.write_bytes(encode(found))
        return found

    def running(self) -> Running | None:
        """The demo that was started last, if its program still runs."""
        if not self._state.exists():
            return None
        found = decode(self._state.read_bytes(), Running)
        return found if _is_alive(found.demo_pid) else None

    def end(self, found: Running) -> None:
        """End the district process: the line is down."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(found.district_pid, signal.SIGTERM)
        for _ in range(50):
            if not _is_alive(found.district_pid):
                return
            time.sleep(0.1)
        with contextlib.suppress(ProcessLookupError):
            os.kill(found.district_pid, signal.SIGKILL)


def _is_alive(pid: int) -> bool:
    try:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        os.kill(pid, 0)
    except OSError:
        return False
    return True
