"""A time of day that a unit tells on the telephone is today's, however long ago the case was read or the form opened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from models.rules import Rules
from tests.ui.every_state import CLERK, EveryState
from ui import format as fmt
from ui.main_window import MainWindow

MINUTE_MS = 60_000


@pytest.fixture
def store(tmp_path: Path, rules: Rules) -> EveryState:
    return EveryState(tmp_path, rules)


@pytest.fixture
def window(application: QApplication, store: EveryState) -> Iterator[MainWindow]:
    made = store.window(CLERK)
    made.show()
    QApplication.processEvents()
    yield made
    made.close()


@pytest.mark.parametrize("before,while_open", [(40, 0), (0, 40)], ids=["panel read long ago", "form open long"])
def test_it_is_the_last_one_before_the_form_is_sent(
    window: MainWindow, store: EveryState, before: int, while_open: int
) -> None:
    case_id = store.dispatched(co=())
    window.open_case(case_id)
    store.clock.now_ms += before * MINUTE_MS
    code = next(e.code for e in window.panel.entries() if e.code.endswith("|case.arrive"))
    window.panel.begin(code)
    store.clock.now_ms += while_open * MINUTE_MS
    form = window.panel.form
    assert form is not None
    arrived_at = (store.present.now().shown_at - 10 * MINUTE_MS) // MINUTE_MS * MINUTE_MS
    form.restore({"claimed_at": fmt.clock(arrived_at)[:5]})
    form.submit()
    step = store.case(case_id).history[-1]
    assert step.kind == "case.arrive" and step.claimed_at == arrived_at
