"""Chunks of worlds played side by side: every one of them comes back, whatever the number of workers."""

from __future__ import annotations

import pytest

from tests.world.chunks import chunks, in_processes


@pytest.mark.parametrize("workers", [2])
def test_every_chunk_is_played(workers: int) -> None:
    empty = list(chunks("large", 0, 5))
    for chunk in empty:
        chunk.end = chunk.first  # no seed in it: only the passing round is of interest
    assert sorted(chunk.first for chunk in in_processes(empty, workers)) == [0, 1, 2, 3, 4]
