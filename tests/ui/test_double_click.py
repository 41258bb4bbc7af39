"""A double click is one act: what comes to stand under the mouse meanwhile is not done too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from models.rules import Rules
from tests.ui.conftest import in_front
from tests.ui.every_state import OFFICER, EveryState
from ui.main_window import MainWindow
from ui.widgets.in_use import ON_ITS_WAY_MS


@pytest.fixture
def store(tmp_path: Path, rules: Rules) -> EveryState:
    return EveryState(tmp_path, rules)


@pytest.fixture
def window(application: QApplication, store: EveryState) -> Iterator[MainWindow]:
    with in_front(store.window(OFFICER)) as made:
        yield made


def click(window: MainWindow, place: QPoint) -> None:
    under = window.panel.bar.childAt(place)
    assert isinstance(under, QPushButton)
    QTest.mouseClick(under, Qt.MouseButton.LeftButton)
    QApplication.processEvents()


def test_acknowledged_twice_is_not_arrived(window: MainWindow, store: EveryState) -> None:
    case_id = store.dispatched(co=())
    window.open_case(case_id)
    QApplication.processEvents()
    first = next(b for b in window.panel.bar.findChildren(QPushButton) if b.property("first") and b.isVisible())
    place = first.geometry().center()
    click(window, place)
    assert store.case(case_id).history[-1].kind == "case.acknowledge"
    click(window, place)
    assert store.case(case_id).history[-1].kind == "case.acknowledge", "nobody has been there"
    QTest.qWait(ON_ITS_WAY_MS + 50)
    click(window, place)
    assert store.case(case_id).history[-1].kind == "case.arrive"
