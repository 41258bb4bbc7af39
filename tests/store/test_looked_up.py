"""What a workstation asks of its outbox again and again is looked up: the acts of years lie in it, and nobody waits for them to be
read (sync.md §3.11)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection

from models.store import blobs, outbox
from models.store.engine import open_file
from models.store.migrate import migrate
from tests.store.plans import steps

ASKED: dict[str, Callable[[Connection], object]] = {
    "after each exchange: what did not take effect": outbox.not_effective,
    "after each exchange: what is unsent": outbox.unsent,
    "each act: the end of the chain": outbox.head,
    "each push: what goes": lambda connection: outbox.after(connection, 7, 200, 1_000),
    "each push: what was lost": lambda connection: outbox.lost_after(connection, 7, 200, 1),
    "each page: whose acts": lambda connection: outbox.those_of_this_store(connection, ["a", "b"]),
    "each page: what waits on cases": lambda connection: outbox.unsettled_of_cases(connection, ["a", "b"]),
    "each hour, each snapshot: what waits": outbox.waiting_cases,
    "each hour: which files wait": blobs.waiting,
    "each snapshot: what is in doubt": outbox.unsettled_ids,
}


@pytest.mark.parametrize("when", ASKED)
def test_no_question_reads_the_whole_outbox(when: str, tmp_path: Path) -> None:
    engine = open_file(tmp_path / "store.sqlite")
    migrate(engine)
    found = steps(engine, ASKED[when])
    engine.dispose()
    assert found and not any(step.startswith("SCAN outbox") for step in found), found
