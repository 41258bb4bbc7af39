"""What is told of the line is true, also while the store does not answer or a snapshot is on its way."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from desktop.console import Console
from models.errors import Weather
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
