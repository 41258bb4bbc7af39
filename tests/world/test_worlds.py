"""A few worlds in every run of the tests; many in `make world-small` and `make world`."""

from __future__ import annotations

from tests.world.playing import played


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
