"""The desk beside the roster while the list under it changes: a key acts on the case that was chosen, once, or on none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication

from desktop.present import PresentClock
from models import commands as c
from models.rules import Rules
from tests.ui.conftest import in_front
from tests.ui.every_state import CLERK, OTHER_STATION, SECOND, SQUAD, STATION
from tests.ui.slow_store import SlowStore
from tests.ui.test_roster import at_station, choose
from ui import words
from ui.main_window import MainWindow

Key = Qt.Key


@pytest.fixture
def store(tmp_path: Path, rules: Rules) -> SlowStore:
    return SlowStore(tmp_path, rules)


@pytest.fixture
def window(application: QApplication, store: SlowStore) -> Iterator[MainWindow]:
    with in_front(store.window(CLERK), "roster") as made:
        yield made


def key(window: MainWindow, which: Key, *, held: bool = False) -> None:
    press = QKeyEvent(QEvent.Type.KeyPress, which, Qt.KeyboardModifier.NoModifier, "", held)
    QApplication.sendEvent(window.roster.desk.list, press)
    QApplication.processEvents()


def test_a_case_that_a_colleague_ended_leaves_no_other_chosen_in_its_place(
    window: MainWindow, store: SlowStore
) -> None:
    meant, other = store.reported(), store.filed()
    window.roster.refresh()
    desk = at_station(window)
    choose(desk, meant)
    store.does(SECOND, c.Decline("Not ours"), meant)
    window.changed(frozenset({meant}))
    window.tick()
    key(window, Key.Key_F5)
    assert store.case(other).lead is None


def test_a_key_held_down_sends_one_case_and_logs_one_call(window: MainWindow, store: SlowStore) -> None:
    for _ in range(3):
        store.filed()
    sent = store.filed()
    window.roster.refresh()
    desk = at_station(window)
    choose(desk, sent)
    key(window, Key.Key_F5)
    for _ in range(5):
        key(window, Key.Key_F5, held=True)
    leads = [store.case(case.id).lead for case in desk.cases]
    assert sum(lead is not None for lead in leads) == 1
    choose(desk, sent)
    key(window, Key.Key_2)
    for _ in range(5):
        key(window, Key.Key_2, held=True)
    assert [step.kind for step in store.case(sent).history].count("case.log_call") == 1


def test_nothing_of_the_former_station_is_sent_to_the_one_turned_to(window: MainWindow, store: SlowStore) -> None:
    """While the store is busy the former station's cases stood there still."""
    case_id = store.filed()
    window.roster.refresh()
    desk = at_station(window)
    choose(desk, case_id)
    store.hold()
    other = next(row for row in window.roster._rows if row.code == OTHER_STATION)
    desk.show_station(other)
    key(window, Key.Key_F5)
    store.go()
    assert store.case(case_id).lead is None
    assert store.case(case_id).station == STATION


def test_a_refusal_names_its_case_once_another_is_chosen(window: MainWindow, store: SlowStore) -> None:
    meant, other = store.filed(), store.filed()
    window.roster.refresh()
    desk = at_station(window)
    choose(desk, meant)
    store.does(CLERK, c.Dispatch(SQUAD), meant)
    store.hold()
    key(window, Key.Key_F5)
    desk.list.setCurrentRow([case.id for case in desk.cases].index(other))
    store.step()
    assert desk.said.text().startswith(f"{store.case(meant).number} 派发没有办成:")
    store.go()


def test_the_countdowns_go_on_and_claim_nothing_in_a_doubtful_time(window: MainWindow, store: SlowStore) -> None:
    case_id = store.filed()
    window.roster.refresh()
    desk = at_station(window)
    choose(desk, case_id)
    before = desk.list.currentItem().text()
    store.clock.now_ms += 3_000
    window.tick()
    assert desk.list.currentItem().text() != before, "a second is a second here too"
    store.present = PresentClock(store.clock)
    desk._present = store.present
    desk.tick()
    doubtful = desk.list.currentItem().text()
    assert words.LIGHTS["doubtful"] in doubtful and "00:0" not in doubtful
