"""`make demo`: a district centre, a town at work and one console, on this machine, over loopback (演示数据)."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from pathlib import Path

from desktop import logs
from desktop.district_process import ROOT, DistrictProcess, Running, console_command, is_bundled
from desktop.station import Station
from models.clock import Clock, DemoClock, SystemClock
from models.store.last_instant import last_instant
from services import enrolment
from services.secrets import Secrets
from services.session import Entered, keep_sign_in, sign_in_online
from services.vault import Vault

TOWN = "341002102"
CLERK = f"{TOWN}-clerk-1"
OPERATOR = "341002-operator-1"
PASSWORD = "demo-2026"
PACE = 10
PATIENCE_SECONDS = 2.0
WATCH_SECONDS = 0.5
SEED = 20261124


def folder() -> Path:
    """Where the demo keeps everything; delete it to begin anew."""
    found = Path(os.environ.get("DEMO_FOLDER", ROOT / ".demo"))
    found.mkdir(parents=True, exist_ok=True)
    return found


def pace() -> int:
    """How fast demo time runs (演示时间×n)."""
    return max(1, int(os.environ.get("DEMO_PACE", str(PACE))))


def reports() -> int:
    """How many reports the past year holds; 0 for an empty district, as in the bundle, which cannot load a year."""
    return 0 if is_bundled() else max(0, int(os.environ.get("DEMO_REPORTS", "30400")))


def demo_secrets(folder: Path, address: str) -> Secrets:
    """In readable files, with plain stores: the demo asks nobody for anything, a keyring that is locked included."""
    return Secrets(folder, address, Vault(None))


class Demo:
    """The parts of a running demo."""

    def __init__(self) -> None:
        self.folder = folder()
        self.process = DistrictProcess(self.folder)
        self.process.initialise(reports())
        system = SystemClock()
        start = max(system.wall_ms(), last_instant(self.process.database) + 1_000)
        origin = system.mono_ms()
        self.clock_words = f"{start}:{origin}:{pace()}"
        self.clock: Clock = DemoClock(system, start, origin, pace())
        self.running: Running = self.process.start(os.getpid(), self.clock_words)
        self.town: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where the district centre answers."""
        return f"http://127.0.0.1:{self.running.port}"

    def station(self) -> Station:
        """The sub-centre's own workstation, enrolled on first use. The port differs each time; the file does not."""
        folder = self.folder / "console"
        found = Station(folder, self.address, self.clock, demo_secrets(folder, self.address))
        if not found.device:
            code = self.process.enrolment_code(TOWN, "demo", self.clock_words)
            found.keep_registration(enrolment.enrol(self.address, code, self.clock, TOWN))
        return found

    def sign_in(self, station: Station) -> Entered:
        """The demo's clerk sits down."""
        station.fetch_reference()
        line = station.line()
        entered = sign_in_online(line, CLERK, PASSWORD, "")
        with station.work() as work:
            keep_sign_in(work, line, CLERK, PASSWORD)
        line.close()
        return entered

    def start_town(self) -> None:
        """The other desks begin to work, as a process of their own."""
        command = [*console_command(), "town", self.address, self.clock_words, str(os.getpid())]
        with (self.folder / "town-start.log").open("w", encoding="utf-8") as told:
            self.town = subprocess.Popen(command, cwd=ROOT, stdout=told, stderr=told)

    def end(self) -> None:
        """Everything this demo started ends, by itself or, when that takes too long, by force."""
        last = self.process.running()
        if self.town is not None:
            self.town.terminate()
        if last is not None:
            self.process.end(last)
        if self.town is not None:
            try:
                self.town.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                self.town.kill()
                self.town.wait()


def run_town(address: str, clock_words: str, demo_pid: int) -> int:
    """The town's own process: works until the demo is gone."""
    from desktop.town import Town

    logs.begin(folder() / "logs", "town")
    _end_with(demo_pid)
    start, origin, factor = (int(part) for part in clock_words.split(":"))
    clock = DemoClock(SystemClock(), start, origin, factor)
    process = DistrictProcess(folder())

    def first_code(unit: str) -> str:
        return process.enrolment_code(unit, "town", clock_words)

    town = Town(folder() / "town", address, TOWN, clock, SEED, first_code, OPERATOR, PASSWORD)
    try:
        for _ in town.hour(rounds=100_000, pause_seconds=2.0):
            pass
    finally:
        town.close()
    return 0


def _end_with(demo_pid: int) -> None:
    """The town ends as soon as the demo that started it is gone, whatever it is doing then: what was begun is rolled
    back, and what is to come would only be activity."""

    def watch() -> None:
        while os.getppid() == demo_pid:
            time.sleep(WATCH_SECONDS)
        os._exit(0)

    threading.Thread(target=watch, daemon=True, name="watch").start()


def line(verb: str) -> int:
    """`demo-line down | up`. Refused as DistrictProcess.start."""
    process = DistrictProcess(folder())
    found = process.running()
    if found is None:
        print("No demo is running.")
        return 1
    process.end(found)
    if verb == "down":
        print("The line is down: the district centre has ended.")
        return 0
    process.start(found.demo_pid, found.clock, found.port)
    print("The line is up: the district centre answers again.")
    return 0
