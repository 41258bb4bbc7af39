"""A report, a card or a slip that is put away, or whose window is locked or closed, before a slow store has answered."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.console import Console
from services import cases, drafts, settings
from services.session import Entered
from services.settings import Settings
from tests.store.make_sample import CLERK
from tests.ui.alone import SECOND, Held, alone, begun, dispatched_case, store_is_busy, stored
from tests.ui.conftest import until
from tests.ui.test_changing import opened
from tests.ui.test_closing import Windows
from tests.ui.test_requester import show
from tests.ui.test_sent_once import case_in_sight, draft, filled_report, reports, turn_away, unfinished
from ui.dialogs.report import ReportDialog
from ui.dialogs.settings import SettingsDialog
from ui.papers.slip_dialog import SlipDialog

HALF = {"title": "Half a report"}


@pytest.fixture
def console(application: QApplication, tmp_path: Path) -> Iterator[Console]:
    with begun(alone(tmp_path / "console")) as made:
        yield made


def half(console: Console, person: str = CLERK) -> None:
    stored(console.file, lambda work: drafts.keep(work, person, drafts.NEW_REPORT, HALF) or True)


@pytest.mark.parametrize("locked", [False, True])
def test_a_draft_that_has_not_been_read_yet_is_not_wiped_out(console: Console, locked: bool) -> None:
    half(console)
    held = Held(console.file)
    console.window.reporting.begin()
    if locked:
        console.lock()
    else:
        QTest.keyClick(opened(ReportDialog), Qt.Key.Key_Escape)
    held.let_go()
    assert draft(console, CLERK, drafts.NEW_REPORT) == HALF


def next_person_likes(console: Console, liked: Settings) -> Held:
    """Somebody else sits down, and what he likes is still to be read."""
    stored(console.file, lambda work: settings.keep(work, SECOND, liked) or True)
    held = Held(console.file)
    console._sat_down(console.file, Entered(SECOND, "", True))
    return held


def settings_come(console: Console, held: Held) -> None:
    held.let_go()
    stored(console.file, lambda _work: True)
    console._seconds.turn()


def test_the_settings_of_the_next_person_take_nothing_out_of_his_hands(console: Console) -> None:
    half(console, SECOND)
    held, window = next_person_likes(console, Settings(theme="dark", sound=False)), console.window
    console.window.reporting.begin()
    dialog = opened(ReportDialog)
    settings_come(console, held)
    assert console.window is window and dialog.isVisible() and dialog.title.text() == HALF["title"]
    assert not console.window.banner.silence.isEnabled(), "what he likes to hear is so at once"
    QTest.keyClicks(dialog.title, "!")
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    until(lambda: console.window is not window)
    assert draft(console, SECOND, drafts.NEW_REPORT)["title"] == "Half a report!"


def test_his_own_settings_are_chosen_from_and_not_those_of_the_one_before(console: Console) -> None:
    held, window = next_person_likes(console, Settings(theme="dark", sound=False)), console.window
    console.open_settings()
    dialog = opened(SettingsDialog)
    settings_come(console, held)
    assert console.window is window and dialog.isVisible()
    dialog.size_percent.setCurrentIndex(dialog.size_percent.findData("115"))
    dialog.size_percent.activated.emit(dialog.size_percent.currentIndex())
    kept = stored(console.file, lambda work: settings.read(work, SECOND))
    assert kept == Settings(theme="dark", size_percent=115, sound=False) == console._liked.now


def test_what_he_chooses_before_they_came_stands_beside_them(console: Console) -> None:
    """The window forgot it, and the store kept what the one before him liked for what he does."""
    held, window = next_person_likes(console, Settings(theme="dark", sound=False)), console.window
    console.open_settings()
    dialog = opened(SettingsDialog)
    dialog.size_percent.setCurrentIndex(dialog.size_percent.findData("115"))
    dialog.size_percent.activated.emit(dialog.size_percent.currentIndex())
    settings_come(console, held)
    kept = stored(console.file, lambda work: settings.read(work, SECOND))
    assert console.window is not window
    assert kept == Settings(theme="dark", size_percent=115, sound=False) == console._liked.now


def test_what_is_typed_before_the_draft_came_back_takes_not_its_place(console: Console) -> None:
    half(console)
    held = Held(console.file)
    console.window.reporting.begin()
    dialog = opened(ReportDialog)
    QTest.keyClicks(dialog.title, "Another")
    held.let_go()
    stored(console.file, lambda _work: True)
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert unfinished(console) == ["Another", "Half a report"]


@pytest.mark.parametrize("renewed", [False, True])
def test_what_a_busy_store_did_not_take_is_kept(
    console: Console, monkeypatch: pytest.MonkeyPatch, renewed: bool
) -> None:
    monkeypatch.setattr(cases, "report", store_is_busy)
    dialog = filled_report(console)
    held = Held(console.file)
    dialog.submit()
    turn_away(console, dialog, renewed)
    held.let_go()
    assert draft(console, CLERK, drafts.NEW_REPORT)["title"] == "Broken lamp"


def put_away(console: Console) -> Held:
    dialog = filled_report(console)
    held = Held(console.file)
    dialog.submit()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    console.window.activateWindow()
    until(console.window.isActiveWindow)
    return held


def answered(console: Console, held: Held) -> None:
    held.let_go()
    assert reports(console) == 1
    QTest.qWait(50)


def test_an_answer_takes_neither_the_cursor_nor_the_page(console: Console) -> None:
    held = put_away(console)
    console.window.show_page("sync")
    answered(console, held)
    assert console.window.page() == "sync" and "已存本机" in console.window.panel.said.text()


def test_an_answer_closes_no_form_that_is_typed_in(console: Console) -> None:
    case_id = case_in_sight(console)
    dialog = filled_report(console)
    held = Held(console.file)
    dialog.submit()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    panel = console.window.panel
    panel.begin("case.note")
    form = panel.form
    held.let_go()
    assert reports(console) == 2 and panel.form is form and panel.case_id == case_id


def test_an_answer_takes_no_cursor_from_the_password(console: Console) -> None:
    dialog = filled_report(console)
    held = Held(console.file)
    dialog.submit()
    console.lock()
    console.window.activateWindow()
    until(console.window.lock_page.password.hasFocus)
    answered(console, held)
    assert console.window.lock_page.password.hasFocus()


def test_a_report_is_sent_at_once(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    """The line is told of it as of every other act: on a quiet night nothing else would send it."""
    told: list[bool] = []
    monkeypatch.setattr(console.file.sync, "acted", lambda: told.append(True))
    filled_report(console).submit()
    until(lambda: console.window.panel.panel is not None)
    assert told


def test_a_card_ready_after_the_window_was_closed_stays_away(console: Console, application: QApplication) -> None:
    """It would take the program's end back."""
    case_in_sight(console)
    left: list[str] = []

    def close() -> None:
        held = Held(console.file)
        console.window.panel.begin("read")
        held.let_go()
        time.sleep(0.3)  # its answer is here before the window has gone
        console.window.close()

    def look() -> None:
        shown = [widget for widget in application.topLevelWidgets() if widget.isVisible()]
        left.extend(type(widget).__name__ for widget in shown)
        for widget in shown:
            widget.close()

    late, too_late = QTimer(), QTimer()
    for timer, what, ms in ((late, look, 1_500), (too_late, lambda: application.exit(1), 10_000)):
        timer.setSingleShot(True)
        timer.timeout.connect(what)
        timer.start(ms)
    QTimer.singleShot(0, close)
    assert application.exec() == 0 and left == []
    late.stop()
    too_late.stop()


def test_the_button_of_a_printer_is_no_window_of_its_own(
    console: Console, application: QApplication, monkeypatch: pytest.MonkeyPatch
) -> None:
    show(console, dispatched_case(console))
    monkeypatch.setattr(SlipDialog, "_has_printer", lambda _self: True)
    windows = Windows()
    application.installEventFilter(windows)
    console.window.panel.begin("slip")
    until(console.window.open_dialogs)
    application.removeEventFilter(windows)
    (dialog,) = console.window.open_dialogs()
    dialog.reject()
    assert windows.shown == ["SlipDialog"]
