"""The call card while time passes and others ring too: what is logged is what was meant, of the unit that was meant."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from models import commands as c
from models.rules import Rules
from tests.ui.conftest import in_front
from tests.ui.every_state import CLERK, MARKET, SECOND, SQUAD, EveryState
from tests.ui.test_case_cards import press
from ui.dialogs.call_card import CallCardView
from ui.main_window import MainWindow

Key = Qt.Key


@pytest.fixture
def store(tmp_path: Path, rules: Rules) -> EveryState:
    return EveryState(tmp_path, rules)


@pytest.fixture
def window(application: QApplication, store: EveryState) -> Iterator[MainWindow]:
    with in_front(store.window(CLERK)) as made:
        yield made


def opened(window: MainWindow, case_id: str) -> CallCardView:
    window.open_case(case_id)
    window.panel.open_call_card()
    card = window.panel.card
    assert card is not None and card.list.hasFocus()
    return card


def a_minute_passes(window: MainWindow, store: EveryState) -> None:
    store.clock.now_ms += 60_000
    window.tick()
    QApplication.processEvents()


def test_passed_on_stays_passed_on_when_the_minute_turns_while_the_name_is_typed(
    window: MainWindow, store: EveryState
) -> None:
    """An answered call starts the unit's clocks; a message left with a passer-by does not."""
    case_id = store.dispatched(delivered=False)
    card = opened(window, case_id)
    press(window, Key.Key_3)
    card.who.setText("乙")
    a_minute_passes(window, store)
    assert card.problem.isVisible(), "the question stands until it is answered"
    press(window, Key.Key_Return)
    step = store.case(case_id).history[-1]
    assert (step.kind, step.result) == ("case.log_call", "passed_on")
    lead = store.case(case_id).lead
    assert lead is not None and lead.notified_at is None


def test_a_refusal_does_not_make_the_next_answer_a_passing_on(window: MainWindow, store: EveryState) -> None:
    case_id = store.dispatched(delivered=False)
    card = opened(window, case_id)
    card.show_problem("Disk full")
    card.who.setText("甲")
    card.who.setFocus()
    press(window, Key.Key_Return)
    assert store.case(case_id).history[-1].result == "answered"


def test_the_unit_on_the_telephone_stays_chosen_while_a_colleague_rings_it_too(
    window: MainWindow, store: EveryState
) -> None:
    case_id = store.dispatched(delivered=False)
    card = opened(window, case_id)
    assert card.callee() is not None and card.callee().unit == SQUAD  # type: ignore[union-attr]
    store.does(SECOND, c.LogCall(SQUAD, "no_answer"), case_id)
    window.changed(frozenset({case_id}))
    a_minute_passes(window, store)
    press(window, Key.Key_1)
    step = store.case(case_id).history[-1]
    assert (step.to, step.result) == (SQUAD, "answered"), "nobody has spoken with the other one"
    co = next(a for a in store.case(case_id).assignments if a.receiver == MARKET)
    assert co.notified_at is None


def test_after_a_call_logged_here_the_next_who_waits_is_chosen(window: MainWindow, store: EveryState) -> None:
    case_id = store.dispatched(delivered=False)
    card = opened(window, case_id)
    press(window, Key.Key_1)
    assert card.callee() is not None and card.callee().unit == MARKET  # type: ignore[union-attr]


def test_a_unit_that_has_lost_the_case_leaves_nobody_chosen_in_its_place(window: MainWindow, store: EveryState) -> None:
    case_id = store.dispatched(delivered=False)
    card = opened(window, case_id)
    store.does(SECOND, c.Redispatch(f"{SQUAD[:9]}006", "Nearer"), case_id)
    window.changed(frozenset({case_id}))
    a_minute_passes(window, store)
    before = len(store.case(case_id).history)
    press(window, Key.Key_1)
    assert card.callee() is None and len(store.case(case_id).history) == before
