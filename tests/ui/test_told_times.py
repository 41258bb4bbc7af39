"""A time of day that a unit tells on the telephone is today's, however long ago the case was read or the form opened."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from models.rules import Rules
from tests.ui.conftest import in_front
from tests.ui.every_state import CLERK, EveryState
from ui import format as fmt
from ui.main_window import MainWindow

MINUTE_MS = 60_000


@pytest.fixture
def store(tmp_path: Path, rules: Rules) -> EveryState:
    return EveryState(tmp_path, rules)


@pytest.fixture
def window(application: QApplication, store: EveryState) -> Iterator[MainWindow]:
    with in_front(store.window(CLERK)) as made:
        yield made


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


@pytest.mark.parametrize(
    "now,typed,meant",
    [
        ("14:41", "14:42", None),
        ("14:41", "14:41", "today 14:41"),
        ("14:41", "14:35", "today 14:35"),
        ("14:41", "昨 14:42", "yesterday 14:42"),
        ("14:41", "昨天9:05", "yesterday 09:05"),
        ("14:41", "yesterday 14:42", "yesterday 14:42"),
        ("08:10", "17:30", None),
        ("00:10", "23:50", "yesterday 23:50"),
    ],
)
def test_a_time_that_has_not_come_is_not_yesterdays_unless_that_is_meant(
    window: MainWindow, store: EveryState, now: str, typed: str, meant: str | None
) -> None:
    """The unit's clock is two minutes fast: 14:42 told at 14:41 was kept as an arrival of the day before. Over midnight there is
    nothing else that 23:50 could mean."""
    case_id = store.dispatched(co=())
    window.open_case(case_id)
    window.panel.begin(next(e.code for e in window.panel.entries() if e.code.endswith("|case.arrive")))
    form = window.panel.form
    assert form is not None
    started = fmt.local(store.present.now().shown_at)
    hour, minute = now.split(":")
    then = (started + timedelta(days=1)).replace(hour=int(hour), minute=int(minute), second=40, microsecond=0)
    store.clock.now_ms += int((then - started).total_seconds() * 1000)
    form.restore({"claimed_at": typed})
    form.submit()
    step = store.case(case_id).history[-1]
    if meant is None:
        assert step.kind != "case.arrive" and now in form.problem.text() and f"昨 {typed}" in form.problem.text()
    else:
        day = then - timedelta(days=1) if meant.startswith("yesterday") else then
        assert step.kind == "case.arrive" and step.claimed_at is not None
        assert f"{fmt.local(step.claimed_at):%m-%d %H:%M}" == f"{day:%m-%d} {meant.split()[1]}"
