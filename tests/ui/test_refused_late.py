"""What somebody did and was not done is told, in whichever window stands here by then; a read that failed is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from desktop.console import Console
from desktop.handover import TakeHandover
from desktop.let_in_again import LetInAgain
from models import commands as c
from models.handover_file import Head, Inside
from models.store.work import Work
from services import cases, drafts, enrolment, settings, tray
from services.handover import Kept, Opened
from services.session import Entered
from services.settings import Settings
from tests.store.make_sample import CLERK, MARKET, STATION
from tests.ui.alone import SECOND, Held, alone, begun, store_is_busy, store_is_full, stored
from tests.ui.conftest import until
from tests.ui.test_beside import market_file
from tests.ui.test_changing import choose, gone, opened
from tests.ui.test_roster import at_station
from tests.ui.test_roster import choose as choose_case
from tests.ui.test_sent_once import case_in_sight, filled_report, reason_typed
from ui import language
from ui.dialogs.handover import TakeHandoverDialog
from ui.dialogs.let_in_again import LetInAgainDialog
from ui.dialogs.settings import SettingsDialog


@pytest.fixture
def console(application: QApplication, tmp_path: Path) -> Iterator[Console]:
    market_file(tmp_path / "console")
    with begun(alone(tmp_path / "console")) as made:
        until(lambda: MARKET in made.files)
        yield made


def renewed(console: Console) -> None:
    console._renew_window(True)


def another_file(console: Console) -> None:
    console._show_file(console.files[MARKET], {**console._sitting, MARKET: Entered(f"{MARKET}-leader", "", True)})


def acted_before(console: Console, case_id: str, args: c.Args) -> None:
    """Somebody else comes first: what is asked after it is refused."""
    desk = console.desk

    def job(work: Work) -> None:
        cases.act(work, desk, args, case_id)
        work.commit()

    console.file.jobs.run(job, lambda _none: None)


def told(console: Console) -> list[str]:
    """When every file's store has answered."""
    for file in console.files.values():
        stored(file, lambda _work: True)
    return console.window.banner.notices


def number(console: Console) -> str:
    panel = console.window.panel.panel
    assert panel is not None
    return panel.case.number


@pytest.mark.parametrize("goes", [renewed, another_file])
def test_an_act_refused_after_its_window_has_gone(console: Console, goes: Callable[[Console], None]) -> None:
    case_id = case_in_sight(console)
    reason_typed(console, "Not ours")
    which, form, held = number(console), console.window.panel.form, Held(console.file)
    acted_before(console, case_id, c.File())
    assert form is not None
    form.submit()
    goes(console)
    held.let_go()
    (said,) = told(console)
    assert f"{which} 不予受理没有办成:" in said


def test_it_is_told_in_the_language_of_that_window(console: Console) -> None:
    case_id = case_in_sight(console)
    reason_typed(console, "Not ours")
    form, held = console.window.panel.form, Held(console.file)
    acted_before(console, case_id, c.File())
    assert form is not None
    form.submit()
    choose(console, "language", language.ENGLISH)
    held.let_go()
    (said,) = told(console)
    choose(console, "language", language.CHINESE)
    assert "Decline: not done: " in said


def test_a_read_that_failed_is_not(console: Console) -> None:
    case_in_sight(console)
    held, jobs = Held(console.file), console.window.panel._jobs

    jobs.run(store_is_busy, lambda _none: None, console.window.panel._failed)
    console.window.panel.undo()
    console.window.panel.undo()
    renewed(console)
    held.let_go()
    (said,) = told(console)
    assert "撤销没有办成" in said, "what was done is told, the first of the two was"


def test_a_case_that_is_still_being_read_is_not_called_by_the_number_of_the_last(console: Console) -> None:
    case_id = case_in_sight(console)
    case_in_sight(console, "另一件")
    held = Held(console.file)
    console.window.open_case(case_id)
    console.window.panel.undo()
    console.window.panel.undo()
    renewed(console)
    held.let_go()
    (said,) = told(console)
    assert said.startswith("撤销没有办成:")


@pytest.mark.parametrize(
    "code,name", [(language.CHINESE, " 派发没有办成:"), (language.ENGLISH, " Dispatch: not done: ")]
)
def test_a_case_that_could_not_be_sent_from_the_roster(console: Console, code: str, name: str) -> None:
    case_id = case_in_sight(console)
    which = number(console)
    acted_before(console, case_id, c.File())
    stored(console.file, lambda _work: True)
    console.window.show_page("roster")
    desk = console.window.roster.desk
    until(lambda: console.window.roster.table.rowCount())
    at_station(console.window, STATION)
    until(lambda: any(case.id == case_id for case in desk.cases))
    choose_case(desk, case_id)
    held = Held(console.file)
    acted_before(console, case_id, c.Dispatch(MARKET))
    desk.dispatch()
    console._liked.now = Settings(language=code)
    renewed(console)
    held.let_go()
    (said,) = told(console)
    language.choose(language.CHINESE)
    assert said.startswith(f"{which}{name}")


