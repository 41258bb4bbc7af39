"""What is told of the line is true, also while the store does not answer or a snapshot is on its way."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from desktop import sync_worker
from desktop.console import Console
from desktop.sync_worker import SyncWorker
from models.clock import SystemClock
from models.errors import Weather
from models.views import Kept, LineState
from services.sync import machine
from tests.ui.alone import alone, begun
from tests.ui.conftest import until


@pytest.fixture
def console(application: QApplication, tmp_path: Path) -> Iterator[Console]:
    with begun(alone(tmp_path / "console")) as made:
        yield made


def test_a_store_that_does_not_answer_hides_no_change_of_the_line(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    until(lambda: console.file.line is not None and console.file.line.state == "refused")

    def busy(_job: object, _done: object, failed: object = None) -> None:
        if callable(failed):
            failed(Weather("store_busy"))

    monkeypatch.setattr(console.jobs, "run", busy)
    console.sync.work_offline(True)
    assert console.file.line is not None and console.file.line.state == "work_offline"


class LongSnapshot:
    """An exchange that says hello and then fetches a snapshot for as long as the test wants."""

    unit = "341002102"
    cut = False

    def __init__(self) -> None:
        self.go, self.began = threading.Event(), threading.Event()

    def holds_files(self) -> bool:
        return False

    def do(self, effect: machine.Effect, _line: object) -> machine.Fact:
        if isinstance(effect, machine.SayHello):
            return machine.HelloAnswered(False, False, False)
        self.began.set()
        self.go.wait(20)
        return machine.Failed("TakeSnapshot", "line_down", 0.5)


class NoLine:
    def close(self) -> None: ...


def test_a_snapshot_on_its_way_is_no_silence(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten seconds of silence are an alarm with a sound, in the middle of the first download of a large district."""
    monkeypatch.setattr(sync_worker, "SILENCE_MS", 50)
    exchange = LongSnapshot()
    worker = SyncWorker(exchange, NoLine, console.jobs, SystemClock(), Kept)  # type: ignore[arg-type]
    told: list[LineState] = []
    worker.line.connect(told.append)
    worker.start()
    until(exchange.began.is_set)
    until(lambda: not worker._silence.isActive())
    worker.tell()
    count = len(told)
    until(lambda: len(told) > count)
    assert {state.state for state in told} <= {"connecting", "online"}
    worker.stop()
    exchange.go.set()
