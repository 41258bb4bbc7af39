"""What Qt and the program say while a test runs: a warning nobody expected fails the test (house.md §4.8)."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QMessageLogContext, QtMsgType, qInstallMessageHandler
from PySide6.QtWidgets import QApplication, QWidget

from ui.main_window import MainWindow

HARMLESS = {
    r"This plugin does not support (\w+\(\)|grabbing the keyboard)": "the offscreen platform has no window manager to ask",
    r"sound: no player makes a sound here: alarms beep": "true of a machine without loudspeakers; said once a sitting",
}
"""What Qt says without anything being wrong, with the reason."""


class Guard(logging.Handler):
    """Collects warnings of Qt and of the log. `expect` allows those of one test that are its very matter."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard: list[str] = []
        self._expected: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(f"{record.name}: {record.getMessage()}")

    def from_qt(self, kind: QtMsgType, context: QMessageLogContext, message: str) -> None:
        if kind not in (QtMsgType.QtDebugMsg, QtMsgType.QtInfoMsg):
            self.heard.append(f"Qt {context.category or 'default'}: {message}")

    def expect(self, pattern: str) -> None:
        """A warning that matches must come in this test, and may come more than once."""
        self._expected.append(pattern)

    def unexpected(self) -> list[str]:
        """What nobody allowed."""
        allowed = [*HARMLESS, *self._expected]
        return [line for line in self.heard if not any(re.search(pattern, line) for pattern in allowed)]

    def missing(self) -> list[str]:
        """What was expected and never came."""
        return [p for p in self._expected if not any(re.search(p, line) for line in self.heard)]

    def forget(self) -> None:
        """The next test begins."""
        self.heard.clear()
        self._expected.clear()


@pytest.fixture(scope="module")
def listening() -> Iterator[Guard]:
    """From before a module's first window to after its last: what a shared fixture says is heard by the test that asked for
    it, and what tests of another folder say in the same process by nobody here."""
    guard = Guard()
    before = qInstallMessageHandler(guard.from_qt)
    logging.getLogger().addHandler(guard)
    yield guard
    logging.getLogger().removeHandler(guard)
    qInstallMessageHandler(before)


@pytest.fixture(autouse=True)
def guard(listening: Guard) -> Iterator[Guard]:
    """Set up before everything else of the test, and asked after all of it has gone."""
    before = windows()
    yield listening
    left = in_the_way()
    clear_away(before)
    unexpected, missing = listening.unexpected(), listening.missing()
    listening.forget()
    assert not unexpected, f"nobody expected {unexpected}"
    assert not missing, f"expected, and never came: {missing}"
    assert not left, f"left {left} open: it would take the keys and the mouse of the next test's window"


def windows() -> list[QWidget]:
    """Every window there is, shown or not."""
    return QApplication.topLevelWidgets() if QApplication.instance() else []


def clear_away(kept: list[QWidget]) -> None:
    """Windows of the test that has ended go for good: each would be styled anew with every window that is still to come. Whatever
    else it left in sight goes out of it: no program would end with its last window meanwhile."""
    for window in windows():
        if window not in kept and isinstance(window, MainWindow):
            window.deleteLater()
        elif window not in kept:
            window.hide()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def in_the_way() -> str:
    """Closes a dialog left open by this test and says what it was."""
    found: QWidget | None = QApplication.activeModalWidget() if QApplication.instance() else None
    if found is None:
        return ""
    name = type(found).__name__
    found.close()
    return name
