"""The first start of a workstation, as a person goes through it: wrong address, not our server, wrong operator, then in."""

from __future__ import annotations

import http.server
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog
from sqlalchemy import delete

from desktop import first_run
from desktop.files import store_folder
from desktop.station import Station
from models.clock import SystemClock
from models.enrolment_code import EnrolmentCode
from models.store.console_tables import document
from models.wire import encode
from services.sync.line import TIMEOUT_SECONDS
from tests.store.make_sample import DEVICE, unpacked
from tests.ui.conftest import TOWN
from tests.whole.parties import PASSWORD, Centre
from ui.dialogs.first_run import FirstRunDialog
from ui.dialogs.sign_in import SignInDialog
from ui.dialogs.waiting import WaitingDialog

LOOK_MS = 20
PATIENCE = 1_500


@pytest.fixture
def stranger() -> Iterator[str]:
    """A server on loopback that is not a district centre."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"<html>hello</html>")

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def silent() -> Iterator[str]:
    """A server on loopback that takes every connection and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as listening:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


class Person:
    """Does the next thing when its window is there and ready; gives up with the test failed after `PATIENCE` looks."""

    def __init__(self, steps: list[tuple[type[QDialog], Callable[[Any], bool], Callable[[Any], object]]]) -> None:
        self.steps = steps
        self.looks = 0
        self.timer = QTimer()
        self.timer.timeout.connect(self._look)
        self.timer.start(LOOK_MS)

    def _look(self) -> None:
        self.looks += 1
        shown = [w for w in QApplication.topLevelWidgets() if isinstance(w, QDialog) and w.isVisible()]
        if self.looks > PATIENCE:
            self.timer.stop()
            for window in shown:
                window.reject()
        if not self.steps:
            return
        kind, ready, act = self.steps[0]
        for window in shown:
            if isinstance(window, kind) and ready(window):
                del self.steps[0]
                act(window)
                return


WRONG = EnrolmentCode("7K3M9QWD4T").shown()


def typed(dialog: FirstRunDialog, address: str, code: str = WRONG) -> None:
    dialog.address.setText(address)
    dialog.code.setText(code)
    QTest.keyClick(dialog.code, Qt.Key.Key_Return)


def signed(dialog: SignInDialog, password: str) -> None:
    dialog.password.setText(password)
    QTest.keyClick(dialog.password, Qt.Key.Key_Return)


def says(part: str) -> Callable[[Any], bool]:
    return lambda dialog: part in dialog.problem.text()


def test_every_wrong_turn_is_told_and_the_right_one_leads_in(
    application: QApplication, centre: Centre, stranger: str, tmp_path: Path
) -> None:
    steps: list[tuple[type[QDialog], Callable[[Any], bool], Callable[[Any], object]]] = [
        (FirstRunDialog, lambda d: not d.problem.text(), lambda d: typed(d, "no address at all")),
        (FirstRunDialog, says("地址不对"), lambda d: typed(d, "http://127.0.0.1:9")),
        (FirstRunDialog, says("连不上区中心"), lambda d: typed(d, stranger)),
        (FirstRunDialog, says("不是区中心的服务"), lambda d: typed(d, "http://192.0.2.1:8341")),
        (FirstRunDialog, says("没有加密"), lambda d: typed(d, centre.address, "8" + WRONG[1:])),
        (FirstRunDialog, says("输错"), lambda d: typed(d, centre.address, WRONG[:9])),
        (FirstRunDialog, says("没有输全"), lambda d: typed(d, centre.address)),
        (FirstRunDialog, says("没有此登记码"), lambda d: typed(d, centre.address, centre.code(TOWN).lower())),
        (SignInDialog, lambda d: not d.problem.text(), lambda d: signed(d, "wrong")),
        (SignInDialog, says("密码不对"), lambda d: signed(d, PASSWORD)),
    ]
    person = Person(steps)
    console = first_run.open_console(tmp_path)
    person.timer.stop()
    assert steps == [], f"{len(steps)} steps were never reached"
    assert console is not None
    assert console.desk.unit == TOWN
    assert console.workplace.units() == [TOWN]
    console.end()
    console.window.close()


def lives(dialog: FirstRunDialog | WaitingDialog) -> bool:
    """True when the window paints what is asked of it now."""
    before = dialog.grab().toImage()
    dialog.setStyleSheet("background: black")
    QApplication.processEvents()
    return dialog.grab().toImage() != before


def test_while_a_silent_server_is_asked_the_window_lives_says_so_and_can_be_closed(
    application: QApplication, silent: str, tmp_path: Path
) -> None:
    seen: list[bool] = []

    def give_up(dialog: FirstRunDialog) -> None:
        seen.append(silent in dialog.waiting.text() and "Esc" in dialog.waiting.text() and lives(dialog))
        QTest.keyClick(dialog, Qt.Key.Key_Escape)

    person = Person(
        [
            (FirstRunDialog, lambda d: not d.waiting.text(), lambda d: typed(d, silent)),
            (FirstRunDialog, lambda d: bool(d.waiting.text()), give_up),
        ]
    )
    started = time.monotonic()
    assert first_run.open_console(tmp_path) is None
    person.timer.stop()
    assert seen == [True]
    assert time.monotonic() - started < TIMEOUT_SECONDS, "the question was not waited for"
    assert not (tmp_path / first_run.WORKSTATION).exists()


def test_reference_data_asked_for_at_the_start_never_holds_up_the_screen(
    application: QApplication, silent: str, tmp_path: Path
) -> None:
    """A registered workstation whose reference data was unreadable, and a centre that does not answer."""
    folder = store_folder(tmp_path, silent, TOWN)
    folder.mkdir()
    unpacked(folder)
    (tmp_path / first_run.WORKSTATION).write_bytes(encode({"address": silent, "unit": TOWN}))
    (folder / "token").write_bytes(encode({DEVICE: "t" * 40}))
    station = Station(folder, silent, SystemClock())
    with station.work() as work:
        work.connection.execute(delete(document))
        work.commit()
    station.engine.dispose()
    seen: list[bool] = []

    def give_up(dialog: WaitingDialog) -> None:
        seen.append("基础数据" in dialog.said.text() and lives(dialog))
        QTest.keyClick(dialog, Qt.Key.Key_Escape)

    person = Person([(WaitingDialog, lambda d: True, give_up)])
    started = time.monotonic()
    assert first_run.open_console(tmp_path) is None
    person.timer.stop()
    assert seen == [True] and time.monotonic() - started < TIMEOUT_SECONDS
