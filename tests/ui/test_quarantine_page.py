"""封存的操作: an operator looks at what a revoked workstation handed in and decides, by keyboard, over a real centre."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from desktop.console import Console
from models import commands as c
from models.organisation import DISTRICT_CODE
from tests.ui.conftest import TOWN, at_work, online, seated, until
from tests.ui.test_devices_page import CONTROL
from tests.whole.parties import Centre
from tests.whole.parties import Console as Workstation
from tests.whole.test_devices import REPORT, revoke
from ui.panels.devices_page import DevicesPage
from ui.panels.quarantine_page import QuarantinePage

SECOND = f"{DISTRICT_CODE}-operator-2"


@pytest.fixture
def second(application: QApplication, centre: Centre, tmp_path: Path) -> Iterator[Console]:
    """The second operator at work; another one has revoked a sub-centre's workstation, which handed in three acts since."""
    lost = Workstation(tmp_path, centre, TOWN, f"{TOWN}-clerk-1")
    lost.settle()
    case_id = lost.act(REPORT).case_id
    lost.settle()
    revoke(centre, lost.desk.device)
    for args in (c.File(), c.Note("误"), c.Note("电话已告知")):
        lost.act(args, case_id)
    lost.settle()
    lost.close()
    with at_work(seated(tmp_path / "operator", centre, DISTRICT_CODE, SECOND)) as made:
        until(lambda: online(made))
        yield made


def opened(console: Console) -> tuple[DevicesPage, QuarantinePage]:
    """From the list of workstations to what one of them handed in."""
    page = console.window.devices
    assert page is not None
    QTest.keyClick(console.window, Qt.Key.Key_3, CONTROL)
    until(lambda: page.table.rowCount() == 2)
    texts = [page.table.item(row, page.table.columnCount() - 1).text() for row in range(2)]
    mine = next(n for n, text in enumerate(texts) if "封存 3 项,待定 3 项" in text)
    page.table.setCurrentCell(mine, 0)
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    until(lambda: page.apart.table.rowCount() == 3)
    return page, page.apart


def rows(page: QuarantinePage) -> list[list[str]]:
    count = page.table.columnCount()
    return [[page.table.item(r, n).text() for n in range(count)] for r in range(page.table.rowCount())]


def decide(page: QuarantinePage, key: Qt.Key, reason: str) -> None:
    QTest.keyClick(page.table, key)
    assert page.form is not None
    line = page.form.findChildren(QLineEdit)[-1]
    QTest.keyClicks(line, reason)
    QTest.keyClick(line, Qt.Key.Key_Return)


def test_three_acts_are_looked_at_and_decided_by_keyboard(second: Console) -> None:
    devices, page = opened(second)
    assert "lost" in page.title.text() and page.table.hasFocus()
    assert [row[2] for row in rows(page)] == ["立案", "备注", "备注"]
    assert {row[6] for row in rows(page)} == {"签名相符,接得上"} and {row[7] for row in rows(page)} == {"待定"}
    page.table.setCurrentCell(1, 0)
    decide(page, Qt.Key.Key_F9, "Checked by phone")
    until(lambda: page.form is not None and "前面还有没决定的操作" in page.form.problem.text())
    QTest.keyClick(page.form.findChildren(QLineEdit)[-1], Qt.Key.Key_Escape)  # type: ignore[union-attr]
    until(lambda: page.form is None and page.table.hasFocus())
    decide(page, Qt.Key.Key_F8, "Typed by mistake")
    until(lambda: "不予启封" in rows(page)[-1][7])
    QTest.keyClick(page.table, Qt.Key.Key_A, CONTROL)
    assert [act.dseq for act in page.chosen()] == [2, 4]
    decide(page, Qt.Key.Key_F9, "")
    assert page.form is not None and page.form.problem.text() == "请填写理由。"
    line = page.form.findChildren(QLineEdit)[-1]
    QTest.keyClicks(line, "Checked by phone")
    QTest.keyClick(line, Qt.Key.Key_Return)
    until(lambda: page.result.text() == "准予启封 2 项 · 已生效 2")
    until(lambda: "待定 0 项,已决定 3 项。" in page.said.text())
    assert sorted(row[7][:4] for row in rows(page)) == ["不予启封", "已生效 ", "已生效 "]
    QTest.keyClick(page.table, Qt.Key.Key_Escape)
    until(lambda: devices.table.hasFocus())


def test_without_the_line_it_says_why_and_keeps_what_is_typed(second: Console, centre: Centre) -> None:
    _, page = opened(second)
    centre.end(signal.SIGKILL)
    until(lambda: second.file.line is not None and second.file.line.state != "online")
    decide(page, Qt.Key.Key_F8, "kept")
    until(lambda: page.form is not None and "封存的操作只存区中心" in page.form.problem.text())
    assert page.form is not None and page.form.findChildren(QLineEdit)[-1].text() == "kept"
