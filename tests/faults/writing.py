"""A workstation's store being written, to be traced: the shipped store and gestures, one act after the other, each named on
standard output once it was saved. `python -m tests.faults.writing FILE ACTS KEY SYNCHRONOUS`; KEY "" for a plain store."""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

from models import commands as c
from models.clock import SystemClock
from models.ids import id_source
from models.rules import Rules
from models.store.opening import open_store
from models.store.store_key import StoreKey
from models.store.work import Work
from services import cases
from services.desk import Desk
from tests.models import small_town
from tests.models.small_town import STALLS, TOWN, VILLAGE

SAVED, OPENED = 1, 2
REPORT = c.Report("", "grid", STALLS, "店外堆放", "龙山路口", TOWN, VILLAGE, words="占道" * 200)


def main(file: Path, acts: int, key: str, synchronous: str) -> None:
    """So many acts, on ever more cases: reported, filed, noted."""
    clock, rules, chance = SystemClock(), Rules(small_town.reference()), random.Random(acts)
    engine = open_store(file, clock.wall_ms(), StoreKey(key) if key else None)
    desk, newest = Desk("clerk", TOWN, "D-traced", "A"), [""]
    for number in range(acts):
        with Work(engine, rules, clock, id_source(clock)) as work:
            if number == 0 and synchronous:  # what the harness must be able to miss
                work.connection.commit()
                work.connection.connection.driver_connection.execute(f"PRAGMA synchronous={synchronous}")  # type: ignore[union-attr]
                work.connection.begin()
            args, case_id = _next(number, newest, chance)
            acted = cases.act(work, desk, args, case_id)
            work.commit()
        newest[-1:] = [acted.case_id]
        os.write(SAVED, f"{acted.cmd_id}\n".encode())
    engine.dispose()


def _next(number: int, newest: list[str], chance: random.Random) -> tuple[c.Args, str | None]:
    if number % 3 == 0:
        return REPORT, None
    return (c.File(), newest[-1]) if number % 3 == 1 else (c.Note("记" * chance.randrange(1, 400)), newest[-1])


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4])
