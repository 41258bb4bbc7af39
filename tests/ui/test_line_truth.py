"""What the window says of the line is true: a centre that stops answering, and the switch for drills, in a real window."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.console import Console
from desktop.sync_worker import SILENCE_MS
from models import commands as c
from models.reference_files import EDITION
from models.store import outbox
from models.store.case_table import get_case
from models.store.work import Work
from services.sync import machine
from services.sync import round as round_module
from services.sync.machine import Phase
from services.sync.unsent import has_unsent
from tests.ui.conftest import TOWN, until
from tests.ui.test_changing import MARKET, choose, open_unit, sign_in
from tests.whole.parties import OPERATOR, Centre, acting
from tests.whole.parties import Console as Other

STALLS = f"{EDITION}/matter/09005"
STATION = f"{TOWN}003"
REPORT = c.Report("", "hotline", STALLS, "店外堆放", "龙山路口", TOWN, STATION)


@pytest.fixture
def district_desk(centre: Centre, tmp_path: Path) -> Iterator[Other]:
    found = Other(tmp_path, centre, "341002", OPERATOR)
    assert found.settle().phase is Phase.ONLINE
    yield found
    found.close()


def pill(console: Console) -> str:
    return console.window.header.pill.text()


def test_a_centre_that_stops_answering_is_said_to_be_silent(console: Console, centre: Centre) -> None:
    until(lambda: "已连接" in pill(console))
    until(lambda: console.sync._state.pulling and not console.sync._state.busy)  # the snapshot has come
    assert centre.process is not None
    os.kill(centre.process.pid, signal.SIGSTOP)  # the same, to a console, as a pulled cable: nothing is refused
    stopped = time.monotonic()
    try:
        until(lambda: "无应答" in pill(console), 30)
        assert time.monotonic() - stopped < SILENCE_MS / 1000 + 5, "long before any request is given up"
    finally:
        os.kill(centre.process.pid, signal.SIGCONT)
    until(lambda: "已连接" in pill(console), 30)


def test_an_act_made_while_the_line_greets_is_sent_at_once(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the hello's look into the outbox and its answer: it stayed there, on a line that was up, until the next act."""
    until(lambda: "已连接" in pill(console))
    until(lambda: console.sync._state.pulling and not console.sync._state.busy)
    console.window.sync.offline.click()
    made: list[str] = []

    def looks_too_early(work: Work) -> bool:
        found = has_unsent(work)
        if not made:
            made.append(acting(console.desk, REPORT, None)(work).cmd_id)
            console.sync._fact.emit(machine.Acted())  # as the screen's thread is told of it
        return found

    def sent(work: Work) -> bool:
        row = outbox.find(work.connection, made[0])
        return row is not None and row.state != outbox.PENDING

    monkeypatch.setattr(round_module, "has_unsent", looks_too_early)
    console.window.sync.offline.click()
    until(lambda: made)
    until(lambda: console.jobs.wait(sent), 3)


def hand_down(desk: Other) -> str:
    case_id = desk.act(REPORT).case_id
    desk.act(c.File(), case_id)
    desk.act(c.Dispatch(TOWN), case_id)
    assert desk.settle().phase is Phase.ONLINE
    return case_id


def knows(console: Console, case_id: str) -> bool:
    found: list[bool] = []
    console.jobs.run(lambda work: get_case(work.connection, case_id) is not None, found.append)
    until(lambda: found)
    return found[0]


def test_in_a_drill_nothing_comes_in_and_the_switch_shows_it(console: Console, district_desk: Other) -> None:
    until(lambda: "已连接" in pill(console))
    late: list[object] = []
    console.sync._fact.connect(late.append)
    until(lambda: late and console.sync._state.pulling)
    console.window.sync.offline.click()
    late.clear()
    case_id = hand_down(district_desk)
    until(lambda: late)  # the long pull that was under way has its answer
    choose(console, "theme", "dark")
    until(lambda: "断网演练" in pill(console))
    assert console.window.sync.offline.isChecked(), "another window, the same line"
    assert not knows(console, case_id)
    console.window.sync.offline.click()
    until(lambda: knows(console, case_id))
    assert not console.window.sync.offline.isChecked()
    choose(console, "theme", "light")


def test_a_drill_is_of_the_whole_workstation_and_signs_in_without_the_line(console: Console, centre: Centre) -> None:
    until(lambda: "已连接" in pill(console))
    open_unit(console, MARKET, centre.code(MARKET))
    sign_in(f"{MARKET}-leader")
    until(lambda: console.desk.unit == MARKET and "已连接" in pill(console))
    console.window.sync.offline.click()
    until(lambda: all(f.sync.working_offline for f in console.files.values()))
    console.change_user()
    sign_in(f"{MARKET}-leader")
    until(lambda: console.desk.session == "")
    console.window.sync.offline.click()
    until(lambda: "已连接" in pill(console))
    assert not any(f.sync.working_offline for f in console.files.values())
