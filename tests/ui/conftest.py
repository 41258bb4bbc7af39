"""A real window over a real store, against a real district process."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.collecting import CollectsCycles
from desktop.console import Console
from desktop.station import Station
from models.clock import SystemClock
from services.enrolment import enrol
from services.secrets import Secrets
from services.session import keep_sign_in, sign_in_online
from services.settings import SIZES_PERCENT
from tests.ui.guard import guard, listening
from tests.whole.parties import PASSWORD, Centre
from ui import language, theme
from ui.main_window import MainWindow

__all__ = ["guard", "listening"]

TOWN = "341002102"


@pytest.fixture(scope="session")
def application() -> QApplication:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    found = QApplication.instance() or QApplication([])
    assert isinstance(found, QApplication)
    CollectsCycles(found)
    theme.apply(found, theme.LIGHT)
    return found


@pytest.fixture(params=[(code, size) for code in language.LANGUAGES for size in (SIZES_PERCENT[0], SIZES_PERCENT[-1])])
def dressed(request: pytest.FixtureRequest, application: QApplication) -> Iterator[None]:
    """In each language, at the ends of the scale of text sizes."""
    code, percent = request.param
    language.choose(code)
    theme.apply(application, theme.LIGHT, percent / 100)
    yield
    language.choose(language.CHINESE)
    theme.apply(application, theme.LIGHT)


@pytest.fixture
def centre(demo_sqlite_url: str) -> Iterator[Centre]:
    found = Centre(demo_sqlite_url)
    yield found
    found.end(signal.SIGKILL)


@pytest.fixture
def console(application: QApplication, centre: Centre, tmp_path: Path) -> Iterator[Console]:
    with at_work(seated(tmp_path / "console", centre, TOWN, f"{TOWN}-clerk-1")) as made:
        yield made


@contextmanager
def at_work(console: Console) -> Iterator[Console]:
    """The program runs, its window in front, until it is ended."""
    console.start()
    console.window.activateWindow()
    try:
        yield console
    finally:
        console.end()
        console.window.close()


@contextmanager
def in_front(window: MainWindow, page: str = "", height: int = 768) -> Iterator[MainWindow]:
    """It is seen, on that page, and has the keyboard, until it is closed."""
    window.resize(1366, height)
    window.show()
    window.activateWindow()
    if page:
        window.show_page(page)
    QApplication.processEvents()
    yield window
    window.close()


def online(console: Console) -> bool:
    """The file in sight speaks with the centre."""
    return console.file.line is not None and console.file.line.state == "online"


def seated(folder: Path, centre: Centre, unit: str, person: str, secrets: Secrets | None = None) -> Console:
    """A workstation of the unit, registered, with the person signed in while the line was up."""
    station = Station(folder, centre.address, SystemClock(), secrets)
    station.keep_registration(enrol(centre.address, centre.code(unit), station.clock, unit))
    station.fetch_reference()
    line = station.line()
    entered = sign_in_online(line, person, PASSWORD, "")
    with station.work() as work:
        keep_sign_in(work, line, entered.person, PASSWORD)
    line.close()
    made = Console(station, entered)
    made.window.resize(1366, 768)
    return made


def until(true: Callable[[], object], seconds: float = 15.0) -> None:
    """Let events pass until it is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QApplication.processEvents()
        if true():
            return
        QTest.qWait(10)
    raise AssertionError(f"waited {seconds} s in vain")
