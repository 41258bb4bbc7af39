"""Wall clocks of workstations moved while they work, by libfaketime; their boot counter goes on as it does in truth."""

from __future__ import annotations

import time
from pathlib import Path

from tests.faults.lines import NotToBeHad
from tests.faults.scene import Scene

STEPS = ("-3h", "+5h", "+400d", "-20d", "-40s", "+0")
_PLACES = ("/usr/lib/*/faketime/libfaketimeMT.so.1", "/usr/lib/faketime/libfaketimeMT.so.1")


def library() -> str:
    """Where libfaketime lies; NotToBeHad."""
    found = [place for pattern in _PLACES for place in sorted(Path("/").glob(pattern.lstrip("/")))]
    if not found:
        raise NotToBeHad("libfaketime is not installed")
    return str(found[0])


def environment(said: Path) -> dict[str, str]:
    """What a workstation's process needs so that its wall clock is moved whenever the file says another step."""
    move(said, "+0")
    # Without the second an Event's wait would hang (libfaketime #390); sync.md §5.
    told = {"FAKETIME_TIMESTAMP_FILE": str(said), "FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_CACHE_DURATION": "1"}
    return {"LD_PRELOAD": library(), **told}


def move(said: Path, step: str) -> None:
    """From now on the clock is wrong by so much."""
    making = said.with_suffix(".making")
    making.write_text(f"{step}\n", encoding="ascii")
    making.replace(said)


def run_wrong(scene: Scene, said: list[Path], count: int) -> None:
    """`count` times somebody sets the clock of a workstation."""
    chance = scene.chance
    for _ in range(count):
        time.sleep(chance.uniform(1, 2))  # the file is looked at once a second
        step = chance.choice(STEPS)
        move(chance.choice(said), step)
        scene.played[f"clock moved {step}"] += 1
