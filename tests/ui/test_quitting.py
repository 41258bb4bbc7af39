"""Quitting never waits more than a second in all (D24): three files, each store busy, and a centre that has stopped in the
middle of their long pulls."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication
from sqlalchemy import text

from models.store.work import Work
from tests.ui.conftest import TOWN, seated, until
from tests.ui.guard import Guard
from tests.whole.parties import Centre

UNITS = (f"{TOWN}-market", f"{TOWN}-squad")
A_SECOND = 1.0
SCHEDULING = 0.6
"""What a loaded machine may add; a second for each file would still be seen."""
PATIENCE_SECONDS = 20.0
LONG = text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400000000) SELECT max(i) FROM n")


def test_three_files_and_a_centre_that_stands_still(
    application: QApplication, centre: Centre, tmp_path: Path, guard: Guard
) -> None:
    guard.expect("jobs: a job failed")
    console = seated(tmp_path / "console", centre, TOWN, f"{TOWN}-clerk-1")
    for unit in UNITS:
        console.workplace.enrol(unit, centre.code(unit)).engine.dispose()
    console.start()
    until(
        lambda: len(console.files) == 3 and all(f.line and f.line.state == "online" for f in console.files.values()), 30
    )
    assert centre.process is not None
    os.kill(centre.process.pid, signal.SIGSTOP)
    began: list[Any] = []

    def job(work: Work) -> None:
        began.append(work.connection.connection.driver_connection)
        work.connection.execute(LONG)

    try:
        for file in console.files.values():
            file.jobs.run(job, lambda _none: None)
        until(lambda: len(began) == 3)
        started = time.monotonic()
        console.end()
        assert time.monotonic() - started < A_SECOND + SCHEDULING
        before = [file.line for file in console.files.values()]
    finally:
        os.kill(centre.process.pid, signal.SIGCONT)
        for connection in began:
            connection.interrupt()
        for file in console.files.values():
            file.jobs.wait_stopped(PATIENCE_SECONDS)
    for _ in range(20):
        QApplication.processEvents()
    assert [file.line for file in console.files.values()] == before, "what comes too late is not listened to"
    console.window.close()
