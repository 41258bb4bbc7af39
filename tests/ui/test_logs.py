"""Logs hold no personal data and do not grow for ever: real failures with a name and a number in them, then what is left."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from pathlib import Path

import pytest

from models import discreet_log
from tests.ui.failing_console import NAME, PHONE

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """(console.log, standard error) of a program that failed in every way."""
    folder = tmp_path_factory.mktemp("failing")
    environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", "tests.ui.failing_console", str(folder)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return (folder / "logs" / "console.log").read_text(encoding="utf-8"), done.stderr


def test_every_failure_is_told_by_its_kind_and_place(left: tuple[str, str]) -> None:
    log, errors = left
    assert "ERROR jobs a job failed" in log
    for kind in ("LookupError", "ValueError", "RuntimeError"):
        assert f"\n{kind}\n" in log, kind
    for place in ("in job", "in badly_built", "in in_a_thread"):
        assert f"{place}\n" in log and "failing_console.py:" in log
    assert "ERROR asyncio Task exception was never retrieved" in log
    assert "RuntimeError" in errors, "and the terminal, for whoever looks there"


def test_nothing_of_the_person_is_left_in_log_or_terminal(left: tuple[str, str]) -> None:
    for text in left:
        for part in (NAME, *NAME.split(), PHONE):
            assert part not in text


def test_an_error_that_causes_itself_ends(caplog: pytest.LogCaptureFixture) -> None:
    first, second = ValueError(PHONE), KeyError(PHONE)
    first.__context__, second.__context__ = second, first
    assert discreet_log.spoor(first) == "ValueError\nKeyError"


def test_logs_rotate_and_what_others_append_to_is_capped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(discreet_log, "ROTATE_BYTES", 2_000)
    handler = discreet_log.rotating(tmp_path / "logs" / "console.log")
    for number in range(500):
        handler.handle(logging.makeLogRecord({"msg": f"line {number}", "levelname": "INFO", "name": "test"}))
    handler.close()
    files = list((tmp_path / "logs").iterdir())
    assert len(files) == 1 + discreet_log.KEPT
    assert all(file.stat().st_size <= 2_000 for file in files)
    crash = tmp_path / "crash.log"
    for turn in ("first", "second"):
        crash.write_text(turn * 1_000, encoding="utf-8")
        discreet_log.make_room(crash)
        assert not crash.exists()
    assert crash.with_name("crash.log.1").read_text(encoding="utf-8") == "second" * 1_000, "one is kept"
    crash.write_text("small", encoding="utf-8")
    discreet_log.make_room(crash)
    assert crash.exists()
