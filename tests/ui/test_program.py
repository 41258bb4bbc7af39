"""The program around the window: one at a time, and a person is told when it fails."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from desktop import commands, files, first_run, logs
from desktop.console import Console
from desktop.only_one import LOCK, only_one
from desktop.safe import set_aside
from tests.ui.alone import alone
from tests.ui.guard import Guard
from ui.dialogs import notice

ROOT = Path(__file__).parents[2]


@pytest.fixture
def told(application: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What small windows say before the console is open."""
    shown: list[str] = []
    monkeypatch.setattr(commands, "_application", lambda: application)
    monkeypatch.setattr(files, "data_folder", lambda: tmp_path)
    monkeypatch.setattr(logs, "begin", lambda _folder: None)
    monkeypatch.setattr(notice, "tell", shown.append)
    return shown


def test_a_second_program_over_the_same_stores_is_not_opened(
    told: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each would take the other's news out of the feed."""
    opened: list[Path] = []
    monkeypatch.setattr(first_run, "open_console", opened.append)
    first = only_one(tmp_path)
    assert first is not None
    assert commands._run() == 1
    assert opened == [] and told == ["本程序已经打开,请在任务栏找到它的窗口。"]
    first.unlock()
    assert commands._run() == 0 and opened == [tmp_path]


def test_one_that_was_killed_is_in_nobodys_way(application: QApplication, tmp_path: Path) -> None:
    begins = "import os, sys; from pathlib import Path; from desktop.only_one import only_one"
    held = f"{begins}; held = only_one(Path(sys.argv[1])); os._exit(9)"
    subprocess.run([sys.executable, "-c", held, str(tmp_path)], cwd=ROOT, timeout=60, check=False)
    assert (tmp_path / LOCK).exists()
    found = only_one(tmp_path)
    assert found is not None and found.isLocked()
    found.unlock()


def test_beginning_anew_leaves_the_lock_where_it_is(application: QApplication, tmp_path: Path) -> None:
    lock = only_one(tmp_path)
    assert lock is not None
    set_aside(tmp_path, "stamp")
    assert only_one(tmp_path) is None
    lock.unlock()


def test_a_start_that_fails_in_a_way_nobody_thought_of_is_told(
    told: list[str], monkeypatch: pytest.MonkeyPatch, guard: Guard
) -> None:
    guard.expect("start: the console cannot be opened")

    def broken(_base: Path) -> None:
        raise KeyError("341002999")

    monkeypatch.setattr(first_run, "open_console", broken)
    assert commands._run() == 1
    assert told == ["程序出错,已记入日志。请重试;仍不行请联系维护人员。"]


@pytest.fixture
def console(application: QApplication, tmp_path: Path) -> Iterator[Console]:
    made = alone(tmp_path / "console")
    yield made
    made.end()
    made.window.close()


def test_a_failure_that_nobody_caught_is_told_in_the_window_once(
    told: list[str], console: Console, application: QApplication, monkeypatch: pytest.MonkeyPatch, guard: Guard
) -> None:
    guard.expect("crash: uncaught")
    monkeypatch.setattr(first_run, "open_console", lambda _base: console)
    monkeypatch.setattr(sys, "excepthook", logs._uncaught)

    def fails() -> None:
        raise KeyError("a key that was pressed")

    notices: list[list[str]] = []

    def look() -> None:
        if console.window.banner.notices:
            notices.append(list(console.window.banner.notices))
            application.exit()

    watch = QObject()
    timer = QTimer(watch)
    timer.timeout.connect(look)
    timer.start(50)
    monkeypatch.setattr(console, "start", lambda: [QTimer.singleShot(0, fails) for _ in range(2)])
    commands._run()
    timer.stop()
    assert notices == [["程序出错,已记入日志。请重试;仍不行请联系维护人员。"]]
