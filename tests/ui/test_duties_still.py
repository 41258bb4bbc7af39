"""What a unit owes is read again each time a case changes: neither the cursor nor what is in sight moves for that."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from models.rules import Rules
from tests.ui.conftest import in_front
from tests.ui.every_state import MARKET_LEADER, EveryState
from ui.main_window import MainWindow


@pytest.fixture
def store(tmp_path: Path, rules: Rules) -> EveryState:
    made = EveryState(tmp_path, rules)
    for _ in range(12):
        made.dispatched()
    return made


@pytest.fixture
def window(application: QApplication, store: EveryState) -> Iterator[MainWindow]:
    with in_front(store.window(MARKET_LEADER), "duties", height=500) as made:
        yield made


def changed(window: MainWindow, store: EveryState) -> None:
    window.changed(frozenset({store.dispatched()}))
    window.tick()
    QApplication.processEvents()


def test_it_takes_the_cursor_from_nowhere(window: MainWindow, store: EveryState) -> None:
    assert window.duties.lists["acknowledge"].hasFocus(), "turned to, it begins at what is owed"
    window.header.user.setFocus()
    changed(window, store)
    assert window.header.user.hasFocus()


def test_what_is_scrolled_to_stays_in_sight(window: MainWindow, store: EveryState) -> None:
    bar = window.duties.lists["acknowledge"].verticalScrollBar()
    assert bar.maximum() > 0
    bar.setValue(bar.maximum())
    before = bar.value()
    changed(window, store)
    assert bar.value() == before
