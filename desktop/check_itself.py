"""自检 over the console's window: each thing is looked at beside the screen's thread and shown when it is known."""

from __future__ import annotations

import logging
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QSysInfo, qVersion
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from desktop import input_method
from desktop.asking import Asking
from desktop.let_go import goes_when_put_away
from desktop.open_file import OpenFile
from models.clock import zone_minutes
from models.files import FOR_ITS_OWNER, free_bytes, write_whole
from models.store.health import StoreHealth, look
from models.views import Kept
from services import diagnostics, self_check
from services.self_check import Finding, Subject
from ui.dialogs.self_check import SelfCheckDialog

_log = logging.getLogger("self-check")


class CheckItself(QObject):
    """One such dialog about the file in sight; `app` is the program's version."""

    def __init__(self, file: OpenFile, over: QWidget, app: str) -> None:
        super().__init__(over)
        self._file = file
        self._app = app
        self._health = StoreHealth("")
        self._slow = {subject: Asking() for subject in (Subject.STORE, Subject.DISK, Subject.LINE, Subject.KEYRING)}
        self._writing = Asking()
        self.dialog = SelfCheckDialog(input_method.carrier(), over)
        self.dialog.check_asked.connect(self._look)
        self.dialog.bundle_asked.connect(self._write)
        goes_when_put_away(self.dialog, self, *self._slow.values(), self._writing)

    def open(self) -> SelfCheckDialog:
        """Show it and look at everything."""
        self.dialog.open()
        self.dialog.look_again()
        return self.dialog

    def _look(self) -> None:
        file, station = self._file, self._file.station
        line, now = file.line, file.present.now()
        behind_ms = line.wall_behind_ms if line is not None else 0
        self.dialog.show_finding(self_check.of_clock(now, station.clock.wall_ms(), zone_minutes(), behind_ms))
        self.dialog.show_finding(self_check.of_calendar(file.rules.calendar, now))
        self._ask(Subject.DISK, lambda: self_check.of_disk(free_bytes(station.folder)))
        self._ask(Subject.LINE, lambda: self_check.of_line(line, now.shown_at, self._answer_ms))
        self._ask(Subject.KEYRING, lambda: self_check.of_keyring(station.secrets))

        def known(found: tuple[StoreHealth, Kept]) -> None:
            self._health, kept = found
            self._show(self_check.of_store(self._health, kept))

        self._ask(Subject.STORE, lambda: (look(station.engine), station.kept()), known)

    def _ask(self, subject: Subject, call: Callable[[], Any], done: Callable[[Any], None] | None = None) -> None:
        def failed(error: Exception) -> None:
            _log.error("the self-check of %s failed: %s", subject, type(error).__name__)
            self._show(self_check.not_looked_at(subject, type(error).__name__))

        self._slow[subject].ask(call, done or self._show, failed)

    def _show(self, finding: Finding) -> None:
        if isValid(self.dialog):
            self.dialog.show_finding(finding)

    def _answer_ms(self) -> int:
        """How long the centre takes to say who it is, on a line of its own."""
        station = self._file.station

        def asked(line: Any) -> int:
            line.hello()
            sent = station.clock.mono_ms()
            line.hello()
            return int(station.clock.mono_ms() - sent)

        return station.ask(asked)

    # The bundle

    def _write(self, target: str) -> None:
        station, report, health = self._file.station, self.dialog.report(), self._health
        versions = self._versions()

        def write() -> None:
            logs = list((station.folder.parent / "logs").glob("*.log*"))
            raw = diagnostics.packed(report, versions, health, logs, Path.home())
            write_whole(Path(target), raw, FOR_ITS_OWNER)

        self._writing.ask(
            write, lambda _none: self.dialog.show_written(target), lambda _error: self.dialog.cannot_write(target)
        )

    def _versions(self) -> dict[str, str]:
        screens = [
            f"{s.size().width()}x{s.size().height()}@{s.devicePixelRatio():g}" for s in QGuiApplication.screens()
        ]
        return {
            "program": self._app,
            "python": sys.version.split()[0],
            "qt": qVersion(),
            "system": f"{QSysInfo.prettyProductName()} · {platform.release()} · {platform.machine()}",
            "window_system": QGuiApplication.platformName(),
            "screens": ", ".join(screens),
            "input_method": input_method.carrier(),
            "line": self._file.line.state if self._file.line is not None else "",
        }
