"""What belongs to the screen is let go of on the screen's thread: a window taken apart elsewhere takes the program along."""

from __future__ import annotations

import gc
import threading
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from desktop.asking import Asking
from desktop.jobs import DatabaseThread
from models.errors import Refused
from models.ids import id_source
from models.rules import Rules
from models.store.work import Work
from tests.ui.conftest import until
from tests.ui.every_state import EveryState

JOBS, QUESTIONS = 60, 8


class OfTheScreen:
    """Tells on which thread it went."""

    def __init__(self, went: list[str]) -> None:
        self._went = went

    def __del__(self) -> None:
        self._went.append(threading.current_thread().name)


@pytest.mark.parametrize("fails", [False, True])
def test_the_database_thread_lets_go_of_nothing_of_the_screen(
    application: QApplication, tmp_path: Path, rules: Rules, fails: bool
) -> None:
    store = EveryState(tmp_path, rules)
    jobs = DatabaseThread(store.engine, rules, store.clock, id_source(store.clock))
    went: list[str] = []

    def ask() -> None:
        held = OfTheScreen(went)

        def job(_work: Work) -> str:
            if fails:
                raise Refused("unknown_case", held=id(held))
            return str(id(held))

        jobs.run(job, lambda _found: held, lambda _error: held)

    try:
        for _ in range(JOBS):
            ask()
            application.processEvents()
        until(lambda: len(went) >= JOBS - 1)
        jobs.end()
        gc.collect()
        until(lambda: len(went) == JOBS)
    finally:
        jobs.end()
    assert set(went) == {threading.main_thread().name}


def test_a_thread_that_makes_much_collects_no_cycle_of_the_screen(application: QApplication) -> None:
    went: list[str] = []
    dialog, desk = OfTheScreen(went), OfTheScreen(went)
    dialog.held, desk.held = desk, dialog  # type: ignore[attr-defined]
    del dialog, desk

    made: list[list[str]] = []

    def work() -> None:
        made.extend([] for _ in range(20_000))

    thread = threading.Thread(target=work, name="database")
    thread.start()
    thread.join()
    assert not went
    until(lambda: len(went) == 2)
    assert set(went) == {threading.main_thread().name}


def test_a_question_goes_with_whoever_asked_it(application: QApplication) -> None:
    """Each stayed with the program, five for every self-check."""
    went: list[str] = []
    go = threading.Event()
    too_late: list[str] = []
    before = len(application.children())
    for _ in range(QUESTIONS):
        asking = Asking()
        asking.told_of = OfTheScreen(went)  # type: ignore[attr-defined]
        asking.ask(lambda: str(go.wait(20)), lambda _found: None, lambda _error: None, too_late.append)
        asking.give_up()
    del asking
    assert not went, "what is asked is held until it has been answered"
    go.set()
    until(lambda: len(went) == QUESTIONS)
    assert too_late == ["True"] * QUESTIONS and set(went) == {threading.main_thread().name}
    assert len(application.children()) <= before + 1


@pytest.mark.parametrize("fails", [False, True])
def test_a_thread_that_asks_lets_go_of_nothing_of_the_screen(application: QApplication, fails: bool) -> None:
    went: list[str] = []
    asking = Asking()

    def ask() -> None:
        held = OfTheScreen(went)

        def call() -> str:
            if fails:
                raise Refused("unknown_case", held=id(held))
            return str(id(held))

        asking.ask(call, lambda _found: held, lambda _error: held)

    for number in range(QUESTIONS):
        ask()
        until(lambda number=number: len(went) > number)  # type: ignore[misc]
        gc.collect()
    assert set(went) == {threading.main_thread().name}
