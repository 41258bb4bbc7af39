"""One case from the district's telephone to closed: five desks, five windows, five keyboards, one real centre (issue's step 1).

The district's operator takes the report and hands it down to the town; the clerk sends the market office; the office goes,
gives its opinion and its result; the village sends somebody to look and submits; the town's confirmer closes.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from models.case import State
from tests.ui.conftest import application, centre, guard, listening
from tests.whole.desk_by_keyboard import CONTROL, KeyboardDesk, until
from tests.whole.parties import Centre

__all__ = ["application", "centre", "guard", "listening"]

TOWN = "341002102"
VILLAGE = "341002102006"
MARKET = f"{TOWN}-market"
Key = Qt.Key


@pytest.fixture
def desks(application: QApplication, centre: Centre, tmp_path: Path) -> Iterator[dict[str, KeyboardDesk]]:
    seats = {
        "district": ("341002", "341002-operator-1"),
        "clerk": (TOWN, f"{TOWN}-clerk-1"),
        "market": (MARKET, f"{MARKET}-officer-1"),
        "station": (VILLAGE, f"{VILLAGE}-vice"),
        "confirmer": (TOWN, f"{TOWN}-confirmer"),
    }
    made = {name: KeyboardDesk(tmp_path, centre, unit, person) for name, (unit, person) in seats.items()}
    yield made
    for desk in made.values():
        desk.end()


def test_a_case_goes_from_report_to_closed_by_keyboard_alone(
    desks: dict[str, KeyboardDesk], capsys: pytest.CaptureFixture[str]
) -> None:
    case_id = _reported_and_handed_down(desks["district"])
    _dispatched(desks["clerk"], case_id)
    _handled(desks["market"], case_id)
    _checked(desks["station"], case_id)
    _confirmed(desks["confirmer"], case_id)
    for desk in desks.values():
        until(lambda desk=desk: (found := desk.stored(case_id)) is not None and found.state is State.CLOSED)  # type: ignore[misc]
    told = {name: (desk.keys.chosen, desk.keys.typed, desk.signed_in_with) for name, desk in desks.items()}
    with capsys.disabled():
        for name, (chosen, typed, before) in told.items():
            sys.stdout.write(f"\n{name:10} {chosen:3} keys, {typed:3} letters; sign-in {before} keys and the password")
    assert desks["clerk"].keys.chosen <= 3 and desks["clerk"].keys.typed == 0


def _reported_and_handed_down(desk: KeyboardDesk) -> str:
    desk.sit()
    keys, window = desk.keys, desk.console.window
    keys.press(Key.Key_N, CONTROL)
    until(lambda: window.reporting.dialog is not None and window.reporting.dialog.isActiveWindow())
    keys.type("guoqi shipin")
    keys.press(Key.Key_Tab)
    keys.type("longshan lukou")
    keys.press(Key.Key_Tab)
    keys.type("99001")
    keys.press(Key.Key_Tab)
    keys.type("lssq")  # two villages: the second of them
    keys.press(Key.Key_Down)
    keys.press(Key.Key_Down)
    keys.press(Key.Key_Return)
    keys.press(Key.Key_Return, CONTROL)
    until(lambda: window.reporting.dialog is None and window.panel.panel is not None)
    assert window.panel.panel is not None
    case_id = window.panel.panel.case.id
    assert window.panel.panel.case.town == TOWN and window.panel.panel.case.station == VILLAGE
    desk.sit()  # there is no window manager here to give the keyboard back
    desk.may("case.file")
    keys.press(Key.Key_F4)
    desk.may("case.dispatch")
    keys.press(Key.Key_F5)
    desk.form("case.dispatch")
    keys.press(Key.Key_Return)
    until(lambda: (found := desk.stored(case_id)) is not None and found.level == TOWN)
    return case_id


def _dispatched(desk: KeyboardDesk, case_id: str) -> None:
    desk.sit()
    desk.sees(case_id)
    desk.may("case.dispatch")
    desk.keys.press(Key.Key_F5)
    desk.form("case.dispatch")
    desk.keys.press(Key.Key_Return)
    until(lambda: (found := desk.stored(case_id)) is not None and found.state is State.DISPATCHED)
    found = desk.stored(case_id)
    assert found is not None and found.lead is not None and found.lead.receiver == MARKET, "the suggestion was right"


def _handled(desk: KeyboardDesk, case_id: str) -> None:
    desk.sit()
    keys, window = desk.keys, desk.console.window
    until(lambda: any(f.hasFocus() and f.currentItem() for f in window.duties.lists.values()))
    keys.press(Key.Key_Return)
    desk.sees(case_id)
    for key, kind, after in (
        (Key.Key_F2, "case.acknowledge", "case.arrive"),
        (Key.Key_F3, "case.arrive", "case.give_opinion"),
    ):
        desk.may(kind)
        keys.press(key)
        desk.may(after)
    keys.press(Key.Key_F6)
    desk.form("case.give_opinion")
    keys.type("guoqi")
    keys.press(Key.Key_Tab)
    keys.type("xiajia")
    keys.press(Key.Key_Return, CONTROL)
    desk.may("case.feedback")
    keys.press(Key.Key_F7)
    desk.form("case.feedback")
    keys.type("yi xiajia")
    keys.press(Key.Key_Return, CONTROL)
    until(lambda: (found := desk.stored(case_id)) is not None and found.state is State.AWAITING_CHECK)


def _checked(desk: KeyboardDesk, case_id: str) -> None:
    desk.sit()
    keys, window = desk.keys, desk.console.window
    until(lambda: (found := desk.stored(case_id)) is not None and found.state is State.AWAITING_CHECK)
    until(lambda: any(f.hasFocus() and f.currentItem() for f in window.duties.lists.values()))
    keys.press(Key.Key_Return)
    desk.sees(case_id)
    desk.may("case.name_checker")
    keys.press(Key.Key_F5)
    desk.form("case.name_checker")
    _choose(desk, "checker", f"{VILLAGE}-member-1")
    keys.press(Key.Key_Return)
    desk.may("case.check")
    keys.press(Key.Key_F9)
    desk.form("case.check")
    keys.press(Key.Key_Tab)
    keys.press(Key.Key_Tab)
    keys.type("yi qingli")
    keys.press(Key.Key_Return, CONTROL)
    desk.may("case.submit_check")
    keys.press(Key.Key_F9)
    until(lambda: (found := desk.stored(case_id)) is not None and found.state is State.AWAITING_CONFIRM)


def _choose(desk: KeyboardDesk, field: str, value: str) -> None:
    """Down to a choice of a short list, as eyes would."""
    form = desk.console.window.panel.form
    assert form is not None
    for _choice in range(20):
        if form.values()[field] == value:
            return
        desk.keys.press(Key.Key_Down)
    raise AssertionError(f"{value} is not to be had")


def _confirmed(desk: KeyboardDesk, case_id: str) -> None:
    desk.sit()
    desk.sees(case_id)
    desk.may("case.confirm")
    desk.keys.press(Key.Key_F9)
    desk.form("case.confirm")
    desk.keys.press(Key.Key_Return)
