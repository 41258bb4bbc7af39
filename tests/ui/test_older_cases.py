"""Cases that ended long ago: asked of a real centre from the queue, by keyboard, and held in the store (sync.md §3.11)."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from sqlalchemy import text

from desktop.console import Console
from models import commands as c
from models.reference_files import EDITION
from models.store import past_cases
from models.store.engine import open_engine
from models.store.work import Work
from models.wire import PastCases
from services import cases
from services import past_cases as asking
from services.sync.line import Line
from tests.ui.conftest import TOWN, online, until
from tests.whole.parties import Centre

REPORT = c.Report("", "hotline", f"{EDITION}/matter/09005", "店外堆放", "龙山路口", TOWN, f"{TOWN}006")
CONTROL = Qt.KeyboardModifier.ControlModifier


def _asked(console: Console, job: Any) -> Any:
    found: list[Any] = []
    console.jobs.run(job, found.append)
    until(lambda: found)
    return found[0]


@pytest.fixture
def past(console: Console, centre: Centre) -> str:
    """The number of a case that ended long ago, as both databases have it, and is here no more."""
    until(lambda: online(console))

    def end_one(work: Work) -> cases.Acted:
        made = cases.act(work, console.desk, REPORT)
        cases.act(work, console.desk, c.Decline("x"), made.case_id)
        work.commit()
        return made

    made = _asked(console, end_one)
    console.sync.acted()
    until(lambda: centre.asked("SELECT 1 FROM case_row WHERE is_open = 0"))
    engine = open_engine(centre.database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE case_row SET ended_by = 1000 WHERE is_open = 0"))
    engine.dispose()

    def settled(work: Work) -> bool:
        return not work.connection.exec_driver_sql("SELECT 1 FROM outbox WHERE state <> 'settled'").first()

    until(lambda: _asked(console, settled))

    def let_go(work: Work) -> list[str]:
        work.connection.exec_driver_sql("UPDATE case_row SET ended_by = 1000 WHERE is_open = 0")
        gone = past_cases.let_go(work.connection, work.present().shown_at, 10)
        work.changed.update(gone)
        work.commit()
        return gone

    assert _asked(console, let_go) == [made.case_id]
    return made.number


def test_an_older_case_is_found_by_keyboard_and_opened(console: Console, past: str) -> None:
    queue = console.window.queue
    older = queue.older
    console.window.show_page("cases")
    QTest.keyClick(console.window, Qt.Key.Key_F, CONTROL)
    assert queue.search.hasFocus() and older.isHidden(), "nothing is offered before something is typed"
    queue.search.setText(past)
    until(lambda: queue.empty.isVisible())
    assert older.isVisible()
    QTest.keyClick(queue.search, Qt.Key.Key_J, CONTROL)
    until(lambda: older.said.text().startswith("已取回 1 件"))
    assert queue.chips["all"].isChecked()
    until(lambda: queue.model.rowCount() == 1 and console.window.panel.panel is not None)
    panel = console.window.panel.panel
    assert panel is not None and panel.case.number == past
    QTest.keyClick(queue.search, Qt.Key.Key_J, CONTROL)
    until(lambda: older.button.isEnabled())
    assert older.said.text().startswith("已取回 1 件") and queue.model.rowCount() == 1, "once more is the same once"
    queue.search.clear()
    assert older.isHidden() and older.said.text() == ""


def test_none_and_no_line_are_said_and_what_is_typed_stays(console: Console, past: str) -> None:
    queue = console.window.queue
    older = queue.older
    console.window.show_page("cases")
    queue.search.setText(f"{past} nowhere")
    QTest.keyClick(queue.search, Qt.Key.Key_J, CONTROL)
    until(lambda: older.said.text().startswith("区中心也没有"))
    assert older.button.isEnabled() and not queue.chips["all"].isChecked()
    console.work_offline(True)
    until(lambda: not online(console))
    QTest.keyClick(queue.search, Qt.Key.Key_J, CONTROL)
    until(lambda: older.said.text().startswith("更早的案件在区中心"))
    assert queue.search.text() == f"{past} nowhere" and older.button.isEnabled()


def test_an_answer_that_comes_after_the_line_was_cut_brings_nothing_in(
    console: Console, past: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The switch for drills cuts the line: what was under way then comes to nothing here, and the screen says so."""
    queue = console.window.queue
    go_on, find = threading.Event(), asking.find

    def slow(line: Line, words: str) -> PastCases:
        found = find(line, words)
        assert go_on.wait(20) and len(found.cases) == 1
        return found

    monkeypatch.setattr(asking, "find", slow)
    console.window.show_page("cases")
    queue.search.setText(past)
    QTest.keyClick(queue.search, Qt.Key.Key_J, CONTROL)
    until(lambda: queue.older.said.text() == "正在向区中心查找…")
    console.work_offline(True)
    until(lambda: not online(console))
    go_on.set()
    until(lambda: queue.older.said.text().startswith("更早的案件在区中心"))
    assert queue.older.button.isEnabled()
    assert _asked(console, lambda work: work.connection.exec_driver_sql("SELECT count(*) FROM case_row").scalar() == 0)
