"""What a unit is charged with does not hang on the order in which the centre hears what was done (I13, sync.md §3.6)."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.models.any_order import differing
from tests.models.heard_story import Story
from tests.models.wider_story import WiderStory

STORIES = 60


@pytest.mark.parametrize("tell", [Story, WiderStory])
@pytest.mark.parametrize("first", range(0, 10 * STORIES, STORIES))
def test_nobody_is_charged_in_one_order_and_not_in_another(first: int, tell: Callable[[int], Story]) -> None:
    differ = [told for seed in range(first, first + STORIES) for told in differing(seed, tell)]
    assert not differ, "\n".join(differ)
