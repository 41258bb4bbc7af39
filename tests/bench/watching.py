"""Another desk of a unit, in a process of its own, as on another machine: waits for news, and says when it has which.

    python -m tests.bench.watching FOLDER ADDRESS CODE UNIT PERSON

One line for each case that changed here: its id, and the machine's monotonic clock (seconds) when the change was in the store.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from models.ids import id_source
from models.store.work import Work
from services.sync.machine import Pull
from tests.whole.parties import Console

T = TypeVar("T")
HELD_SECONDS = 20


class Known:
    """A centre that serves already, of which an address and a code for one workstation are known."""

    def __init__(self, address: str, code: str) -> None:
        self.address, self._code = address, code

    def code(self, _unit: str) -> str:
        return self._code


class Watching(Console):
    """A console that tells what changed in its store, once it is there."""

    def database(self, job: Callable[[Work], T]) -> T:
        with Work(self.engine, self.rules, self.clock, id_source(self.clock)) as work:
            found = job(work)
            changed = set(work.changed)
        for case_id in changed:
            print(case_id, time.monotonic(), flush=True)
        return found


def main() -> None:
    folder, address, code, unit, person = sys.argv[1:]
    desk = Watching(Path(folder), Known(address, code), unit, person)  # type: ignore[arg-type]
    desk.settle()
    desk.exchange._wait_seconds = HELD_SECONDS
    print("ready", flush=True)
    while True:
        desk.exchange.do(Pull(), desk.line)


if __name__ == "__main__":
    main()
