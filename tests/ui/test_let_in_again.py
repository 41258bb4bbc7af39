"""重新登记本机: a workstation that the centre will not have any more comes in again at its sync page, by keyboard, and hands in
what it has."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from desktop.console import Console
from district import devices
from models import commands as c
from models.clock import SystemClock
from models.reference_files import EDITION
from models.store.engine import open_engine, take_order_lock
from services import cases
from services.work import Work
from tests.ui.conftest import TOWN, until
from tests.ui.test_changing import gone
from tests.whole.parties import Centre
from ui.dialogs.let_in_again import LetInAgainDialog

REPORT = c.Report("", "volunteer", f"{EDITION}/matter/09005", "店外堆放", "龙山路口", TOWN, f"{TOWN}006")


def revoke(centre: Centre, device: str) -> None:
    engine = open_engine(centre.database_url)
    with engine.begin() as connection:
        take_order_lock(connection)
        assert devices.revoke(connection, device, "341002-operator-1", "误停用", SystemClock().wall_ms())
    engine.dispose()


def report(console: Console) -> str:
    made: list[str] = []

    def job(work: Work) -> str:
        found = cases.act(work, console.desk, REPORT)
        work.commit()
        return found.cmd_id

    console.jobs.run(job, made.append)
    until(lambda: made)
    console.sync.acted()
    return made[0]


def shown_line(console: Console) -> tuple[str, str, int]:
    line = console.file.line
    assert line is not None
    return line.state, line.reason, line.unsent


def test_by_keyboard_at_the_sync_page(console: Console, centre: Centre) -> None:
    until(lambda: console.file.line is not None and console.file.line.state == "online")
    page = console.window.sync
    console.window.show_page("sync")
    assert not page.let_in.isVisible(), "there is nothing to mend"
    was = console.station.device
    revoke(centre, was)
    made = report(console)
    until(lambda: shown_line(console) == ("refused", "chain_revoked", 1) or shown_line(console)[1] == "device_revoked")
    assert page.let_in.isVisible() and "重新登记" in page._lines.text()
    page.let_in.setFocus()
    QTest.keyClick(page.let_in, Qt.Key.Key_Space)
    dialog = console.window.findChild(LetInAgainDialog)
    assert dialog is not None
    QTest.keyClicks(dialog.code, "AAAA-BBBB-CCCC")
    QTest.keyClick(dialog.code, Qt.Key.Key_Return)
    until(lambda: dialog.problem.text())
    assert dialog.code.text() == "AAAA-BBBB-CCCC", "what was typed stays"
    dialog.code.setText(centre.code(TOWN))
    QTest.keyClick(dialog.code, Qt.Key.Key_Return)
    until(lambda: gone(dialog))
    until(lambda: shown_line(console) == ("online", "", 0))
    assert console.station.device not in ("", was) and console.desk.device == console.station.device
    until(lambda: not page.let_in.isVisible())
    asked = f"SELECT device, dseq FROM log WHERE cmd_id = '{made}'"
    assert centre.asked(asked) == [(console.station.device, 1)]
    later = report(console)
    until(lambda: centre.asked(f"SELECT dseq FROM log WHERE cmd_id = '{later}'") == [(2,)])
