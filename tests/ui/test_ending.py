"""What a person did is written when the program ends, whatever the network is doing to the store just then."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from desktop.jobs import DatabaseThread
from models.errors import Weather
from models.ids import id_source
from models.store import outbox
from models.store.work import Work
from tests.store.make_sample import Workstation


@pytest.fixture
def made(application: QApplication, tmp_path: Path) -> Iterator[Workstation]:
    found = Workstation(tmp_path / "store.sqlite")
    yield found
    found.close()


def test_a_snapshot_that_is_being_taken_in_makes_room_for_the_last_act(made: Workstation) -> None:
    """It takes longer than the second anybody waits: the act that was pressed, and what was half typed, were lost with it."""
    jobs = DatabaseThread(made.engine, made.rules, made.clock, id_source(made.clock))
    began = threading.Event()
    told: list[Weather] = []

    def long(work: Work) -> None:
        for _ in range(400):
            work.read_meta("device")
            began.set()
            time.sleep(0.01)

    def network(job: object) -> None:
        try:
            jobs.wait(job)  # type: ignore[arg-type]
        except Weather as error:
            told.append(error)

    def last(work: Work) -> None:
        work.write_meta("pressed", "yes")
        work.commit()

    workers = [threading.Thread(target=network, args=(job,)) for job in (long, long)]
    for worker in workers:
        worker.start()
        assert began.wait(10)
    jobs.run(last, lambda _none: None)
    jobs.end(1.0)
    with made.work() as work:
        assert work.read_meta("pressed") == "yes"
        assert outbox.unsent(work.connection).count == 0
    for worker in workers:
        worker.join(10)
    assert [error.code for error in told] == ["store_busy", "store_busy"]
