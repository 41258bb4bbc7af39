"""What a workstation's process is told when it starts, what it says of itself, and what it saw: a line of text each."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from models.clock import Clock, DemoClock, SystemClock
from models.wire import decode, encode

FILE, SEEN = "told.json", "seen.log"
STATION = "station"
"""The folder of the store within the workstation's folder: what may have a disk of its own."""


class Told(msgspec.Struct, frozen=True):
    """`clock` is "start_ms:origin_mono_ms:factor": what truly is the time, by the machine's boot counter. With
    `machine_clock` the workstation goes by the machine's clocks instead, which may be wrong. `passphrase`: its secrets are
    sealed by it, so its store is encrypted. `window`: the whole console stands over the store, on no screen. Somebody does something every `pace_ms` on average."""

    address: str
    unit: str
    code: str
    clock: str
    seed: str
    machine_clock: bool = False
    passphrase: str = ""
    pace_ms: int = 70
    most_cases: int = 25
    window: bool = False


class Stands(msgspec.Struct, frozen=True):
    """Where a workstation stands: what its line says, how many acts, records and files wait, its place in the feed."""

    phase: str
    reason: str
    waiting: int
    epoch: int = 0
    sseq: int = 0
    chain: str = ""
    resting: bool = False


def keep(folder: Path, told: Told) -> None:
    """Lay it down where the process will look."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_bytes(encode(told))


def read(folder: Path) -> Told:
    """What was laid down."""
    return decode((folder / FILE).read_bytes(), Told)


def clock_of(words: str) -> Clock:
    """The true time of a run."""
    start, origin, factor = (int(part) for part in words.split(":"))
    return DemoClock(SystemClock(), start, origin, factor)


class Log:
    """What a process saw, written as it saw it: a line survives whoever wrote it being killed."""

    def __init__(self, folder: Path) -> None:
        self._file = os.open(folder / SEEN, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    def say(self, *words: object) -> None:
        """One line."""
        line = (" ".join(map(str, words)) + "\n").encode()
        assert os.write(self._file, line) == len(line)
