"""A window that is closed while files are being copied: they are saved first, or their person knows that they are not."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from desktop.attachments_desk import AttachmentsDesk
from desktop.console import Console
from models import commands as c
from models.blob_folder import BlobFolder
from models.errors import Refused
from models.store.case_table import get_case
from models.store.work import Work
from services import attachments, cases
from services.attachments import Prepared
from tests.store.make_sample import STALLS, STATION, TOWN
from tests.ui.alone import alone, begun, stored
from tests.ui.conftest import until
from tests.ui.test_requester import show

WAITS = "还有 2 个文件正在读取"


class Desk:
    """One case in sight, and a disk whose files are read when it is let go."""

    def __init__(self, console: Console, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.console, self._go, self.spoilt = console, threading.Event(), False
        desk = console.desk

        def reported(work: Work) -> str:
            acted = cases.report(work, desk, c.Report("", "volunteer", STALLS, "占道", "路口", TOWN, STATION), {})
            work.commit()
            return acted.case_id

        self.case_id = str(stored(console.file, reported))
        show(console, self.case_id)
        prepare = attachments.prepare

        def slow(into: BlobFolder, source: Path, at_most: int) -> Prepared:
            assert self._go.wait(30)
            if self.spoilt:
                raise Refused("attachment_unreadable")
            return prepare(into, source, at_most)

        monkeypatch.setattr(attachments, "prepare", slow)
        files = [folder / "one.pdf", folder / "two.pdf"]
        for number, file in enumerate(files):
            file.write_bytes(b"%PDF-" + bytes([number]))
        (found,) = console.window.findChildren(AttachmentsDesk)
        found.add(files)
        assert found.adding is not None
        QTest.keyClick(found.adding, Qt.Key.Key_1)
        QTest.keyClick(found.adding, Qt.Key.Key_Return)

    def told(self) -> str:
        """What stands across the window."""
        return self.console.window.banner.text.full

    def read_on(self) -> None:
        self._go.set()

    def added(self) -> int:
        """How many files the case has."""
        case = stored(self.console.file, lambda work: get_case(work.connection, self.case_id))
        return len(case.attachments)


@pytest.fixture
def make(application: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], Desk]]:
    with begun(alone(tmp_path / "console")) as console:
        made: list[Desk] = []
        yield lambda: made.append(Desk(console, tmp_path, monkeypatch)) or made[-1]  # type: ignore[func-returns-value]
        for desk in made:
            desk.read_on()


def test_it_closes_when_they_are_saved(make: Callable[[], Desk]) -> None:
    desk = make()
    window = desk.console.window
    assert not window.close() and window.isVisible()
    assert desk.told().startswith(WAITS)
    desk.read_on()
    until(lambda: not window.isVisible())
    assert desk.added() == 2


class Windows(QObject):
    """Which windows come into sight."""

    def __init__(self) -> None:
        super().__init__()
        self.shown: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.shown.append(type(watched).__name__)
        return False


def test_the_files_of_a_case_are_no_window_of_their_own(make: Callable[[], Desk], application: QApplication) -> None:
    """One that came into sight after the last had gone told Qt that the program goes on: it stayed, unseen, its store locked."""
    desk, windows = make(), Windows()
    application.installEventFilter(windows)
    desk.read_on()
    until(lambda: desk.console.window.panel.sheet.strip.isVisible())
    application.removeEventFilter(windows)
    assert windows.shown == []


def test_it_stays_to_tell_that_they_are_not(make: Callable[[], Desk]) -> None:
    desk = make()
    desk.console.window.show_banner("另一件事")
    assert not desk.console.window.close()
    assert desk.told().startswith(WAITS), "also before what nobody has read yet"
    desk.spoilt = True
    desk.read_on()
    panel = desk.console.window.panel
    until(lambda: "没有添加" in panel.said.text())
    assert desk.console.window.isVisible() and desk.told() == "另一件事"
    assert desk.console.window.close(), "there is nothing to wait for any more"


def test_whoever_closes_it_again_has_been_told(make: Callable[[], Desk]) -> None:
    desk = make()
    assert not desk.console.window.close() and desk.console.window.close()


def test_another_window_in_its_place_waits_as_well(make: Callable[[], Desk]) -> None:
    desk = make()
    desk.console._renew_window(True)
    window = desk.console.window
    assert not window.close() and desk.told().startswith(WAITS)
    desk.console._renew_window(True)
    assert desk.told().startswith(WAITS)
    desk.read_on()
    until(lambda: not desk.console.window.isVisible())
    assert desk.added() == 2


def test_the_end_of_the_program_waits_as_well(make: Callable[[], Desk], application: QApplication) -> None:
    """A signal ends it as a closed window does (desktop/commands.py)."""
    desk = make()
    waited: list[bool] = []

    def still_here() -> None:
        waited.append(desk.console.window.isVisible() and desk.told().startswith(WAITS))
        desk.read_on()

    QTimer.singleShot(0, application.quit)
    QTimer.singleShot(100, still_here)
    too_long = QTimer()
    too_long.timeout.connect(lambda: application.exit(1))
    too_long.start(15_000)
    ended = application.exec()
    too_long.stop()  # once it has rung, no dialog of a later test would wait for anybody
    in_sight = [type(widget).__name__ for widget in application.topLevelWidgets() if widget.isVisible()]
    assert ended == 0, f"in sight: {in_sight}, still copied: {desk.console.window.isVisible()}, told: {desk.told()!r}"
    assert waited == [True]
    assert desk.added() == 2
