"""The queue's model keeps Qt's rules for models, whatever is asked of it and in whatever order answers come.

QAbstractItemModelTester watches every signal and asks everything again after each. It reports by warning, and the guard
of these tests makes a failure of that: its own `Fatal` would end the whole run where one test should fail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication
from sqlalchemy import text

from models.rules import Rules
from models.store.work import Work
from models.views import CHIPS, QueueQuery
from tests.ui.every_state import CLERK, EveryState
from ui.models.queue_model import COLUMNS, QueueModel
from ui.models.row_cache import PAGE

REPORTING = QAbstractItemModelTester.FailureReportingMode.Warning


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory, rules: Rules) -> EveryState:
    made = EveryState(tmp_path_factory.mktemp("model"), rules)
    made.fill()
    made.window(CLERK).close()
    return made


class Watched:
    """The model with the tester over it; its jobs run when `answer` says so, each in a unit of work of the store."""

    def __init__(self, store: EveryState) -> None:
        self.desk = store.desk
        self._store = store
        self._waiting: list[tuple[Callable[[Work], Any], Callable[[Any], None]]] = []
        self.model = QueueModel(self, self)
        self.tester = QAbstractItemModelTester(self.model, REPORTING)

    def run(self, job: Callable[[Work], Any], done: Callable[[Any], None], _failed: object = None) -> None:
        self._waiting.append((job, done))

    def answer(self) -> None:
        while self._waiting:
            job, done = self._waiting.pop(0)
            with self._store.work() as work:
                found = job(work)
            done(found)

    def shown(self) -> list[str]:
        return [str(self.model.index(n, 2).data()) for n in range(self.model.rowCount())]


@pytest.fixture
def watched(application: QApplication, store: EveryState) -> Iterator[Watched]:
    made = Watched(store)
    made.model.ask(QueueQuery())
    made.answer()
    assert made.model.rowCount() > 20
    yield made
    assert made.tester.model() is made.model, "watched to the end"


def test_every_order_and_every_chip(watched: Watched) -> None:
    for chip in CHIPS:
        watched.model.ask(QueueQuery(chip=chip))
        watched.answer()
        for column in range(len(COLUMNS)):
            for order in (Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder):
                watched.model.sort(column, order)
                watched.answer()
                assert len(watched.shown()) == watched.model.rowCount()


def test_groups_come_and_go(watched: Watched) -> None:
    plain = watched.shown()
    for _ in range(2):
        watched.model.ask(QueueQuery(group_by_unit=True))
        watched.answer()
        assert watched.model.rowCount() == len(plain) + len(watched.model.groups)
        watched.model.ask(QueueQuery())
        watched.answer()
        assert watched.shown() == plain


def test_an_answer_to_an_older_question_changes_nothing(watched: Watched) -> None:
    for words in ("路", "不会有的字", "", "店"):
        watched.model.ask(QueueQuery(text=words))
        watched.model.refresh()
    watched.answer()
    assert watched.model.cache.query == QueueQuery(text="店")
    assert all(watched.model.row_at(n) is not None for n in range(watched.model.rowCount()))


def test_it_grows_beyond_a_page_and_shrinks_to_nothing(watched: Watched, store: EveryState) -> None:
    with store.work() as work:
        columns = [row[1] for row in work.connection.execute(text("PRAGMA table_info(case_row)"))]
        chosen = ", ".join({"id": "id || '-' || n", "is_open": "1"}.get(name, name) for name in columns)
        numbers = "WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k WHERE n < 8)"
        work.connection.execute(
            text(f"INSERT INTO case_row ({', '.join(columns)}) {numbers} SELECT {chosen} FROM case_row, k")
        )
        work.commit()
    watched.model.refresh()
    watched.answer()
    assert watched.model.rowCount() > 2 * PAGE
    watched.model.look_at(PAGE, 2 * PAGE)
    watched.answer()
    assert watched.model.row_at(2 * PAGE - 1) is not None
    with store.work() as work:
        work.connection.execute(text("DELETE FROM case_row WHERE id LIKE '%-%' AND length(id) > 36"))
        work.commit()
    watched.model.refresh()
    watched.answer()
    watched.model.ask(replace(watched.model.cache.query, text="不会有的字"))
    watched.answer()
    assert watched.model.rowCount() == 0
