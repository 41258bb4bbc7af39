"""While the store is busy a key acts on the case that is in sight, as it stands, and never with what is left of the last one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from models.rules import Rules
from tests.ui.conftest import in_front
from tests.ui.every_state import CLERK
from tests.ui.slow_store import SlowStore
from ui.main_window import MainWindow


@pytest.fixture
def store(tmp_path: Path, rules: Rules) -> SlowStore:
    return SlowStore(tmp_path, rules)


@pytest.fixture
def window(application: QApplication, store: SlowStore) -> Iterator[MainWindow]:
    with in_front(store.window(CLERK), "cases") as made:
        yield made


def test_a_form_begun_on_a_case_still_on_its_way_is_that_cases(window: MainWindow, store: SlowStore) -> None:
    first, second = store.reported(), store.reported()
    window.open_case(first)
    store.hold()
    window.open_case(second)
    window.panel.begin("case.describe")
    store.go()
    form = window.panel.form
    assert form is not None and form.values()["title"] == store.case(second).title


def test_what_only_the_last_case_allowed_is_not_done_to_the_next(window: MainWindow, store: SlowStore) -> None:
    first, second = store.dispatched(), store.dispatched()
    window.open_case(first)
    store.hold()
    window.open_case(second)
    window.panel.begin("case.redispatch")
    store.go()
    form = window.panel.form
    assert form is not None and window.panel.panel is not None
    assert window.panel.panel.case.id == second == window.panel.case_id
    asked: list[tuple[str, str]] = []
    window.panel.centre_asked.connect(lambda code, case_id: asked.append((code, case_id)))
    store.hold()
    window.open_case(first)
    window.panel.begin("evidence")
    store.go()
    assert asked == [("evidence", first)]
