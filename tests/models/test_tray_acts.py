"""What may be said of an act that did not take effect, row by row (models/decide/tray.py)."""

from __future__ import annotations

import pytest

from models.commands import CloseEntry, HandOn
from models.decide.situation import Merged, Rejected
from models.decide.tray import about_the_tray
from models.rules import Rules
from models.tray_acts import AboutTray, Told
from tests.models.small_town import MARKET, TOWN, reference

RULES = Rules(reference())
REFUSED = Told(TOWN, "rejected", "not_in_this_state")
CLOSE = CloseEntry("x", "rejected", "not_in_this_state")


def handing(to: str, note: str = "请再联系") -> HandOn:
    return HandOn("x", "rejected", to, note, "case.file", "case", "clerk", 7, "not_in_this_state")


@pytest.mark.parametrize(
    ("args", "told", "code"),
    [
        (CLOSE, REFUSED, ""),
        (CloseEntry("x", "merged"), Told(TOWN, "merged"), ""),
        (CLOSE, None, "unknown_act"),
        (CLOSE, Told(MARKET, "rejected", "not_in_this_state"), "unknown_act"),
        (CloseEntry("y", "rejected", "not_in_this_state"), REFUSED, "unknown_act"),
        (CLOSE, Told(TOWN, "accepted"), "took_effect"),
        (CLOSE, Told(TOWN, "rejected", "already_filed"), "verdict_changed"),
        (CLOSE, Told(TOWN, "merged", "not_in_this_state"), "verdict_changed"),
        (CLOSE, Told(TOWN, "deferred", "centre_recovering"), ""),
        (CLOSE, Told(TOWN, "rejected", "not_in_this_state", "first"), "entry_closed by first"),
        (handing("clerk-2"), REFUSED, ""),
        (handing("market-officer"), REFUSED, "not_a_colleague"),
        (handing("nobody"), REFUSED, "not_a_colleague"),
        (handing("clerk-2", "  "), REFUSED, "reason_missing"),
        (handing("clerk-2"), Told(TOWN, "rejected", "not_in_this_state", "first"), "entry_closed by first"),
    ],
)
def test_what_it_comes_to(args: AboutTray, told: Told | None, code: str) -> None:
    found = ""
    try:
        about_the_tray(args, "x", told, TOWN, RULES)
    except Rejected as refused:
        found = refused.code
    except Merged as same:
        found = f"{same.code} by {same.by}"
    assert found == code
