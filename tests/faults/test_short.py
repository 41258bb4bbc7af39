"""A short cut of `make faults`: real workstations against a real district on PostgreSQL, killed and put back, then looked at."""

from __future__ import annotations

import pytest

from tests.faults.playing import played


@pytest.mark.parametrize(("kind", "seed", "count"), [("kill", 4, 6), ("restore", 6, 1)])
def test_everything_holds_afterwards(kind: str, seed: int, count: int) -> None:
    found = played(kind, seed, count)
    assert not found.broken, found.words
    assert sum(found.played.values()) >= count and found.told > 10 and found.entries > found.told, found
