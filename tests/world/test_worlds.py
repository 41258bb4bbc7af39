"""A few worlds in every run of the tests; many in `make world-small` and `make world`."""

from __future__ import annotations

import pytest

from tests.world.playing import played
from tests.world.town import ROUNDS


@pytest.mark.landing
def test_a_small_world() -> None:
    found = played(11)
    assert not found.broken, found.words
    assert found.entries > 1, "somebody did something"


def test_the_same_seed_gives_the_same_world() -> None:
    first, second = played(5), played(5)
    assert not first.broken, first.words
    assert (first.entries, first.gestures, first.played, first.verdicts) == (
        second.entries, second.gestures, second.played, second.verdicts,
    )  # fmt: skip


def test_cases_go_all_the_way_round() -> None:
    """In one world of those in which people go on with what is to be done; at random hardly anything gets beyond its dispatch."""
    found = played(2, ROUNDS)
    assert not found.broken, found.words
    done = {"case.dispatch", "case.arrive", "case.feedback", "case.check", "case.confirm"} - set(found.effects)
    assert not done, found.effects
