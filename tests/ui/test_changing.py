"""Changing user, unit and settings in a real window: drafts stay, every file keeps pushing, nothing waits for the line."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path
from typing import TypeVar

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog

from desktop.console import Console
from models import commands as c
from models.enrolment_code import EnrolmentCode
from models.reference_files import EDITION
from models.store import outbox
from services.settings import Settings
from tests.ui.conftest import TOWN, online, until
from tests.whole.parties import PASSWORD, Centre
from tests.whole.parties import Console as Other
from ui import language, theme
from ui.dialogs.fitted import is_open
from ui.dialogs.open_unit import OpenUnitDialog
from ui.dialogs.report import ReportDialog
from ui.dialogs.settings import SettingsDialog
from ui.dialogs.sign_in import SignInDialog

MARKET = f"{TOWN}-market"
LEADER = f"{MARKET}-leader"
FOOD = f"{EDITION}/matter/09020"
Dialog = TypeVar("Dialog", bound=QDialog)


def opened(kind: type[Dialog]) -> Dialog:
    found: list[Dialog] = []

    def shown() -> bool:
        found[:] = [w for w in QApplication.topLevelWidgets() if isinstance(w, kind) and w.isVisible()]
        return bool(found)

    until(shown)
    return found[-1]


def gone(dialog: QDialog) -> bool:
    """Closed, or gone with the window it belonged to."""
    return not is_open(dialog)


def sign_in(person: str) -> None:
    dialog = opened(SignInDialog)
    dialog.person.setCurrentIndex(dialog.person.findData(person))
    QTest.keyClicks(dialog.password, PASSWORD)
    QTest.keyClick(dialog.password, Qt.Key.Key_Return)
    until(lambda: gone(dialog))


def open_unit(console: Console, unit: str, code: str = "") -> None:
    console.window.change_unit.emit()
    dialog = opened(OpenUnitDialog)
    name = console.file.rules.organisations[unit].name
    dialog.search.setText(name)
    QTest.keyClicks(dialog.code, code)
    dialog.submit()
    until(lambda: gone(dialog))


def choose(console: Console, box: str, code: str) -> None:
    console.window.settings_asked.emit()
    dialog = opened(SettingsDialog)
    found = getattr(dialog, box)
    found.setCurrentIndex(found.findData(code))
    found.activated.emit(found.currentIndex())
    QApplication.processEvents()


def unsent(console: Console, unit: str) -> int:
    found: list[int] = []
    console.files[unit].jobs.run(lambda work: outbox.unsent(work.connection).count, found.append)
    until(lambda: found)
    return found[0]


def test_what_is_reported_leaves_while_the_line_waits_for_news(console: Console) -> None:
    """On a quiet night nothing else would send it."""
    until(lambda: online(console))
    QTest.qWait(1_500)  # by now it waits
    console.window.reporting.begin()
    dialog = opened(ReportDialog)
    dialog.title.setText("路灯不亮")
    for box in (dialog.category, dialog.station):
        box.setCurrentIndex(0)
    dialog.submit()
    until(lambda: unsent(console, TOWN) == 0)


def test_a_draft_waits_for_the_one_who_typed_it(console: Console) -> None:
    console.window.reporting.begin()
    QTest.keyClicks(opened(ReportDialog).title, "half a report")
    console.change_user()
    sign_in(f"{TOWN}-clerk-2")
    until(lambda: console.desk.person == f"{TOWN}-clerk-2")
    console.window.reporting.begin()
    second = opened(ReportDialog)
    QTest.qWait(50)
    assert second.title.text() == "", "another's draft is not shown"
    second.close()
    console.change_user()
    sign_in(f"{TOWN}-clerk-1")
    until(lambda: console.desk.person == f"{TOWN}-clerk-1")
    console.window.reporting.begin()
    mine = opened(ReportDialog)
    until(lambda: mine.title.text() == "half a report")
    mine.close()


def test_the_user_changes_with_the_line_down(console: Console, centre: Centre) -> None:
    console.change_user()
    sign_in(f"{TOWN}-clerk-2")
    until(lambda: console.desk.person == f"{TOWN}-clerk-2")
    centre.end(signal.SIGKILL)
    console.change_user()
    sign_in(f"{TOWN}-clerk-1")
    until(lambda: console.desk.person == f"{TOWN}-clerk-1")
    assert console.desk.session == "", "signed in by the kept verifier"


def test_what_somebody_likes_is_told_to_no_window_that_has_gone(console: Console) -> None:
    """Asked of the store when he sat down, answered when the program had ended."""
    person, window = console.desk.person, console.window
    wanted = msgspec.structs.replace(console._liked.now, theme="dark")
    console.end()
    console._likes(person, wanted)
    assert console.window is window


def test_english_dark_and_large_while_running(console: Console) -> None:
    until(lambda: "已连接" in console.window.header.pill.text())
    before = console.window
    choose(console, "language", language.ENGLISH)
    assert console.window is not before
    assert "sub-centre" not in before.windowTitle()
    assert console.window.side.tabs[0].text() != before.side.tabs[0].text()
    choose(console, "theme", "dark")
    assert theme.tokens() is theme.DARK
    choose(console, "size_percent", "150")
    assert console._liked.now == Settings(language.ENGLISH, "dark", 150, True)
    console.change_user()
    sign_in(f"{TOWN}-clerk-2")
    until(lambda: console.desk.person == f"{TOWN}-clerk-2")
    choose(console, "language", language.CHINESE)
    choose(console, "theme", "light")
    choose(console, "size_percent", "100")
    console.change_user()
    sign_in(f"{TOWN}-clerk-1")
    until(lambda: console.desk.person == f"{TOWN}-clerk-1")
    until(lambda: language.chosen() == language.ENGLISH and theme.tokens() is theme.DARK)
    choose(console, "language", language.CHINESE)
    choose(console, "theme", "light")
    choose(console, "size_percent", "100")
    assert theme.tokens() is theme.LIGHT


def test_the_supervisor_acts_for_the_office_and_both_files_push(
    console: Console, centre: Centre, tmp_path: Path
) -> None:
    town = Other(tmp_path, centre, TOWN, f"{TOWN}-clerk-2")
    town.settle()
    case_id = town.act(c.Report("", "patrol", FOOD, "无证摊点售卖食品", "农贸市场北门", TOWN, f"{TOWN}006")).case_id
    town.act(c.File(), case_id)
    town.act(c.Dispatch(MARKET), case_id)
    town.settle()
    console.change_user()
    sign_in(LEADER)
    until(lambda: console.desk.person == LEADER)
    assert "派驻" in console.window.header.user.text()
    open_unit(console, MARKET, centre.code(MARKET))
    sign_in(LEADER)
    until(lambda: console.desk.unit == MARKET)
    window = console.window
    assert window.page() == "duties"
    assert "代表" in window.header.user.text()
    until(lambda: "acknowledge" in window.duties.lists and window.duties.lists["acknowledge"].count() == 1)
    until(lambda: "送达起" in window.duties.lists["acknowledge"].item(0).text())
    window.grab().save(str(tmp_path / "duties.png"))
    window.duties.asked.emit(case_id)
    until(lambda: window.panel.panel is not None and "case.acknowledge" in window.panel.panel.allowed)
    centre.end(signal.SIGKILL)
    window.panel.begin("case.acknowledge")
    until(lambda: unsent(console, MARKET) == 1)
    open_unit(console, TOWN)
    until(lambda: console.desk.unit == TOWN)
    assert "派驻" in console.window.header.user.text(), "no second password: the person sat here already"
    until(lambda: "1 项待上报" in console.window.header.pill.text())
    centre.start()
    console.files[MARKET].sync.try_now()
    until(lambda: unsent(console, MARKET) == 0, 30)


def test_a_unit_the_centre_does_not_allow_is_refused_in_words(console: Console, centre: Centre) -> None:
    console.window.change_unit.emit()
    dialog = opened(OpenUnitDialog)
    dialog.search.setText(console.file.rules.organisations[MARKET].name)
    dialog.submit()
    assert dialog.code.hasFocus(), "it needs a code first"
    for code, said in (
        ("7K3M-9QWD", "没有输全"),
        ("7K3M-9QWD-4T00", "输错"),
        (EnrolmentCode("7K3M9QWD4T").shown(), "没有此登记码"),
        (centre.code(TOWN), "别的单位"),
    ):
        dialog.code.clear()
        QTest.keyClicks(dialog.code, code)
        dialog.submit()
        until(lambda said=said: said in dialog.problem.text())
    assert dialog.isVisible()
    assert console.desk.unit == TOWN
    dialog.close()


def test_a_centre_that_stands_still_keeps_nobody_from_the_window(console: Console, centre: Centre) -> None:
    """Opening a unit is given up while the centre is asked: the window lives, and what comes too late changes nothing."""
    assert centre.process is not None
    console.window.change_unit.emit()
    dialog = opened(OpenUnitDialog)
    dialog.search.setText(console.file.rules.organisations[MARKET].name)
    QTest.keyClicks(dialog.code, centre.code(MARKET))
    os.kill(centre.process.pid, signal.SIGSTOP)
    try:
        dialog.submit()
        assert "Esc" in dialog.waiting.text() and dialog.isVisible()
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
        until(lambda: gone(dialog))
        console.window.show_page("sync")
        assert console.window.page() == "sync"
    finally:
        os.kill(centre.process.pid, signal.SIGCONT)
    until(lambda: MARKET in console.workplace.units(), 30)
    until(lambda: not any(t.name == "asking" for t in threading.enumerate()))
    for _ in range(10):
        QApplication.processEvents()
    assert console.desk.unit == TOWN and MARKET not in console.files
    open_unit(console, MARKET)
    sign_in(LEADER)
    until(lambda: console.desk.unit == MARKET)