def test_a_new_report(console: Console) -> None:
    dialog = filled_report(console)
    dialog.words.setPlainText("很" * 50_000)
    held = Held(console.file)
    dialog.submit()
    renewed(console)
    held.let_go()
    (said,) = told(console)
    assert said.startswith("新上报没有保存:文字太多") and "Ctrl+N" in said


@pytest.mark.parametrize("typed", ["a form", "a report"])
def test_what_is_typed_and_could_not_be_kept(console: Console, monkeypatch: pytest.MonkeyPatch, typed: str) -> None:
    if typed == "a form":
        case_in_sight(console)
        reason_typed(console, "Not ours")
    else:
        filled_report(console)
    monkeypatch.setattr(drafts, "keep", store_is_full)
    renewed(console)
    (said,) = told(console)
    assert said.startswith("填写的内容没有存下:")


@pytest.mark.parametrize("goes", [None, renewed])
def test_whoever_sits_down_meanwhile_is_told_whose_report_it_was(
    console: Console, goes: Callable[[Console], None] | None
) -> None:
    """He looked for it at Ctrl+N, where the other's draft is not his."""
    dialog = filled_report(console)
    dialog.words.setPlainText("很" * 50_000)
    held = Held(console.file)
    dialog.submit()
    console._sat_down(console.file, Entered(SECOND, "", True))
    if goes is not None:
        goes(console)
    held.let_go()
    (said,) = told(console)
    assert said.startswith(f"{console.file.rules.people[CLERK].name}:新上报没有保存:")


@pytest.mark.parametrize("box,code", [("size_percent", "115"), ("sound", "")])
def test_a_choice_in_the_settings_that_could_not_be_kept(
    console: Console, monkeypatch: pytest.MonkeyPatch, box: str, code: str
) -> None:
    monkeypatch.setattr(settings, "keep", store_is_full)
    if box == "sound":
        console.open_settings()
        dialog = opened(SettingsDialog)
        dialog.sound.click()
        dialog.reject()
    else:
        choose(console, box, code)
    (said,) = told(console)
    assert said.startswith("设置没有存下:")
    monkeypatch.undo()
    choose(console, "theme", "dark")
    assert stored(console.file, lambda work: settings.read(work, CLERK)) == console._liked.now, (
        "with the next, both are"
    )


@pytest.mark.parametrize("goes", [None, renewed])
def test_a_workstation_let_in_again_that_the_store_did_not_take(
    console: Console, monkeypatch: pytest.MonkeyPatch, goes: Callable[[Console], None] | None
) -> None:
    """Its code is used up, and nobody would know why the line goes on being refused."""

    monkeypatch.setattr(enrolment, "keep_anew", store_is_full)
    console.let_in_again()
    dialog = opened(LetInAgainDialog)
    letting = dialog.findChild(LetInAgain)
    assert isinstance(letting, LetInAgain)
    held = Held(console.file)
    letting._keep(object())  # type: ignore[arg-type]
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    until(lambda: gone(dialog))
    if goes is not None:
        goes(console)
    held.let_go()
    (said,) = told(console)
    assert said.startswith("区中心已重新登记本机,但本机没有存下:") and "登记码" in said


def test_an_entry_of_the_tray_that_could_not_be_put_away(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tray, "close", store_is_full)
    console.window.tray._close("an act")
    (said,) = told(console)
    assert said.startswith("未生效:")


def taking_over(console: Console) -> tuple[TakeHandoverDialog, TakeHandover]:
    console.take_handover()
    dialog = opened(TakeHandoverDialog)
    found = dialog.findChild(TakeHandover)
    assert isinstance(found, TakeHandover)
    return dialog, found


@pytest.mark.parametrize("goes", [None, renewed])
def test_a_handover_file_that_was_not_taken_in(console: Console, goes: Callable[[Console], None] | None) -> None:
    """Read and opened, and refused by the store after its dialog has gone."""
    dialog, taking = taking_over(console)
    held = Held(console.file)
    foreign = Head("", "another district's", "", "", "A", "", 0, 0, 0, 0)
    taking._keep("A.handover", Opened(foreign, Inside([], []), 0))
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    until(lambda: gone(dialog))
    if goes is not None:
        goes(console)
    held.let_go()
    (said,) = told(console)
    assert said.startswith("交接包 A.handover 没有导入:")


def test_the_files_of_one_that_were_not_all_copied(console: Console) -> None:
    _dialog, taking = taking_over(console)
    before = console.window
    renewed(console)
    until(lambda: not isValid(before))
    taking._kept(Kept("A", 1, 0, 0), "读不到 /media/x。")
    (said,) = told(console)
    assert "再导入一次" in said
