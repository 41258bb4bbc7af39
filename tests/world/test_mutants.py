"""Every rule that is taken away is missed, by the invariant that speaks of it."""

from __future__ import annotations

import pytest

from tests.world.mutants import MUTANTS
from tests.world.playing import played

MOST_WORLDS = 24
"""So many are played until a mutant is caught."""


@pytest.mark.long
@pytest.mark.parametrize("name", MUTANTS)
def test_a_broken_rule_is_caught(name: str) -> None:
    mutant = MUTANTS[name]
    for seed in range(mutant.first_seed, mutant.first_seed + MOST_WORLDS):
        found = played(seed, mutant=mutant)
        if found.broken:
            assert found.broken in mutant.caught_by, found.words
            return
    raise AssertionError(f"{name}: nothing was missed in {MOST_WORLDS} worlds")
