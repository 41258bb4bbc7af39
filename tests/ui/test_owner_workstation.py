"""While the line is down, a case that is with another workstation of the unit says so above its acts (sync.md §3.10)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.console import Console
from models import commands as c
from tests.ui.conftest import TOWN, online, until
from tests.whole.parties import Centre
from tests.whole.parties import Console as Workstation
from tests.whole.test_let_in_again import REPORT

OTHER = f"{TOWN}-clerk-2"


@pytest.fixture
def other(centre: Centre, tmp_path: Path) -> Iterator[Workstation]:
    """The unit's second workstation."""
    made = Workstation(tmp_path, centre, TOWN, OTHER)
    made.settle()
    yield made
    made.close()


def test_whoever_is_about_to_act_is_told_and_may_act(console: Console, other: Workstation) -> None:
    until(lambda: online(console))
    made = other.act(REPORT)
    other.act(c.File(), made.case_id)
    other.settle()
    window, panel = console.window, console.window.panel
    window.open_case(made.case_id)
    until(lambda: panel.panel is not None and len(panel.panel.case.history) == 2)
    line = panel.cut_off.at_another
    assert line.isHidden() and panel.cut_off.height() == 0, "with the line up each sees what the other does"

    console.work_offline(True)
    until(lambda: line.isVisible())
    assert panel.panel is not None and panel.panel.names[OTHER] in line.text() and "立案" in line.text()
    QTest.keyClick(window.queue.table, Qt.Key.Key_F5)
    until(lambda: panel.form is not None)
    assert line.isVisible(), "beside the form as well"
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    until(lambda: panel.panel is not None and len(panel.panel.case.history) == 3)
    assert line.isVisible(), "what was done here the other has not heard of"

    window.show_page("roster")
    desk = window.roster.desk
    until(lambda: any(row.code == REPORT.station for row in window.roster._rows))
    desk.show_station(next(row for row in window.roster._rows if row.code == REPORT.station))
    until(lambda: desk.cut_off.isVisible())
    assert desk.cut_off.text() == line.text(), "who rings or sends from the roster is told as well"
    window.show_page("cases")

    console.work_offline(False)
    until(lambda: online(console) and line.isHidden() and desk.cut_off.isHidden())
    until(lambda: panel.panel is not None and panel.panel.at_another is None)
    console.work_offline(True)
    QTest.qWait(50)
    assert line.isHidden(), "by now the case is with this one"
