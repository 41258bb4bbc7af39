"""The other files of a workstation: opened without holding up the screen, told of, never heard while nobody can see why."""

from __future__ import annotations


from desktop.change_unit import choices
from models.rules import Rules
from tests.store.make_sample import CLERK, MARKET

SLOW_SECONDS = 2.0


def test_a_unit_that_was_abolished_is_no_choice_and_spoils_none(rules: Rules) -> None:
    found = choices(rules, CLERK, ["341002999", MARKET])
    assert MARKET in [choice.unit for choice in found] and "341002999" not in [choice.unit for choice in found]
