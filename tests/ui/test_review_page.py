"""待核事项: the district's operator sees what waits for him without asking for it, and decides by keyboard, over a real centre."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit

from desktop import review_desk
from desktop.console import Console
from models import commands as c
from models.organisation import DISTRICT_CODE
from models.wire import encode, personal_hash
from services import cases
from tests.ui.conftest import TOWN, at_work, online, seated, until
from tests.whole.parties import PASSWORD, Centre
from tests.whole.parties import Console as Workstation
from tests.whole.test_devices import REPORT
from ui import forms
from ui.panels.review_page import ReviewPage
from ui.panels.told_page import ToldPage

OPERATOR = f"{DISTRICT_CODE}-operator-1"
ALT = Qt.KeyboardModifier.AltModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
MARKET = f"{TOWN}-market"
OFFICER = f"{MARKET}-officer-1"
RECORD = encode({"salt": "s", "name": "某丁", "phone": "0559-0000996"})


class Story:
    """Workstations whose acts arrive at once."""

    def __init__(self, folder: Path, centre: Centre) -> None:
        self._folder, self._centre = folder, centre
        self._at: dict[tuple[str, str], Workstation] = {}

    def at(self, unit: str, person: str) -> Workstation:
        if (unit, person) not in self._at:
            self._at[unit, person] = Workstation(self._folder, self._centre, unit, person)
            self._at[unit, person].settle()
        return self._at[unit, person]

    def does(self, unit: str, person: str, args: c.Args, case_id: str | None = None) -> str:
        at = self.at(unit, person)
        at.settle()
        made = at.act(args, case_id).case_id
        at.settle()
        return made

    def checked_twice(self) -> str:
        """A case of which two of the station say different things, neither having heard of the other."""
        digest = personal_hash("s", RECORD)
        case_id = self.does(TOWN, f"{TOWN}-clerk-1", msgspec.structs.replace(REPORT, personal=digest))
        for args in (c.File(), c.Dispatch(MARKET)):
            self.does(TOWN, f"{TOWN}-clerk-1", args, case_id)
        self.at(MARKET, OFFICER).settle()
        case = self.at(MARKET, OFFICER).case(case_id)
        assert case is not None and case.lead is not None
        for args in (
            c.Arrive(case.lead.id),
            c.GiveOpinion(case.lead.id, "属实", "清理"),
            c.Feedback(case.lead.id, "已清理"),
        ):
            self.does(MARKET, OFFICER, args, case_id)
        station = case.station
        one, other = self.at(station, f"{station}-vice"), self.at(station, f"{station}-head")
        for each in (one, other):
            each.settle()
        one.act(c.CheckOnSite(f"{station}-member-1", True, "路面干净,桌椅已收回"), case_id)
        other.act(c.CheckOnSite(f"{station}-member-2", False, "东侧仍有两张桌"), case_id)
        for each in (one, other):
            each.settle()
        town = self.at(TOWN, f"{TOWN}-clerk-1")
        town.line.put_personal(digest, RECORD)
        session = town.line.sign_in(f"{TOWN}-clerk-1", PASSWORD).session
        assert town.line.get_personal(digest, case_id, session)["name"] == "某丁"
        return case_id

    def end(self) -> None:
        for one in self._at.values():
            one.close()


@pytest.fixture
def story(centre: Centre, tmp_path: Path) -> Iterator[Story]:
    made = Story(tmp_path, centre)
    made.checked_twice()
    yield made
    made.end()


@pytest.fixture
def operator(
    application: QApplication, centre: Centre, story: Story, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Console]:
    monkeypatch.setattr(review_desk, "FIRST_MS", 100)
    monkeypatch.setattr(review_desk, "AGAIN_MS", 300)
    with at_work(seated(tmp_path / "operator", centre, DISTRICT_CODE, OPERATOR)) as made:
        until(lambda: online(made))
        yield made


def page_of(console: Console) -> ReviewPage:
    assert console.window.review is not None
    return console.window.review


def tab(console: Console) -> str:
    return console.window.side.tabs[list(console.window._pages).index("review")].text()


def history(console: Console) -> str:
    """Everything the case panel says, a label a line."""
    return "\n".join(label.text() for label in console.window.panel.findChildren(QLabel))


def rows(page: ToldPage) -> list[list[str]]:
    count = page.table.columnCount()
    return [[page.table.item(r, n).text() for n in range(count)] for r in range(page.table.rowCount())]  # type: ignore[union-attr]


def test_two_checks_are_seen_without_asking_and_decided_by_keyboard(
    operator: Console, centre: Centre, story: Story
) -> None:
    until(lambda: tab(operator) == "待核事项 1")
    page = page_of(operator)
    QTest.keyClick(operator.window, Qt.Key.Key_4, CONTROL)
    until(lambda: "0 项操作" in page.deferred.said.text())
    assert page.deferred.table.hasFocus() and page.tabs[1].text() == "核查不一致 1 Alt+2"
    QTest.keyClick(page.deferred.table, Qt.Key.Key_2, ALT)
    checks = page.checks
    until(lambda: checks.table.rowCount() == 1)
    assert checks.table.hasFocus()
    (shown,) = rows(checks)
    assert shown[1] == "待提交分中心" and "通过\n“路面干净,桌椅已收回”" in shown[4] and "录入" in shown[4]
    assert "不通过\n“东侧仍有两张桌”" in shown[5]
    QTest.keyClick(checks.table, Qt.Key.Key_F9)
    assert checks.form is not None
    line = checks.form.findChildren(QLineEdit)[-1]
    QTest.keyClick(line, Qt.Key.Key_Return)
    assert checks.form.problem.text() == "请填写理由。"
    QTest.keyClick(line, Qt.Key.Key_Escape)
    assert checks.form is None and checks.table.hasFocus()
    QTest.keyClick(checks.table, Qt.Key.Key_F8)
    line = checks.form.findChildren(QLineEdit)[-1]  # type: ignore[attr-defined]
    QTest.keyClicks(line, "Two tables in the picture")
    QTest.keyClick(line, Qt.Key.Key_Return)
    until(lambda: "已记录“须再到现场核查”" in checks.result.text() and checks.table.rowCount() == 0)
    until(lambda: tab(operator) == "待核事项")
    said = centre.asked("SELECT body FROM log WHERE kind = 'case.review_check'")
    assert len(said) == 1 and OPERATOR in str(said[0]) and '"recheck"' in str(said[0])
    QTest.keyClick(checks.table, Qt.Key.Key_F9)
    assert checks.form is None and checks.why.text() == "没有待复核的核查。"
    ((case_id,),) = centre.asked("SELECT id FROM case_row")
    operator.window.open_case(str(case_id))
    until(lambda: "复核核查结论" in history(operator))
    line_of_it = next(text for text in history(operator).splitlines() if "复核核查结论" in text)
    assert "须再到现场核查" in line_of_it and "Two tables in the picture" in line_of_it
    assert "→" not in line_of_it, "whoever has the case knows no act by its id"
    town = story.at(TOWN, f"{TOWN}-clerk-1")
    town.settle()
    panel = town.database(lambda work: cases.panel(work, town.desk, str(case_id)))
    assert panel is not None
    hint = forms.form_for("case.confirm", panel, TOWN).hint
    assert "须再到现场核查" in hint and "Two tables in the picture" in hint, "whoever confirms is told"


@pytest.mark.landing
def test_who_read_a_record_is_listed_and_leads_to_its_case(operator: Console) -> None:
    page = page_of(operator)
    QTest.keyClick(operator.window, Qt.Key.Key_4, CONTROL)
    QTest.keyClick(page.deferred.table, Qt.Key.Key_3, ALT)
    until(lambda: page.reads.table.rowCount() == 1)
    (shown,) = rows(page.reads)
    assert shown[2] == "黎阳镇分中心" and shown[1] not in ("", f"{TOWN}-clerk-1") and shown[4]
    assert "某丁" not in str(shown) and page.reads.older.isHidden()
    QTest.keyClick(page.reads.table, Qt.Key.Key_Return)
    assert operator.window.page() == "cases"


@pytest.mark.landing
def test_without_the_line_it_says_why_and_keeps_what_is_typed(operator: Console, centre: Centre) -> None:
    page = page_of(operator)
    QTest.keyClick(operator.window, Qt.Key.Key_4, CONTROL)
    QTest.keyClick(page.deferred.table, Qt.Key.Key_2, ALT)
    until(lambda: page.checks.table.rowCount() == 1)
    centre.end(signal.SIGKILL)
    until(lambda: operator.file.line is not None and operator.file.line.state != "online")
    QTest.keyClick(page.checks.table, Qt.Key.Key_F9)
    assert page.checks.form is not None
    line = page.checks.form.findChildren(QLineEdit)[-1]
    QTest.keyClicks(line, "kept")
    QTest.keyClick(line, Qt.Key.Key_Return)
    until(lambda: page.checks.form is not None and "待核事项只存区中心" in page.checks.form.problem.text())
    assert line.text() == "kept"


@pytest.mark.landing
def test_whoever_has_no_session_there_is_not_told_that_nothing_waits(operator: Console, centre: Centre) -> None:
    until(lambda: tab(operator) == "待核事项 1")
    centre.asked("SELECT 1")
    operator._sitting = {unit: msgspec.structs.replace(one, session="") for unit, one in operator._sitting.items()}
    until(lambda: tab(operator) == "待核事项 ?")


@pytest.mark.landing
def test_no_other_desk_has_the_page(application: QApplication, centre: Centre, tmp_path: Path) -> None:
    console = seated(tmp_path / "town", centre, TOWN, f"{TOWN}-clerk-1")
    assert console.window.review is None and "review" not in console.window._pages
    console.end()
    console.window.close()
