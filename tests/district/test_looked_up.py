"""What the centre asks of its cases again and again is looked up by what goes on or ended lately, not read out of years of
history (sync.md §3.11)."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import Connection

from district.store import documents, feeds, reader
from models.store.engine import open_engine
from tests.models.small_town import START_MS, TOWN
from tests.store.plans import steps

ASKED: dict[str, Callable[[Connection], object]] = {
    "each snapshot: which cases it holds": lambda connection: documents.held_cases(connection, TOWN, START_MS),
    "every few seconds: what is overdue": lambda connection: reader.overdue_cases(connection, START_MS),
    "each pull: what comes next": lambda connection: list(feeds.rows_after(connection, TOWN, 7, 500)),
    "each pull: where the feed ends": lambda connection: feeds.end_of(connection, TOWN),
    "each pull: what counts as delivered": lambda connection: feeds.come_undelivered(connection, TOWN, 7),
}
HISTORY = ("SCAN case_row", "SCAN log", "SCAN feed", "case_scope_scope")
"""Every case, act and entry there ever was; every case a unit ever had."""


@pytest.mark.parametrize("when", ASKED)
def test_no_question_reads_all_history(when: str, made_file: Path, tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{shutil.copy(made_file, tmp_path)}")
    found = steps(engine, ASKED[when])
    engine.dispose()
    assert found and not any(part in step for step in found for part in HISTORY), found
