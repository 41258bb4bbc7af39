"""The demo before a person's eyes: a report typed while the line is cut arrives when it is mended, once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.real.display import Display
from tests.real.needs import need
from tests.whole.demo_run import PATIENCE_SECONDS, DemoRun, until

TITLE = "Broken lamp at the demo"


@pytest.fixture
def display(tmp_path: Path) -> Iterator[Display]:
    need("Xvfb", "xdotool")
    screen = tmp_path / "screen"
    screen.mkdir()
    made = Display(screen)
    yield made
    made.end()


@pytest.fixture
def run(display: Display, tmp_path: Path) -> Iterator[DemoRun]:
    desk = {"DISPLAY": display.name, "QT_QPA_PLATFORM": "xcb", "DEMO_SECONDS": "0", "DEMO_REPORTS": "0"}
    made = DemoRun(tmp_path / "demo", **desk)
    yield made
    made.end()


@pytest.mark.timeout(300)
def test_what_is_done_with_the_line_down_arrives_when_it_is_up(run: DemoRun, display: Display) -> None:
    run.sees_the_line("online")
    run.switch_line("down")
    run.sees_the_line("offline")
    display.focus("联勤联动工作台", PATIENCE_SECONDS)
    display.key("ctrl+n")
    display.focus("新上报", PATIENCE_SECONDS)
    display.type(TITLE)
    display.key("ctrl+Return")  # asks for what is missing, and puts the cursor there
    display.type("09005")
    display.key("Return")
    display.key("ctrl+Return")  # asks for what is missing, and puts the cursor there
    display.type("lssq")
    display.key("Return")
    display.key("ctrl+Return")
    until(run.outbox, "the report is kept")
    [(cmd_id, state)] = run.outbox()
    assert state == "pending" and cmd_id not in run.acts_of("demo")
    run.switch_line("up")
    run.sees_the_line("online")
    until(lambda: run.outbox() == [(cmd_id, "settled")], "the report is settled")
    assert run.acts_of("demo").count(cmd_id) == 1
    run.process.terminate()
    run.leaves_nothing()
