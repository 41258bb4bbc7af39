"""When a wall clock was moved: only then, and no more than once a minute."""

from __future__ import annotations

from models.clock import DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS
from models.wall_step import Seen, Watch, moved_ms

NOW = 1_795_399_200_000


def seen(after_ms: int, off_ms: int = 0, boot: str = "one") -> Seen:
    return Seen(boot, NOW + after_ms + off_ms, after_ms)


def test_within_a_boot_every_step_of_five_seconds_counts_and_slewing_does_not() -> None:
    assert moved_ms(seen(0), seen(HOUR_MS)) == 0
    assert moved_ms(seen(0), seen(SECOND_MS, 4_999)) == moved_ms(seen(0), seen(SECOND_MS, -4_999)) == 0
    assert moved_ms(seen(0), seen(SECOND_MS, 5_000)) == 5_000
    assert moved_ms(seen(0), seen(SECOND_MS, -HOUR_MS)) == -HOUR_MS
    watch = Watch(seen(0))
    assert not any(watch.look(seen(n * SECOND_MS, n)) for n in range(1, 20_000)), "a millisecond a second, for hours"


def test_across_boots_only_that_it_went_back_can_be_told() -> None:
    assert moved_ms(seen(0), seen(0, 3 * DAY_MS, "two")) == 0, "it was switched off for three days"
    assert moved_ms(seen(0), seen(0, -DAY_MS, "two")) == -DAY_MS


def test_a_clock_that_is_moved_every_second_is_told_once_a_minute_with_all_it_came_to() -> None:
    watch, told = Watch(seen(0)), []
    for second in range(1, 130):
        found = watch.look(seen(second * SECOND_MS, second * 10 * SECOND_MS))
        told += [(second, found)] if found else []
    assert told == [(1, 10 * SECOND_MS), (61, 600 * SECOND_MS), (121, 600 * SECOND_MS)]
    quiet = Watch(seen(0))
    assert quiet.look(seen(SECOND_MS, HOUR_MS)) == HOUR_MS
    assert quiet.look(seen(2 * SECOND_MS)) == 0 and quiet.look(seen(2 * MINUTE_MS)) == -HOUR_MS, "later, and not lost"
