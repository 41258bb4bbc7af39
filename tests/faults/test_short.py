"""A short cut of `make faults`: real workstations against a real district on PostgreSQL, killed and put back, then looked at."""

from __future__ import annotations

import pytest

from tests.faults.playing import played

KILLS = 4


@pytest.mark.landing
def test_everything_holds_after_kills_and_a_restore() -> None:
    found = played("short", seed=4, count=KILLS)
    assert not found.broken, found.words
    assert sum(count for name, count in found.played.items() if "killed" in name or "at once" in name) == KILLS, (
        found.played
    )
    assert found.played["PostgreSQL put back to a base backup, service left running"] == 1
    assert found.files and found.told > 10 and found.entries > 10 and not found.logged, found
