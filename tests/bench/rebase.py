"""A thousand unsent acts, folded anew on what others did meanwhile (sync.md §6): 500 changes of 500 cases, two unsent acts on each.

    python -m tests.bench.rebase

What is measured is the one transaction of the database thread that takes the page in. The floor: the same case rows written
again in one synced transaction of the same store.
"""

from __future__ import annotations

import signal
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy import text

from models import commands as c
from models.store import outbox
from models.store.work import Work
from services.sync.machine import Pull
from tests.bench.measuring import say
from tests.bench.outage import MATTER, settled
from tests.whole.parties import Centre, Console, initialise

T = TypeVar("T")
CASES, GOAL_MS = 500, 100
TOWN = "341002102"


class Timed(Console):
    """A console that keeps how long the longest transaction took, in ms."""

    took_ms = 0.0

    def database(self, job: Callable[[Work], T]) -> T:
        began = time.perf_counter()
        try:
            return super().database(job)
        finally:
            self.took_ms = max(self.took_ms, (time.perf_counter() - began) * 1_000)


def rewritten_ms(console: Console) -> float:
    """The floor."""
    began = time.perf_counter()
    with console.engine.begin() as connection:
        connection.execute(text("UPDATE case_row SET document = document || ''"))
    return (time.perf_counter() - began) * 1_000


def bench_rebase(folder: Path) -> None:
    """Two desks of one unit: one is cut off with its acts, the other remarks on every case."""
    database = f"sqlite:///{folder}/district.sqlite"
    initialise(database)
    centre = Centre(database)
    try:
        cut_off = Timed(folder, centre, TOWN, f"{TOWN}-clerk-1")
        other = Console(folder, centre, TOWN, f"{TOWN}-clerk-2")
        cut_off.settle()
        report = c.Report("", "volunteer", MATTER, "店外堆放", "龙山路口", TOWN, f"{TOWN}003")
        cases = [cut_off.act(report).case_id for _ in range(CASES)]
        settled(cut_off)
        other.settle()
        for case_id in cases:
            cut_off.act(c.File(), case_id)
            cut_off.act(c.Dispatch(f"{TOWN}-market"), case_id)
            other.act(c.Note("我在跟"), case_id)
        settled(other)
        assert len(cut_off.database(lambda work: outbox.unsettled_ids(work.connection))) == 2 * CASES
        floor, cut_off.took_ms = rewritten_ms(cut_off), 0.0
        cut_off.exchange.do(Pull(), cut_off.line)
        first = cut_off.case(cases[0])
        assert first is not None and len(first.history) == 4, "the remark, and both acts on top"
        say(f"{2 * CASES:,} unsent acts on {CASES} changes", cut_off.took_ms, floor, GOAL_MS)
        cut_off.close()
        other.close()
    finally:
        centre.end(signal.SIGKILL)


def main() -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as base:
        bench_rebase(Path(base))


if __name__ == "__main__":
    main()
