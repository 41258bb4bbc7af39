"""工作机: a district operator lets a workstation in and takes it out at the console, by keyboard, over a real centre."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit

from desktop.console import Console
from models.clock import SystemClock
from models.errors import Refused
from models.organisation import DISTRICT_CODE
from services.enrolment import enrol
from tests.ui.conftest import TOWN, at_work, online, seated, until
from tests.whole.parties import Centre
from ui.panels.devices_page import DevicesPage

OPERATOR = f"{DISTRICT_CODE}-operator-1"
CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def operator(application: QApplication, centre: Centre, tmp_path: Path) -> Iterator[Console]:
    with at_work(seated(tmp_path / "operator", centre, DISTRICT_CODE, OPERATOR)) as made:
        until(lambda: online(made))
        yield made


def turned_to(console: Console) -> DevicesPage:
    page = console.window.devices
    QTest.keyClick(console.window, Qt.Key.Key_3, CONTROL)
    until(lambda: page.table.rowCount() == 1)
    return page


def rows(page: DevicesPage) -> list[list[str]]:
    count = page.table.columnCount()
    return [[page.table.item(r, c).text() for c in range(count)] for r in range(page.table.rowCount())]


def test_a_code_made_at_the_desk_lets_one_in_and_it_is_taken_out_again(operator: Console, centre: Centre) -> None:
    page = turned_to(operator)
    assert rows(page)[0][0] == "屯溪区区中心" and rows(page)[0][-1] == "在用"
    QTest.keyClick(page.table, Qt.Key.Key_F4)
    assert page.form is not None
    unit = page.form.findChild(QComboBox)
    assert unit is not None
    unit.setCurrentIndex(unit.findData(TOWN))
    label = page.form.findChildren(QLineEdit)[-2]
    QTest.keyClicks(label, "No 2, by the door")
    QTest.keyClick(label, Qt.Key.Key_Return)
    until(lambda: page.code_text.text())
    assert "黎阳镇分中心" in page.code_told.text() and page.form is None
    made = enrol(centre.address, page.code_text.text(), SystemClock(), TOWN)
    with pytest.raises(Refused, match="code_used"):
        enrol(centre.address, page.code_text.text(), SystemClock(), TOWN)
    QTest.keyClick(page.table, Qt.Key.Key_Escape)
    assert page.code_text.text() == "" and page.table.hasFocus()
    QTest.keyClick(page.table, Qt.Key.Key_R, CONTROL)
    until(lambda: page.table.rowCount() == 2)
    mine = next(n for n, row in enumerate(rows(page)) if "No 2, by the door" in row[2])
    assert rows(page)[mine][0] == "黎阳镇分中心"

    page.table.setCurrentCell(mine, 0)
    QTest.keyClick(page.table, Qt.Key.Key_F8)
    assert page.form is not None
    reason = page.form.findChildren(QLineEdit)[-1]
    QTest.keyClick(reason, Qt.Key.Key_Return)
    assert page.form.problem.text() == "请填写理由。"
    QTest.keyClicks(reason, "Lost on the bus")
    QTest.keyClick(reason, Qt.Key.Key_Return)
    until(lambda: "停用:Lost on the bus" in rows(page)[mine][-1])
    QTest.keyClick(page.table, Qt.Key.Key_F8)
    assert page.form is None, "once is enough"
    assert made.registered.unit == TOWN


def test_a_workstation_that_is_there_says_it_has_handed_in_all(operator: Console) -> None:
    page = turned_to(operator)

    def heard() -> bool:
        page.refresh()
        QTest.qWait(500)
        return rows(page)[0][-2] != "没有联系上"

    until(heard, 20)


def test_without_the_line_or_the_right_the_page_says_why(operator: Console, centre: Centre) -> None:
    page = turned_to(operator)
    centre.end(signal.SIGKILL)
    until(lambda: operator.file.line is not None and operator.file.line.state != "online")
    page.begin_code()
    assert page.form is not None
    label = page.form.findChildren(QLineEdit)[-2]
    QTest.keyClicks(label, "kept")
    QTest.keyClick(label, Qt.Key.Key_Return)
    until(lambda: page.form is not None and "恢复连接后再看" in page.form.problem.text())
    assert label.text() == "kept", "nothing typed is lost"


def test_no_other_desk_has_the_page(application: QApplication, centre: Centre, tmp_path: Path) -> None:
    console = seated(tmp_path / "town", centre, TOWN, f"{TOWN}-clerk-1")
    assert "devices" not in console.window._pages
    console.end()
    console.window.close()
