"""`make demo` as it is started: its picture, its line, its town at work, and that nothing of it is left afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import keyring.core
import pytest
from keyring.backends.fail import Keyring as NoKeyring
from sqlalchemy import text

from desktop import demo, district_process
from models.store.engine import open_file
from models.wire import encode
from tests.whole.demo_run import PATIENCE_SECONDS, DemoRun, main_py, until

pytestmark = pytest.mark.timeout(300)
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(600)"
Start = Callable[..., DemoRun]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One demo's data, made by the first test and opened again by the next."""
    return tmp_path_factory.mktemp("demo")


@pytest.fixture
def start(folder: Path) -> Iterator[Start]:
    made: list[DemoRun] = []

    def begin(**environment: str) -> DemoRun:
        made.append(DemoRun(folder, **environment))
        return made[-1]

    yield begin
    for run in made:
        run.end()


@pytest.mark.landing
def test_without_a_display_it_leaves_a_picture_and_no_process(start: Start, folder: Path) -> None:
    run = start(DEMO_SECONDS="4")
    run.sees_the_line("online")
    assert set(run.neighbours()) == {"district", "town"}
    run.leaves_nothing()
    said, problem = run.process.communicate()
    assert run.process.returncode == 0, problem
    assert "No display" in said and "Traceback" not in problem
    assert (folder / "console.png").read_bytes().startswith(b"\x89PNG")


def test_the_town_works_the_line_goes_and_comes_and_the_town_may_end(start: Start) -> None:
    run = start(DEMO_SECONDS="0", QT_QPA_PLATFORM="offscreen")
    run.sees_the_line("online")
    before = len(run.acts_of("town"))
    until(lambda: len(run.acts_of("town")) > before, "the town acts")
    first = run.neighbours()["district"]
    run.switch_line("down")
    run.sees_the_line("offline")
    assert "district" not in run.neighbours() and run.process.poll() is None
    run.switch_line("up")
    run.sees_the_line("online")
    assert run.neighbours()["district"] != first
    os.kill(run.neighbours()["town"], signal.SIGKILL)
    until(lambda: "town" not in run.neighbours(), "the town is gone")
    acts = run.acts_of("town")
    run.switch_line("down")
    run.sees_the_line("offline")
    run.switch_line("up")
    run.sees_the_line("online")
    assert run.acts_of("town") == acts, "only the activity has ended"
    run.process.terminate()
    run.leaves_nothing()
    assert run.process.returncode == 0


def test_a_console_that_is_killed_takes_everybody_with_it(start: Start) -> None:
    run = start(DEMO_SECONDS="0", QT_QPA_PLATFORM="offscreen")
    run.switch_line("down")
    run.switch_line("up")
    until(lambda: set(run.neighbours()) == {"district", "town"}, "the town is there")
    run.process.kill()
    run.leaves_nothing()


# Refusals


def refused(folder: Path, *arguments: str) -> str:
    """What the program says when it cannot: one line."""
    process = main_py(folder, *arguments, DEMO_SECONDS="1", DEMO_REPORTS="0")
    _said, problem = process.communicate(timeout=PATIENCE_SECONDS)
    lines = [line for line in problem.splitlines() if "propagateSizeHints" not in line]
    assert process.returncode == 1 and len(lines) == 1, problem
    return lines[0]


def of_newer_version(file: Path) -> None:
    engine = open_file(file)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> demo.Demo:
    """The parts of a demo without a past, in this process; the district runs."""
    monkeypatch.setattr(keyring.core, "_keyring_backend", NoKeyring())
    monkeypatch.setenv("DEMO_FOLDER", str(tmp_path))
    monkeypatch.setenv("DEMO_REPORTS", "0")
    return demo.Demo()


@pytest.mark.landing
def test_a_newer_district_or_store_is_refused_in_one_line(small: demo.Demo, tmp_path: Path) -> None:
    small.station().engine.dispose()
    small.end()
    for part in ("console/store.sqlite", "district.sqlite"):
        of_newer_version(tmp_path / part)
        told = refused(tmp_path, "demo")
        assert "较新的程序" in told and str(tmp_path) in told
    here = district_process.Running(os.getpid(), 2**22 + 1, 0, "0:0:1")
    (tmp_path / "running.json").write_bytes(encode(here))
    assert "较新的程序" in refused(tmp_path, "demo-line", "up")


def test_a_district_that_cannot_be_made_or_started_is_told(tmp_path: Path) -> None:
    (tmp_path / "district.sqlite").write_bytes(b"no database at all" * 100)
    told = refused(tmp_path, "demo")
    assert "未能启动" in told and str(tmp_path) in told


def test_a_town_that_does_not_end_keeps_nobody_else(small: demo.Demo) -> None:
    small.town = subprocess.Popen([sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE)
    assert small.town.stdout is not None and small.town.stdout.readline(), "it hears no request to end now"
    small.end()
    small.town.stdout.close()
    assert small.town.poll() is not None
    assert not district_process._is_alive(small.running.district_pid)
