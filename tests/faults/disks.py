"""Disks that are full, under a workstation's store or under the district's database, and disks that give errors (libfiu)."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.faults import told
from tests.faults.lines import NotToBeHad
from tests.faults.processes import Console
from tests.faults.scene import Scene

MEGABYTES = 24
LONGEST_SECONDS = 4.0
ERRORS = ("posix/io/rw/pwrite", "posix/io/rw/pwrite64", "posix/io/sync/fsync", "posix/io/sync/fdatasync")
"""What SQLite writes with; sockets and logs are written otherwise."""

PROBABILITY = 0.02
_NO_SPACE, _IO_ERROR = 28, 5


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A disk of its own for a folder; unmounted whatever happens."""
    folder.mkdir(parents=True, exist_ok=True)
    words = ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m", "tmpfs", str(folder)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotToBeHad(f"{' '.join(words)}: {done.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=False)


def fill(folder: Path, leave: int = 0) -> Path:
    """Take all the room there is but so many bytes."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as opened:
        try:
            while True:
                opened.write(bytes(4096))
        except OSError:
            opened.truncate(max(0, opened.tell() // 4096 * 4096 - leave))
    return filler


def run_full(scene: Scene, places: list[Path], count: int) -> None:
    """`count` times one of the disks is full for a while; now and then a workstation ends meanwhile and is started again when
    there is room."""
    chance = scene.chance
    for _ in range(count):
        time.sleep(chance.uniform(0.5, 2))
        place = chance.choice(places)
        filler = fill(place, leave=chance.choice((0, 4096, 60_000)))
        time.sleep(chance.uniform(1, LONGEST_SECONDS))
        ended = [console for console in scene.consoles if console.folder in place.parents and chance.random() < 0.3]
        for console in ended:
            console.kill()
            scene.played["workstation killed on a full disk"] += 1
        filler.unlink()
        whose = "workstation" if told.STATION in place.name else "district"
        scene.played[f"disk full under a {whose}"] += 1
        for console in ended:
            console.start()


def give_errors(scene: Scene, count: int) -> None:
    """`count` times the calls with which a workstation writes its store fail now and then for some seconds."""
    chance = scene.chance
    for _ in range(count):
        time.sleep(chance.uniform(0.3, 1))
        console, number = chance.choice(scene.consoles), chance.choice((_NO_SPACE, _IO_ERROR))
        for name in ERRORS:
            _tell(console, f"enable_random name={name},probability={PROBABILITY},failinfo={number}")
        time.sleep(chance.uniform(1, LONGEST_SECONDS))
        for name in ERRORS:
            _tell(console, f"disable name={name}")
        scene.played[f"two of a hundred writes fail: {os.strerror(number)}"] += 1


def _tell(console: Console, what: str) -> None:
    done = subprocess.run(["fiu-ctrl", "-c", what, str(console.pid)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise NotToBeHad(f"fiu-ctrl: {done.stderr.strip()}")


UNDER_FIU = ("fiu-run", "-x")
"""Put before a workstation's command."""
