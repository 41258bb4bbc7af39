"""还原情况: after a restore an operator sees who is missing, ends the waiting, and reads what came out otherwise, by keyboard, over a
real centre."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from desktop.console import Console
from models import commands as c
from models.organisation import DISTRICT_CODE
from models.recovery import Missing, Recovered, RevokedAgain
from models.rules import Rules
from tests.ui.conftest import TOWN, at_work, online, seated, until
from tests.ui.test_devices_page import CONTROL, OPERATOR
from tests.whole.parties import Centre
from tests.whole.parties import Console as Workstation
from tests.whole.test_devices import REPORT
from ui.panels.recovery_page import RecoveryPage

MARKET, STATION = f"{TOWN}-market", f"{TOWN}006"


@pytest.fixture
def clerks(centre: Centre, tmp_path: Path) -> Iterator[tuple[Workstation, Workstation]]:
    """Two clerks who dispatched one case, the second too late; then the centre was put back to before that, and only the second
    has called again."""
    made = []
    for number in (1, 2):
        (tmp_path / str(number)).mkdir()
        made.append(Workstation(tmp_path / str(number), centre, TOWN, f"{TOWN}-clerk-{number}"))
    first, second = made
    first.settle()
    case_id = first.act(REPORT).case_id
    first.act(c.File(), case_id)
    for clerk in (first, second):
        clerk.settle()
    centre.end()
    file = Path(centre.database_url.removeprefix("sqlite:///"))
    shutil.copyfile(file, tmp_path / "copy")
    centre.start()
    first.act(c.Dispatch(MARKET), case_id)
    second.act(c.Dispatch(STATION), case_id)
    for clerk in (first, second, first, second):
        clerk.settle()
    centre.end()
    for suffix in ("-wal", "-shm"):
        file.with_name(f"{file.name}{suffix}").unlink(missing_ok=True)
    shutil.copyfile(tmp_path / "copy", file)
    centre.start()
    second.settle()
    yield first, second
    for clerk in made:
        clerk.close()


@pytest.fixture
def operator(
    application: QApplication, centre: Centre, tmp_path: Path, clerks: tuple[Workstation, Workstation]
) -> Iterator[Console]:
    with at_work(seated(tmp_path / "operator", centre, DISTRICT_CODE, OPERATOR)) as made:
        until(lambda: online(made))
        yield made


def opened(console: Console) -> RecoveryPage:
    page = console.window.devices
    assert page is not None
    QTest.keyClick(console.window, Qt.Key.Key_3, CONTROL)
    until(lambda: page.table.rowCount() == 3)
    assert "区中心由备份还原,正等补报" in page.said.text()
    QTest.keyClick(page.table, Qt.Key.Key_F7)
    until(lambda: page.recovery.said.text().startswith("正按原次序恢复"))
    return page.recovery


def texts(page: RecoveryPage) -> list[list[str]]:
    count = page.table.columnCount()
    return [[page.table.item(row, n).text() for n in range(count)] for row in range(page.table.rowCount())]


def test_the_waiting_is_ended_and_what_differs_is_read(
    operator: Console, clerks: tuple[Workstation, Workstation]
) -> None:
    page = opened(operator)
    assert page.missing.text().endswith("A(已报 2/3 项)") and page.table.hasFocus()
    QTest.keyClick(page.table, Qt.Key.Key_F8)
    assert page.form is not None
    line = page.form.findChildren(QLineEdit)[-1]
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert "请填写理由" in page.form.problem.text()
    line.setText("A机已报废")
    QTest.keyClick(line, Qt.Key.Key_Return)
    until(lambda: page.table.rowCount() == 1)
    assert page.form is None and page.end.isHidden() and page.missing.isHidden()
    (row,) = texts(page)
    assert row[5] == "未生效" and row[6] == "已生效", "the second clerk's act, alone, took effect"
    first, second = clerks
    for clerk in (first, second, first):
        clerk.settle()
    QTest.keyClick(page.table, Qt.Key.Key_R, CONTROL)
    until(lambda: page.table.rowCount() == 2)
    assert texts(page)[0][5] == "已生效" and texts(page)[0][6] == "未生效"
    assert "已重新裁定 2 项,与原裁定不同 2 项" in page.said.text()
    QTest.keyClick(page.table, Qt.Key.Key_Escape)
    devices = operator.window.devices
    assert devices is not None
    until(lambda: devices.table.hasFocus())


def test_who_was_revoked_again_is_named(application: QApplication, rules: Rules) -> None:
    page = RecoveryPage(rules)
    nothing = Recovered(2, None, [], 0, 0, 0, 0, [], 1_795_000_000_000)
    page.show_list(nothing)
    assert page.revoked.isHidden()
    out = (
        RevokedAgain("D-1", TOWN, "A", 1_794_990_000_000, OPERATOR, "被盗", 2),
        RevokedAgain("D-2", MARKET, "B", 1_794_990_000_000, OPERATOR, "chain_fork", 2),
    )
    page.show_list(msgspec.structs.replace(nothing, revoked_again=list(out)))
    said = page.revoked.text()
    assert not page.revoked.isHidden() and said.startswith("备份里没有其停用记录,已再次停用:")
    assert "停用:被盗)、" in said and "chain_fork" not in said and "数据恢复过旧备份" in said


def test_a_reason_half_typed_stays_while_the_list_is_read_again(application: QApplication, rules: Rules) -> None:
    page = RecoveryPage(rules)
    page.show()
    now_ms = 1_795_000_000_000
    waiting = Recovered(2, now_ms + 600_000, [Missing("D-1", TOWN, "A", 9, 4)], 5, 9, 4, 0, [], now_ms)
    page.show_list(waiting)

    def reason() -> QLineEdit:
        assert page.form is not None
        return page.form.findChildren(QLineEdit)[-1]

    page.begin_end()
    QTest.keyClicks(reason(), "Scrapped")
    page.show_list(waiting)
    assert reason().text() == "Scrapped", "Ctrl+R, or an answer that took its time"
    page.begin_end()
    assert reason().text() == "Scrapped", "F8 once more"
    page.show_list(msgspec.structs.replace(waiting, ends_at=None, missing=[]))
    assert page.form is None and page.end.isHidden()
    page.show_list(waiting)
    page.open()
    assert page.end.isHidden() and page.missing.isHidden(), "not before the centre has said so again"
    page.close()
    page.deleteLater()
