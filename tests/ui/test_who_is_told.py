"""The watch over a file's alarms asks for whoever sits there now, and for nobody while another file is in sight."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from desktop.alarm_watch import PATIENCE_MS, AlarmWatch
from models import commands as c
from models.rules import Rules
from services.alarm_sound import Tone
from services.alarms import Kind
from tests.ui.every_state import CLERK, DEPUTY, MARKET, MARKET_LEADER, EveryState
from ui.widgets.banner import Banner


class Watched:
    """A watch over the town's file, with a counter moved by hand."""

    def __init__(self, store: EveryState, person: str) -> None:
        self.store = store
        self.counter_ms = PATIENCE_MS
        self.heard: list[Tone] = []
        store.desk = store._desk(person)
        self.banner = Banner()
        self.watch = AlarmWatch(store, store, store.present, self.banner, self.heard.append, lambda: self.counter_ms)

    def sits_down(self, person: str) -> None:
        self.store.desk = self.store._desk(person)
        self.watch.person_changed()
        self.second()

    def second(self) -> None:
        self.counter_ms += 1_000
        self.watch.tick()

    def kinds(self) -> set[Kind]:
        return {alarm.kind for alarm in self.watch._state.standing}


@pytest.fixture
def store(application: QApplication, tmp_path: Path, rules: Rules) -> EveryState:
    return EveryState(tmp_path, rules)


def test_after_a_change_of_user_the_request_is_told_to_the_one_who_may_answer_it(store: EveryState) -> None:
    case_id = store.handling()
    watched = Watched(store, CLERK)
    watched.second()
    store.does(CLERK, c.AskVoid("Entered twice"), case_id)
    watched.watch.changed(frozenset({case_id}))
    assert Kind.ASKED not in watched.kinds(), "nothing for a clerk to answer"
    watched.sits_down(DEPUTY)
    assert Kind.ASKED in watched.kinds(), "it waits for whoever sits here now"
    watched.sits_down(CLERK)
    assert Kind.ASKED not in watched.kinds()


class Later:
    """Jobs whose answers come when the test says so."""

    def __init__(self, store: EveryState) -> None:
        self._store = store
        self.waiting: list[Callable[[], None]] = []
        self.asked = 0

    def run(self, job: Any, done: Any, failed: Any = None) -> None:
        self.asked += 1
        self.waiting.append(lambda: self._store.run(job, done, failed))

    def answer(self) -> None:
        waiting, self.waiting = self.waiting, []
        for one in waiting:
            one()


def test_an_answer_that_finds_another_file_in_sight_asks_nothing_more(store: EveryState) -> None:
    watched = Watched(store, CLERK)
    watched.second()
    later = Later(store)
    watched.watch._jobs = later
    case_id = store.handling()
    watched.watch.changed(frozenset({case_id}))
    watched.watch.changed(frozenset({"another"}))
    watched.watch.rest()
    store.desk = store._desk(MARKET_LEADER, MARKET)
    later.answer()
    assert later.asked == 1, "the seat is at another file: this one is looked at for nobody"
