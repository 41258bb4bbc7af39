"""What is half typed when a window is closed by its corner is there again: for the person who typed it, and nobody else."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from desktop.console import Console
from desktop.station import Station
from models import commands as c
from models.case import Described
from models.clock import SystemClock
from models.reference_files import EDITION
from models.rules import Rules
from models.store import outbox
from services import cases
from services.session import Entered, sign_in_offline
from tests.ui.conftest import TOWN, seated, until
from tests.ui.every_state import EveryState
from tests.ui.slow_store import SlowStore
from tests.whole.parties import PASSWORD, Centre
from tests.whole.parties import Console as Other
from ui.form import Field, Form
from ui.widgets.form_view import FormView

STATION = "341002102006"
STALLS = f"{EDITION}/matter/09005"
CLERK, SECOND = f"{TOWN}-clerk-1", f"{TOWN}-clerk-2"


def begun(console: Console) -> Console:
    console.start()
    console.window.activateWindow()
    until(console.window.isActiveWindow)
    return console


def closed_by_its_corner(console: Console) -> None:
    """The window first, then the program, as the window manager and Qt do it; nobody is left to answer a signal."""
    assert console.window.close()
    console.end()
    QApplication.processEvents()


def opened_again(folder: Path, centre: Centre, person: str = CLERK) -> Console:
    station = Station(folder, centre.address, SystemClock())
    with station.work() as work:
        entered = sign_in_offline(work, person, PASSWORD) if person == CLERK else Entered(person, "", True)
    return begun(Console(station, entered))


def reason_begun(console: Console) -> str:
    """What the form of 不予受理 holds when it is begun, once the store has answered."""
    panel = console.window.panel
    until(lambda: panel.panel is not None and "case.decline" in panel.panel.allowed)
    panel.begin("case.decline")
    answered: list[None] = []
    console.jobs.run(lambda _work: None, answered.append)
    until(lambda: answered)
    assert panel.form is not None
    return str(panel.form.values()["reason"])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "console"


def test_a_report_half_typed_when_the_main_window_is_closed(
    application: QApplication, centre: Centre, folder: Path
) -> None:
    console = begun(seated(folder, centre, TOWN, CLERK))
    console.window.reporting.begin()
    until(lambda: console.window.reporting.dialog is not None and console.window.reporting.dialog.isVisible())
    dialog = console.window.reporting.dialog
    assert dialog is not None
    QTest.keyClicks(dialog.title, "Broken lamp")
    QTest.keyClicks(dialog.name, "Mr Test")
    closed_by_its_corner(console)
    again = opened_again(folder, centre)
    again.window.reporting.begin()
    until(lambda: again.window.reporting.dialog is not None and again.window.reporting.dialog.title.text())
    shown = again.window.reporting.dialog
    assert shown is not None and (shown.title.text(), shown.name.text()) == ("Broken lamp", "Mr Test")
    closed_by_its_corner(again)


def test_a_report_whose_own_window_is_closed(application: QApplication, centre: Centre, folder: Path) -> None:
    console = begun(seated(folder, centre, TOWN, CLERK))
    console.window.reporting.begin()
    until(lambda: console.window.reporting.dialog is not None and console.window.reporting.dialog.isVisible())
    dialog = console.window.reporting.dialog
    assert dialog is not None
    QTest.keyClicks(dialog.title, "Broken lamp")
    dialog.close()
    until(lambda: console.window.reporting.dialog is None)
    console.window.reporting.begin()
    until(lambda: console.window.reporting.dialog is not None and console.window.reporting.dialog.title.text())
    assert console.window.reporting.dialog is not None
    assert console.window.reporting.dialog.title.text() == "Broken lamp"
    closed_by_its_corner(console)


def test_a_form_half_filled_when_the_main_window_is_closed(
    application: QApplication, centre: Centre, folder: Path, tmp_path: Path
) -> None:
    station = Other(tmp_path, centre, STATION, f"{STATION}-member-1")
    station.settle()
    case_id = station.act(c.Report("", "grid", STALLS, "店外堆放货物", "龙山路口", TOWN, STATION)).case_id
    station.settle()
    station.close()
    console = begun(seated(folder, centre, TOWN, CLERK))
    window = console.window
    until(lambda: window.panel.panel is not None and window.panel.panel.case.id == case_id)
    window.panel.begin("case.decline")
    assert window.panel.form is not None
    QTest.keyClicks(window.panel.form._inputs["reason"], "Not ours because")
    closed_by_its_corner(console)
    centre.end(signal.SIGKILL)
    again = opened_again(folder, centre)
    until(lambda: again.window.panel.panel is not None and again.window.panel.panel.case.id == case_id)
    again.window.panel.begin("case.decline")
    until(lambda: again.window.panel.form is not None and again.window.panel.form.values()["reason"])
    assert again.window.panel.form is not None
    assert again.window.panel.form.values()["reason"] == "Not ours because"
    closed_by_its_corner(again)
    other = opened_again(folder, centre, SECOND)
    assert reason_begun(other) == "", "another person's"
    closed_by_its_corner(other)
    third = opened_again(folder, centre)
    assert reason_begun(third) == "Not ours because"
    text = third.window.panel.form._inputs["reason"]  # type: ignore[union-attr]
    QTest.keyClick(text, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClick(text, Qt.Key.Key_Delete)
    closed_by_its_corner(third)
    last = opened_again(folder, centre)
    assert reason_begun(last) == "", "wiped out by hand, it does not come back"
    closed_by_its_corner(last)


def test_a_draft_is_what_was_typed_and_not_what_the_form_began_with(application: QApplication) -> None:
    """The title that came meanwhile would be set back by a draft that holds the former one."""

    def opened(title: str) -> FormView:
        fields = (Field("title", "事项", "line", value=title), Field("place", "地点", "line", value="路口"))
        return FormView(Form("case.describe", fields, lambda v: c.Describe(v["title"], v["place"])))

    first, later = opened("一个摊"), opened("两个摊")
    QTest.keyClicks(first._inputs["place"], " 12")
    assert first.typed() == {"place": "路口 12"}
    later.restore(first.typed())
    assert later.values() == {"title": "两个摊", "place": "路口 12"}
    for view in (first, later):
        view.deleteLater()


@pytest.mark.parametrize("second", ["case.decline", "case.ask_supplement"], ids=["the same key again", "another key"])
def test_a_key_for_another_act_loses_nothing_of_what_is_typed(
    application: QApplication, tmp_path: Path, rules: Rules, second: str
) -> None:
    store = EveryState(tmp_path, rules)
    case_id = store.reported()
    window = store.window(CLERK)
    window.open_case(case_id)
    window.panel.begin("case.decline")
    assert window.panel.form is not None
    QTest.keyClicks(window.panel.form._inputs["reason"], "Not ours because")
    window.panel.begin(second)
    window.panel.begin("case.decline")
    assert window.panel.form.values() == {"reason": "Not ours because"}
    window.close()


def test_what_was_sent_does_not_come_back_as_a_draft(application: QApplication, tmp_path: Path, rules: Rules) -> None:
    """The store was slow, and whoever sent it had turned to another case by then."""
    store = SlowStore(tmp_path, rules)
    case_id, other = store.reported(), store.reported()
    window = store.window(CLERK)
    window.open_case(case_id)
    window.panel.begin("case.note")
    assert window.panel.form is not None
    QTest.keyClicks(window.panel.form._inputs["reason"], "Said once")
    store.hold()
    window.panel.form.submit()
    window.open_case(other)
    store.go()
    window.open_case(case_id)
    window.panel.begin("case.note")
    assert window.panel.form is not None and window.panel.form.values() == {"reason": ""}
    window.close()


def test_what_one_person_typed_is_not_sent_by_the_next(application: QApplication, tmp_path: Path, rules: Rules) -> None:
    """Shift change in the same window: the form is put away, and is there again for whoever typed in it."""
    store = EveryState(tmp_path, rules)
    case_id = store.reported()
    window = store.window(CLERK)
    window.open_case(case_id)
    window.panel.begin("case.note")
    assert window.panel.form is not None
    QTest.keyClicks(window.panel.form._inputs["reason"], "Seen by the first")
    first = store.desk
    window.keep_drafts()
    store.desk = store._desk(SECOND)
    window.show_user()
    assert window.panel.form is None
    window.panel.begin("case.note")
    assert window.panel.form.values() == {"reason": ""}  # type: ignore[attr-defined]
    store.desk = first
    window.show_user()
    window.panel.begin("case.note")
    assert window.panel.form.values() == {"reason": "Seen by the first"}
    window.close()


def test_what_changed_under_an_open_form_is_set_once_its_clerk_has_seen_it(
    application: QApplication, tmp_path: Path, rules: Rules
) -> None:
    """A form that stays open says what it was opened over: it was refused again and again, and told nobody a way out."""
    store = EveryState(tmp_path, rules)
    case_id = store.reported()
    window = store.window(CLERK)
    window.open_case(case_id)
    panel = window.panel
    panel.begin("case.describe")
    assert panel.form is not None
    place = panel.form._inputs["place"]
    before = store.case(case_id)
    there = (Described("place", before.version + 1, "D-elsewhere"),)
    elsewhere = replace(before, place="East gate", version=before.version + 1, described=there)
    with store.work() as work:
        outbox.settle(work.connection, before.history[0].cmd_id, "accepted", None, 1)
        cases.replay_on(work, {case_id: elsewhere})
        work.commit()
    window.changed(frozenset({case_id}))
    QTest.keyClick(place, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(place, "West gate")
    for _ in range(2):
        QTest.keyClick(place, Qt.Key.Key_Return)
        assert "现为“East gate”" in panel.form.problem.text() and "Esc" in panel.form.problem.text()
    QTest.keyClick(place, Qt.Key.Key_Escape)
    assert panel.form is None and any("East gate" in label.text() for label in panel.sheet.findChildren(QLabel))
    panel.begin("case.describe")
    assert panel.form is not None and panel.form.values()["place"] == "West gate"
    QTest.keyClick(panel.form._inputs["place"], Qt.Key.Key_Return)
    assert store.case(case_id).place == "West gate"
    window.close()
