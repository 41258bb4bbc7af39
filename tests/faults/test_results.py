"""The page about real faults shows what was recorded."""

from __future__ import annotations

from pathlib import Path

from tests.faults.results import recorded, table

PAGE = Path(__file__).parents[2] / "docs" / "faults"


def test_the_page_shows_the_sum_of_what_was_recorded() -> None:
    found = recorded(PAGE / "results.jsonl")
    assert sum(run.played.get(name, 0) for run in found for name in run.played if "killed" in name) >= 200
    assert table(found) in (PAGE / "README.md").read_text(encoding="utf-8")
