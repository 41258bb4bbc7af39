"""The demo's district centre: a child process on loopback, ended and started again by `make demo-line-down / -up`."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec

from models.errors import Refused
from models.files import write_whole
from models.wire import Malformed, decode, encode

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
        self._folder = folder
        self._log = folder / "district.log"

    def initialise(self, reports: int) -> None:
        """Make the demo district if there is none yet, with a past year of so many reports; whole or not at all.
        Refused("demo_not_made") when that does not work out; the reason stands above it on the terminal."""
        if self._file.exists():
            return
        made = self._file.with_suffix(".making")
        for leftover in made.parent.glob(f"{made.name}*"):
            leftover.unlink()
        under_way = f"sqlite:///{made}"
        init = [*district_command(), "init", "--demo", "--database", under_way]
        try:
            subprocess.run(init, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, timeout=120)
            if reports:
                year = [sys.executable, "-m", "district.year", "--database", under_way, "--reports", str(reports)]
                subprocess.run(year, cwd=ROOT, check=True, timeout=900)
        except subprocess.SubprocessError as error:
            raise Refused("demo_not_made", folder=str(self._folder)) from error
        made.rename(self._file)

    def enrolment_code(self, unit: str, label: str, clock: str) -> str:
        """A one-time code for a workstation of the unit, made as an administrator makes it. Refused("demo_not_made"); the
        reason stands above it on the terminal."""
        verb = ["enrol", "--unit", unit, "--label", label, "--loopback", "--demo-clock", clock]
        command = [*district_command(), *verb, "--database", self.database]
        try:
            done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, timeout=60)
        except subprocess.SubprocessError as error:
            raise Refused("demo_not_made", folder=str(self._folder)) from error
        return done.stdout.splitlines()[0]

    def start(self, demo_pid: int, clock: str, port: int = 0) -> Running:
        """Start it; it ends by itself when the demo's process is gone. Refused("demo_newer") for a database of a newer
        program, ("district_did_not_start") for anything else."""
        command = [*district_command(), "serve", "--database", self.database, "--port", str(port)]
        command += ["--with-process", str(demo_pid), "--demo-clock", clock, "--log-file", str(self._log)]
        said = self._folder / "district-start.log"  # begun anew each time: what it logs later rotates by itself
        with said.open("w", encoding="utf-8") as told:
            process = subprocess.Popen(
                command, cwd=ROOT, stdout=subprocess.PIPE, stderr=told, text=True, start_new_session=True
            )
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line.startswith("serving "):
            process.wait()
            raise _refusal(said)
        found = Running(demo_pid, process.pid, int(line.rsplit(":", 1)[1]), clock)
        write_whole(self._state, encode(found))
        return found

    def running(self) -> Running | None:
        """The demo that was started last, if its program still runs."""
        if not self._state.exists():
            return None
        try:
            found = decode(self._state.read_bytes(), Running)
        except Malformed:
            return None
        return found if _is_alive(found.demo_pid) else None

    def end(self, found: Running) -> None:
        """End the district process: the line is down. When it does not end in time by itself it is made to."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(found.district_pid, signal.SIGTERM)
        for _ in range(50):
            if not _is_alive(found.district_pid):
                return
            time.sleep(0.1)
        with contextlib.suppress(ProcessLookupError):
            os.kill(found.district_pid, signal.SIGKILL)


def _refusal(told: Path) -> Refused:
    code = re.search(r"^refused \((\w+)\)", told.read_text(encoding="utf-8"), re.MULTILINE)
    if code is not None and code[1] == "store_newer":
        return Refused("demo_newer")
    return Refused("district_did_not_start", file=str(told), reason=code[1] if code else "")


def _is_alive(pid: int) -> bool:
    try:
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        os.kill(pid, 0)
        # A process that has ended, and whose parent has not asked for it yet, does nothing any more.
        state = Path(f"/proc/{pid}/stat")
        return not state.exists() or state.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
