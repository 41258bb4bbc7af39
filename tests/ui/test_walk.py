"""The keyboard alone, in a real window on a real store, against a real district process: new case to dispatched."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from desktop.console import Console
from desktop.station import Station
from models import commands as c
from models.case import State
from models.clock import SystemClock
from models.reference_files import EDITION
from models.store import outbox
from models.store.case_table import get_case
from services.enrolment import enrol
from services.session import keep_sign_in, sign_in_online
from tests.whole.parties import PASSWORD, Centre
from tests.whole.parties import Console as Other

TOWN = "341002102"
STATION = "341002102006"
STALLS = f"{EDITION}/matter/09005"
Key = Qt.Key


@pytest.fixture
def console(application: QApplication, centre: Centre, tmp_path: Path) -> Iterator[Console]:
    station = Station(tmp_path / "console", centre.address, SystemClock())
    station.keep_registration(enrol(centre.address, centre.code(TOWN), station.clock, TOWN))
    station.fetch_reference()
    line = station.line()
    entered = sign_in_online(line, f"{TOWN}-clerk-1", PASSWORD, "")
    with station.work() as work:
        keep_sign_in(work, line, entered.person, PASSWORD)
    line.close()
    made = Console(station, entered)
    made.window.resize(1366, 768)
    made.start()
    made.window.activateWindow()
    yield made
    made.end()
    made.window.close()


def until(true: Callable[[], object], seconds: float = 15.0) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QApplication.processEvents()
        if true():
            return
        QTest.qWait(10)
    raise AssertionError(f"waited {seconds} s in vain")


def press(widget: QWidget, key: Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(widget, key, modifier)
    QApplication.processEvents()


def stored(console: Console, case_id: str) -> State:
    found: list[State] = []

    def job(work):  # type: ignore[no-untyped-def]
        case = get_case(work.connection, case_id)
        assert case is not None
        return case.state

    console.jobs.run(job, found.append)
    until(lambda: found)
    return found[0]


def test_from_a_new_case_to_dispatched_in_three_keystrokes(console: Console, centre: Centre, tmp_path: Path) -> None:
    window = console.window
    station = Other(tmp_path, centre, STATION, f"{STATION}-member-1")
    station.settle()
    case_id = station.act(c.Report("", "grid", STALLS, "店外堆放货物", "龙山路口", TOWN, STATION)).case_id
    station.settle()
    until(lambda: window.panel.panel is not None and window.panel.panel.case.id == case_id)
    press(window, Key.Key_F4)
    until(lambda: "case.dispatch" in window.panel.panel.allowed)  # type: ignore[union-attr]
    press(window, Key.Key_F5)
    assert window.panel.form is not None
    assert window.panel.form.values()["to"] == f"{TOWN}-squad", "the suggested unit stands first"
    press(window.panel.form._inputs["to"], Key.Key_Return)
    until(lambda: stored(console, case_id) is State.DISPATCHED)
    until(lambda: station.settle() and station.case(case_id).state is State.DISPATCHED)  # type: ignore[union-attr]
    station.close()


def test_offline_report_kill_of_the_line_and_undo(console: Console, centre: Centre) -> None:
    window = console.window
    until(lambda: "已连接" in window.header.pill.text())
    centre.end(signal.SIGKILL)
    press(window, Key.Key_N, Qt.KeyboardModifier.ControlModifier)
    dialog = QApplication.activeModalWidget() or next(
        w for w in QApplication.topLevelWidgets() if type(w).__name__ == "ReportDialog"
    )
    QTest.keyClicks(dialog.title, "Broken lamp")  # type: ignore[attr-defined]
    for box, value in ((dialog.category, STALLS), (dialog.station, STATION)):  # type: ignore[attr-defined]
        box.setCurrentIndex(box.findData(value))
    dialog.submit()  # type: ignore[attr-defined]
    until(lambda: window.panel.panel is not None and window.panel.panel.case.title == "Broken lamp")
    window.activateWindow()
    until(lambda: window.isActiveWindow())
    case_id = window.panel.panel.case.id  # type: ignore[union-attr]
    press(window, Key.Key_F4)
    until(lambda: stored(console, case_id) is State.AWAITING_DISPATCH)
    assert "已存本机·待上报" in window.panel.said.text()
    press(window, Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    until(lambda: stored(console, case_id) is State.REPORTED)
    until(lambda: "断网" in window.header.pill.text() and "3 项待上报" in window.header.pill.text())
    centre.start()
    window.sync.offline.setChecked(True)
    window.sync.offline.setChecked(False)
    waiting: list[int] = []

    def none_left() -> bool:
        console.jobs.run(lambda work: outbox.unsent(work.connection).count, waiting.append)
        QTest.qWait(100)
        return bool(waiting) and waiting[-1] == 0

    until(none_left, 30)


def test_every_button_says_what_it_is(console: Console) -> None:
    until(lambda: "已连接" in console.window.header.pill.text())
    for button in console.window.findChildren(QPushButton):
        assert button.accessibleName() or button.text(), button
