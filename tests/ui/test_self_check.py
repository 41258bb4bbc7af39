"""自检 by keyboard: everything is looked at for real, what is wrong says what to do, and the bundle holds no person."""

from __future__ import annotations

import logging
import signal
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from desktop.console import Console
from models.discreet_log import rotating
from models.stored_zip import unpack
from services.self_check import Finding, Level, Subject
from tests.ui.conftest import TOWN, until
from tests.ui.test_changing import gone, opened
from tests.ui.test_requester import NAME, PHONE, reported
from tests.whole.parties import Centre
from tests.whole.parties import Console as Other
from ui import findings
from ui.dialogs.self_check import SelfCheckDialog


def online(console: Console) -> None:
    until(lambda: console.file.line is not None and console.file.line.state == "online", 30)


def begun(console: Console) -> SelfCheckDialog:
    """From the sync page, by keyboard."""
    console.window.show_page("sync")
    console.window.sync.check.setFocus()
    QTest.keyClick(console.window.sync.check, Qt.Key.Key_Space)
    dialog = opened(SelfCheckDialog)
    until(lambda: len(dialog.report()) == len(Subject), 30)
    return dialog


def found(dialog: SelfCheckDialog, subject: Subject) -> Finding:
    return dialog._found[subject]


def test_everything_is_looked_at_and_again(console: Console, centre: Centre) -> None:
    online(console)
    dialog = begun(console)
    assert {s for s in Subject if found(dialog, s).level is Level.BAD} == set(), dialog.report()
    assert found(dialog, Subject.LINE).code == "line_good"
    assert found(dialog, Subject.KEYRING).code == "key_in_file", "no keyring here, and the centre is on this machine"
    assert found(dialog, Subject.CLOCK).code in ("clock_right", "clock_elsewhere")
    assert "注意" in dialog.summary.text() and "案件 0 件" in dialog.said[Subject.STORE].text()
    centre.end(signal.SIGKILL)
    until(lambda: console.file.line is not None and console.file.line.state != "online", 30)
    QTest.keyClick(dialog, Qt.Key.Key_F5)
    assert not dialog.bundle.isEnabled(), "not all is known"
    until(lambda: dialog.bundle.isEnabled(), 30)
    assert found(dialog, Subject.LINE).code == "line_down" and "自动上报" in dialog.said[Subject.LINE].text()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert gone(dialog)


def test_chinese_that_comes_from_an_input_method_is_noticed_and_typed_letters_are_not(console: Console) -> None:
    online(console)
    dialog = begun(console)
    assert found(dialog, Subject.INPUT_METHOD).code == "typing_unproven"
    QTest.keyClicks(dialog.typed, "wangge")
    assert found(dialog, Subject.INPUT_METHOD).code == "typing_unproven"
    event = QInputMethodEvent()
    event.setCommitString("网格")
    QApplication.sendEvent(dialog.typed, event)
    assert found(dialog, Subject.INPUT_METHOD).code == "typing_works"
    QTest.keyClick(dialog, Qt.Key.Key_F5)
    assert found(dialog, Subject.INPUT_METHOD).code == "typing_works", "it stays known"
    assert not any("网格" in line for line in dialog.report())
    dialog.reject()


def test_the_bundle_holds_what_was_found_and_nobody(console: Console, centre: Centre, tmp_path: Path) -> None:
    other = Other(tmp_path / "other", centre, TOWN, f"{TOWN}-clerk-2")
    other.settle()
    reported(other)
    other.close()
    handler = rotating(console.station.folder.parent / "logs" / "console.log")
    logging.getLogger().addHandler(handler)
    try:
        log = logging.getLogger("test")
        log.setLevel(logging.INFO)
        log.info("kept in %s", Path.home())
        online(console)
        dialog = begun(console)
        target = tmp_path / "bundle.zip"
        dialog.bundle_asked.emit(str(target))
        until(target.exists)
        until(lambda: str(target) in dialog.summary.text())
    finally:
        logging.getLogger().removeHandler(handler)
        handler.close()
    raw = target.read_bytes()
    members = dict(unpack(raw))
    assert "logs/console.log" in members and b"kept in ~" in members["logs/console.log"]
    assert members["self-check.txt"].decode().count("\n") == len(Subject)
    for part in (NAME, PHONE, "龙山路口", "店外堆放"):
        assert part.encode() not in raw
    assert target.stat().st_mode & 0o077 == 0
    dialog.bundle_asked.emit("/proc/nowhere/bundle.zip")
    until(lambda: "未能写入" in dialog.problem.text())
    dialog.reject()


def test_every_finding_has_words() -> None:
    assert set(findings.SUBJECTS) == set(Subject) and set(findings.LEVELS) == set(Level) == set(findings.SHAPES)
