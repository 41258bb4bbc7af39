"""A desk of a whole-system test: the shipped program on a workstation of its own, and somebody who has only a keyboard.

Every key goes to the window system, which hands it to whatever has the focus, as a real keyboard's does; nothing is
clicked, no widget is spoken to and no service is called.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop import first_run
from desktop.console import Console
from desktop.files import store_folder
from desktop.station import Station
from models.case import Case
from models.clock import SystemClock
from models.store.case_table import get_case
from models.wire import encode
from services.enrolment import enrol
from tests.whole.parties import PASSWORD, Centre
from ui.dialogs.sign_in import SignInDialog

SECONDS = 20.0
NO_KEY = Qt.KeyboardModifier.NoModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier


class Keyboard:
    """Counts what is pressed. `chosen` are keys that decide (F-keys, Enter, arrows, Tab); `typed` are letters of a text."""

    def __init__(self) -> None:
        self.chosen = 0
        self.typed = 0

    def press(self, key: Qt.Key, modifier: Qt.KeyboardModifier = NO_KEY) -> None:
        """One key."""
        self.chosen += 1
        self._send(key, modifier)

    def type(self, text: str) -> None:
        """A text, letter by letter."""
        for letter in text:
            self.typed += 1
            self._send(letter, NO_KEY)

    def _send(self, key: Qt.Key | str, modifier: Qt.KeyboardModifier) -> None:
        window = QGuiApplication.focusWindow()
        assert window is not None, "no window has the keyboard"
        QTest.keyClick(window, key, modifier)  # type: ignore[call-overload]
        QApplication.processEvents()


class KeyboardDesk:
    """One unit's program with one person in front of it."""

    def __init__(self, folder: Path, centre: Centre, unit: str, person: str) -> None:
        self.keys = Keyboard()
        self.person = person
        base = folder / person
        base.mkdir()
        self._register(base, centre, unit)
        self._attempts = 0
        self._typist = QTimer()
        self._typist.timeout.connect(self._sign_in)
        self._typist.start(50)
        found = first_run.open_console(base)  # returns once somebody has signed in
        assert found is not None
        self.console: Console = found
        self.console.window.resize(1366, 768)
        self.console.start()
        self.signed_in_with = self.keys.chosen
        self.keys = Keyboard()

    @staticmethod
    def _register(base: Path, centre: Centre, unit: str) -> None:
        """The workstation is the unit's already; first run has tests of its own."""
        station = Station(store_folder(base, centre.address, unit), centre.address, SystemClock())
        station.keep_registration(enrol(centre.address, centre.code(unit), station.clock, unit))
        station.fetch_reference()
        station.engine.dispose()
        (base / first_run.WORKSTATION).write_bytes(encode({"address": centre.address, "unit": unit}))

    def _sign_in(self) -> None:
        """The window stands with the cursor in the password: one field back to the name, down to it, and on."""
        dialog = QApplication.activeWindow()
        if not isinstance(dialog, SignInDialog) or QGuiApplication.focusWindow() is None:
            self._attempts += 1
            assert self._attempts < SECONDS * 20, "the sign-in window never came"
            return
        self._typist.stop()
        self.keys.press(Qt.Key.Key_Tab, SHIFT)
        for _name in range(dialog.person.count()):
            if dialog.person.currentData() == self.person:
                break
            self.keys.press(Qt.Key.Key_Down)
        self.keys.press(Qt.Key.Key_Tab)
        self.keys.type(PASSWORD)
        self.keys.press(Qt.Key.Key_Return)

    def sit(self) -> None:
        """Turn to this desk: in life another room."""
        window = self.console.window
        window.activateWindow()
        until(lambda: window.isActiveWindow() and QGuiApplication.focusWindow() is window.windowHandle())

    def sees(self, case_id: str) -> None:
        """Wait until the panel in sight is this case's."""
        panel = self.console.window.panel
        until(lambda: panel.panel is not None and panel.panel.case.id == case_id)

    def may(self, kind: str) -> None:
        """Wait until an act is on offer, and no earlier form is in the way."""
        panel = self.console.window.panel
        until(lambda: panel.form is None and panel.panel is not None and kind in panel.panel.allowed)

    def form(self, kind: str) -> None:
        """Wait until the form of an act stands and has the cursor."""
        panel = self.console.window.panel
        until(lambda: panel.form is not None and panel.form.form.kind == kind)
        focused = QApplication.focusWidget()
        assert focused is not None and panel.form is not None and panel.form.isAncestorOf(focused), focused

    def stored(self, case_id: str) -> Case | None:
        """The case as this workstation keeps it."""
        return self.console.jobs.wait(lambda work: get_case(work.connection, case_id))

    def end(self) -> None:
        """Go home."""
        self.console.window.close()
        self.console.end()


def until(true: Callable[[], object], seconds: float = SECONDS) -> None:
    """Let events pass until it is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QApplication.processEvents()
        if true():
            return
        QTest.qWait(10)
    raise AssertionError(f"waited {seconds} s in vain")
