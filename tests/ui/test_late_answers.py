"""The store answers late: what came of an act is told of its own case, and takes neither the cursor nor the form of another."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from models import commands as c
from models.case import State
from models.rules import Rules
from tests.ui.conftest import in_front
from tests.ui.every_state import CLERK, SECOND
from tests.ui.slow_store import SlowStore
from ui.main_window import MainWindow


@pytest.fixture
def store(tmp_path: Path, rules: Rules) -> SlowStore:
    return SlowStore(tmp_path, rules)


@pytest.fixture
def window(application: QApplication, store: SlowStore) -> Iterator[MainWindow]:
    with in_front(store.window(CLERK), "cases") as made:
        yield made


def filed_late(window: MainWindow, store: SlowStore, then: str) -> str:
    """A case is filed, another is turned to, and only then the store answers."""
    case_id = store.reported()
    window.open_case(case_id)
    store.hold()
    window.panel.begin("case.file")
    window.open_case(then)
    return case_id


def test_what_was_done_to_one_case_is_not_told_of_the_next(window: MainWindow, store: SlowStore) -> None:
    other = store.reported()
    case_id = filed_late(window, store, other)
    store.go()
    said = window.panel.said.text()
    assert store.case(case_id).state is State.AWAITING_DISPATCH and window.panel.case_id == other
    assert store.case(case_id).number in said and "Ctrl+Z" not in said, "that would be about the one in sight"


def test_a_refusal_about_one_case_does_not_stand_in_the_form_of_the_next(window: MainWindow, store: SlowStore) -> None:
    other = store.reported()
    case_id = filed_late(window, store, other)
    store.does(SECOND, c.Decline("Not ours"), case_id)
    store.step()
    assert store.case(case_id).number in window.panel.said.text()
    store.go()


def test_an_answer_takes_the_cursor_from_nobody_who_types_elsewhere(window: MainWindow, store: SlowStore) -> None:
    case_id = store.reported()
    window.open_case(case_id)
    store.hold()
    window.panel.begin("case.file")
    window.queue.search.setFocus()
    store.go()
    assert window.queue.search.hasFocus()
