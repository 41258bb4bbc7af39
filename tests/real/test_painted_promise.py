"""P1, as the eye has it: once 已存本机 stands painted on the screen, the act survives kill -9.

The shipped program runs in a process of its own under a private X server, the district centre is down, and the keyboard
alone is used. The test looks at the pixels of the screen, kills in the moment the words are there, and looks the act up
by the id the screen had been told.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import keyring.core
import pytest
from keyring.backends.fail import Keyring as NoKeyring
from sqlalchemy import text

from models.case import State
from models.store import outbox
from models.store.case_table import get_case
from tests.real.display import Display
from tests.real.needs import need
from tests.real.painted import stands
from tests.real.workstation import PATIENCE_SECONDS, Workstation

PROMISE = "立案:已存本机·待上报"
KILLS = 3


@pytest.fixture
def workstation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workstation]:
    need("Xvfb", "xdotool")
    monkeypatch.setattr(keyring.core, "_keyring_backend", NoKeyring())
    screen = tmp_path / "screen"
    screen.mkdir()
    display = Display(screen)
    try:
        made = Workstation(tmp_path, display)
        yield made
        made.kill()
    finally:
        display.end()


def assert_kept(workstation: Workstation, told: list[str]) -> None:
    """Every act the screen had been told of stands in the outbox under its id, and its case is where it put it."""
    station = workstation.station()
    with station.work() as work:
        rows = [outbox.find(work.connection, cmd_id) for cmd_id in told]
        assert [row and (row.kind, row.state) for row in rows] == [("case.file", outbox.PENDING)] * len(told)
        cases = [get_case(work.connection, row.case_id) for row in rows if row is not None]
        assert work.connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    station.engine.dispose()
    assert [case and (case.title, case.state) for case in cases] == [
        (f"Broken lamp {number}", State.AWAITING_DISPATCH) for number in range(len(told))
    ]


def test_an_act_whose_promise_is_painted_survives_kill_9(workstation: Workstation) -> None:
    display = workstation.display
    told: list[str] = []
    for number in range(KILLS):
        workstation.start()
        display.key("ctrl+n")
        display.focus("新上报", PATIENCE_SECONDS)
        display.type(f"Broken lamp {number}")
        display.key("ctrl+Return")  # asks for what is missing, and puts the cursor there
        display.type("09005")
        display.key("Return")
        display.key("ctrl+Return")  # asks for what is missing, and puts the cursor there
        display.type("lssq")
        display.key("Return")
        display.key("ctrl+Return")
        workstation.sees("立案  F4")
        assert not stands(display.picture(), PROMISE)
        display.focus("联勤联动工作台", PATIENCE_SECONDS)
        display.key("F4")
        workstation.sees(PROMISE)
        told += workstation.kill()
        assert len(told) == number + 1, "the screen was told of one act"
        assert_kept(workstation, told)
    workstation.start()
    workstation.sees("派发  F5")
    assert_kept(workstation, told)
