"""Forms on the pages of the district's operator: what stays on record is not cut off unsaid."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from models.clock import DAY_MS
from models.organisation import DISTRICT_CODE
from models.quarantine import Apart, ApartAct
from models.rules import Rules
from models.workstations import Audited, Audits, CodeBody, Workstation, Workstations
from tests.ui.conftest import TOWN
from ui.panels.devices_page import MOST_LABEL_LETTERS, DevicesPage
from ui.panels.quarantine_page import QuarantinePage
from ui.panels.told_page import MOST_LETTERS


@pytest.fixture
def page(application: QApplication, rules: Rules) -> Iterator[DevicesPage]:
    made = DevicesPage(rules)
    made.show()
    made.activateWindow()
    QApplication.processEvents()
    yield made
    made.close()
    made.deleteLater()


def test_a_reason_that_is_too_long_is_said_to_be_and_stays(page: DevicesPage) -> None:
    kept: list[str] = []
    page._ask_reason("停用", "停用理由", "", kept.append)
    assert page.form is not None
    field = page.form.findChildren(QLineEdit)[-1]
    field.setText("理" * (MOST_LETTERS + 1))
    page.form.submit()
    assert kept == [] and str(MOST_LETTERS) in page.form.problem.text() and len(field.text()) == MOST_LETTERS + 1
    field.setText("理" * MOST_LETTERS)
    page.form.submit()
    assert kept == ["理" * MOST_LETTERS]


def test_a_label_that_is_too_long_is_said_to_be_and_stays(page: DevicesPage) -> None:
    asked: list[CodeBody] = []
    page.code_asked.connect(asked.append)
    page.begin_code()
    assert page.form is not None
    page.form.restore({"label": "台" * (MOST_LABEL_LETTERS + 1)})
    page.form.submit()
    assert asked == [] and str(MOST_LABEL_LETTERS) in page.form.problem.text()


def test_escape_puts_the_form_away_and_leaves_the_code_to_be_read_out(page: DevicesPage) -> None:
    page.code_text.setText("ABCD")
    page.code.show()
    page.begin_code()
    assert page.form is not None
    QApplication.processEvents()
    QTest.keyClick(page.form.findChildren(QLineEdit)[-1], Qt.Key.Key_Escape)
    assert page.form is None and page.code_text.text() == "ABCD", "it is shown once"
    QTest.keyClick(page.table, Qt.Key.Key_Escape)
    assert page.code_text.text() == ""


NOW_MS = 1_795_000_000_000
OPERATOR = f"{DISTRICT_CODE}-operator-1"


def test_a_key_that_does_nothing_for_a_workstation_says_why(page: DevicesPage) -> None:
    out = Workstation("D-1", TOWN, "A", "", 1, OPERATOR, True, 3, 1, NOW_MS, OPERATOR, "被盗", 0)
    used = Workstation("D-2", TOWN, "B", "", 1, OPERATOR, True, 3, 1, None, "", "", 0)
    page.show_list(Workstations([out, used], NOW_MS))
    assert page.why.isHidden()
    QTest.keyClick(page.table, Qt.Key.Key_F8)
    assert page.form is None and page.why.text() == "这台工作机已停用。" and not page.why.isHidden()
    QTest.keyClick(page.table, Qt.Key.Key_Down)
    assert page.why.isHidden(), "it was said of the other one"
    QTest.keyClick(page.table, Qt.Key.Key_Return)
    assert page._sight.currentWidget() is not page.apart and page.why.text() == "这台工作机没有封存的操作。"
    page.show_list(Workstations([out, used], NOW_MS))
    assert page.why.isHidden()


def test_whose_wall_clock_was_moved_says_how_often_and_the_last_time(page: DevicesPage) -> None:
    moved = {"wall_steps": 3, "stepped_at": NOW_MS - 90_000}
    back = Workstation("D-1", TOWN, "A", "", 1, OPERATOR, True, 3, 1, None, "", "", 0, **moved, stepped_ms=-7_200_000)
    ahead = Workstation("D-2", TOWN, "B", "", 1, OPERATOR, True, 3, 1, None, "", "", 0, **moved, stepped_ms=8_000)
    page.show_list(Workstations([back, ahead], NOW_MS))
    said = [page.table.item(row, page.table.columnCount() - 1).text() for row in (0, 1)]
    assert said[0].startswith("在用;时钟跳变 3 次,最近 ") and said[0].endswith("拨慢 2 小时")
    assert said[1].endswith("拨快 8 秒")


@pytest.mark.parametrize("key", [Qt.Key.Key_F9, Qt.Key.Key_F8], ids=["admit", "decline"])
def test_a_key_for_an_act_decided_already_says_why(application: QApplication, rules: Rules, key: Qt.Key) -> None:
    page = QuarantinePage(rules)
    page.show()
    page.activateWindow()
    QApplication.processEvents()
    page.show_list(Apart("D-1", TOWN, "A", NOW_MS, OPERATOR, "被盗", 0, 0, [], NOW_MS))
    QTest.keyClick(page.table, key)
    assert page.form is None and page.why.text() == "请先选定待定的操作。"
    act = ApartAct("h", "c", 1, OPERATOR, "case.note", "", "", 1, 2, True, True)
    decided = ApartAct("g", "d", 2, OPERATOR, "case.note", "", "", 1, 2, True, True, "declined", OPERATOR, 3, "误")
    page.show_list(Apart("D-1", TOWN, "A", NOW_MS, OPERATOR, "被盗", 1, 1, [decided, act], NOW_MS))
    assert page.why.isHidden()
    QTest.keyClick(page.table, key)
    assert page.form is None and page.why.text() == "所选的操作已有决定,不能更改。"
    QTest.keyClick(page.table, Qt.Key.Key_Down)
    QTest.keyClick(page.table, key)
    assert page.form is not None and page.why.isHidden()
    page.close()
    page.deleteLater()


def test_what_is_said_above_the_list_is_sentences(page: DevicesPage) -> None:
    page.show_list(Workstations([], NOW_MS, 2, NOW_MS))
    first, second, *rest = page.said.text().split("。")
    assert first.startswith("0 台工作机,0 台已停用") and second.startswith("截至 ") and len(rest) == 2
    page.show_list(Workstations([], NOW_MS))
    assert page.said.text().endswith("。")


def test_the_nightly_audit_is_told_and_in_red_when_it_found_something_or_is_not_made(page: DevicesPage) -> None:
    def told(audits: Audits | None) -> tuple[str, str]:
        page.show_list(Workstations([], NOW_MS, audits=audits))
        return tuple("" if line.isHidden() else line.text() for line in (page.audited, page.audit_alarm))  # type: ignore[return-value]

    def made(at_ms: int, contradictions: int = 0) -> Audits:
        return Audits(1, Audited(at_ms, 1, 41, "f" * 64, 7, contradictions, ["gseq 2: x"], "audit-20261123-030000.txt"))

    assert told(None) == ("", ""), "an older centre"
    well, alarm = told(made(NOW_MS - DAY_MS))
    assert "41 项记录、7 起案件,没有矛盾" in well and alarm == ""
    well, alarm = told(made(NOW_MS - DAY_MS, 2))
    assert well == "" and "2 处矛盾" in alarm and "audit-20261123-030000.txt" in alarm
    well, alarm = told(made(NOW_MS - 2 * DAY_MS - 1))
    assert well == "" and "已超过两天" in alarm
    assert told(Audits(NOW_MS - DAY_MS)) == ("夜间核对:今夜首次。", "")
    assert "超过两天" in told(Audits(NOW_MS - 3 * DAY_MS))[1]
