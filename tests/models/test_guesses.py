"""Wrong passwords that no centre counts, and the latest instant that has surely come."""

from __future__ import annotations

from models.clock import DAY_MS, MINUTE_MS, SECOND_MS
from models.evidence import Moment
from models.guesses import FREE, LONGEST_WAIT_MS, Guesses, one_more, restarted, wait_ms
from models.present_mark import Mark, corrected, raised, surely_ms

NOW = 1_795_399_200_000


def test_five_cost_nothing_and_then_waits_double_up_to_a_quarter_of_an_hour() -> None:
    guesses, waits = Guesses(), []
    for _ in range(FREE + 7):
        guesses = one_more(guesses, NOW)
        waits.append(wait_ms(guesses, NOW) // SECOND_MS)
    assert waits == [0, 0, 0, 0, 30, 60, 120, 240, 480, 900, 900, 900]


def test_a_wait_ends_by_itself_and_is_never_longer_than_whole() -> None:
    guesses = Guesses(FREE, NOW)
    assert wait_ms(guesses, NOW + 29 * SECOND_MS) == SECOND_MS
    assert wait_ms(guesses, NOW + 30 * SECOND_MS) == 0
    assert wait_ms(Guesses(5_000, NOW), NOW - DAY_MS) == LONGEST_WAIT_MS
    again = restarted(Guesses(FREE, NOW), NOW - DAY_MS)
    assert wait_ms(again, NOW - DAY_MS + 30 * SECOND_MS) == 0, "the centre's clock was set back a day"


def test_the_mark_goes_on_in_its_boot_and_stands_in_another_until_it_is_looked_at() -> None:
    mark = Mark(NOW, "one", 1_000)
    assert surely_ms(mark, "one", 1_000 + MINUTE_MS) == NOW + MINUTE_MS - 12, "less what a counter may drift"
    assert surely_ms(mark, "two", 1_000 + MINUTE_MS) == NOW
    second = raised(mark, "two", 5_000, 0)
    assert surely_ms(second, "two", 5_000 + DAY_MS) == NOW + DAY_MS - DAY_MS // 5_000
    assert surely_ms(None, "one", 1_000) == 0


def test_nothing_lowers_the_mark_but_the_centre_when_it_contradicts() -> None:
    mark = raised(None, "one", 0, NOW)
    assert raised(mark, "two", 0, NOW - DAY_MS).at_ms == NOW
    assert corrected(mark, "two", 0, Moment(NOW - 5, NOW + 5)).at_ms == NOW
    assert corrected(mark, "two", 0, Moment(NOW + 5, NOW + 9)).at_ms == NOW + 5
    assert corrected(mark, "two", 0, Moment(NOW - DAY_MS, NOW - DAY_MS + 9)).at_ms == NOW - DAY_MS
