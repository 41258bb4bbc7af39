"""What a unit is charged with does not hang on the order in which the centre hears what was done (I13, sync.md §3.6)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.models.any_order import differing
from tests.models.decided_story import DecidedStory
from tests.models.heard_story import Story
from tests.models.wider_story import WiderStory

STORIES = 60
WATCHED = 30


@pytest.mark.parametrize("tell", [Story, WiderStory])
@pytest.mark.parametrize("first", range(0, 10 * STORIES, STORIES))
def test_nobody_is_charged_in_one_order_and_not_in_another(first: int, tell: Callable[[int], Story]) -> None:
    differ = [told for seed in range(first, first + STORIES) for told in differing(seed, tell)]
    assert not differ, "\n".join(differ)


@pytest.mark.parametrize("first", range(0, 2 * STORIES, STORIES))
def test_nor_by_who_sends_the_case_where(first: int) -> None:
    differ = [told for seed in range(first, first + STORIES) for told in differing(seed, DecidedStory)]
    assert not differ, "\n".join(differ)


@pytest.mark.parametrize("tell", [Story, WiderStory, DecidedStory])
def test_nor_with_what_the_centre_finds_missed_meanwhile(tell: Callable[[int], Story]) -> None:
    differ = [told for seed in range(WATCHED) for told in differing(seed, tell, watches=True)]
    assert not differ, "\n".join(differ)
