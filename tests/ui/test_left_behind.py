"""What one person had in sight is not the next one's: over a lock, after 换班, and in windows that were put away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from desktop.console import Console
from desktop.station import Station
from models.clock import SystemClock
from models.organisation import DISTRICT_CODE
from models.workstations import CodeMade
from services.requester import Requester
from services.secrets import Secrets
from services.session import Entered
from services.vault import Vault
from tests.store.make_sample import Workstation
from tests.ui.alone import NOBODY, Held, alone, begun, dispatched_case, stored
from tests.ui.conftest import until
from tests.ui.every_state import INTAKE, OPERATOR
from tests.ui.test_requester import show
from ui.dialogs.move_secrets import CHANGE
from ui.dialogs.requester import RequesterDialog
from ui.dialogs.sign_in import SignInDialog
from ui.panels.case_acts import EVIDENCE, REQUESTER


@pytest.fixture
def town(application: QApplication, tmp_path: Path) -> Iterator[Console]:
    """With a case in sight."""
    with begun(alone(tmp_path / "town")) as console:
        show(console, dispatched_case(console))
        yield console


@pytest.fixture
def district(application: QApplication, tmp_path: Path) -> Iterator[Console]:
    folder = tmp_path / "district"
    folder.mkdir()
    made = Workstation(folder / "store.sqlite")
    with made.work() as work:
        work.write_meta("unit", DISTRICT_CODE)
        work.commit()
    made.close()
    station = Station(folder, NOBODY, SystemClock(), Secrets(folder, NOBODY, Vault(None)))
    with begun(Console(station, Entered(OPERATOR, "s", False))) as console:
        yield console


@pytest.mark.parametrize("asked", ["read", "slip"])
def test_a_card_that_is_ready_after_the_window_was_locked_stays_away(town: Console, asked: str) -> None:
    held = Held(town.file)
    town.window.panel.begin(asked)
    town.lock()
    held.let_go()
    stored(town.file, lambda _work: True)
    QTest.qWait(50)
    assert town.window.open_dialogs() == []


def test_a_card_is_read_from_any_page(town: Console) -> None:
    town.window.show_page("roster")
    town.window.panel.begin("read")
    stored(town.file, lambda _work: True)
    until(town.window.open_dialogs)
    QTest.keyClick(town.window.open_dialogs()[0], Qt.Key.Key_Escape)


@pytest.mark.parametrize("locked", [False, True])
def test_an_operators_code_and_form_go_with_him(district: Console, locked: bool) -> None:
    district.window.show_page("devices")
    page = district.window.devices
    assert page is not None
    page.show_code(CodeMade(code="7K3M-QQ", unit=DISTRICT_CODE, expires_at=0, fingerprint="", now_ms=0), 0)
    page.begin_code()
    assert page.code.isVisible() and page.form is not None
    if locked:
        district.lock()
    district._sat_down(district.file, Entered(INTAKE, "t", False))
    page = district.window.devices
    assert page is not None and page.code.isHidden() and page.code_text.text() == "" and page.form is None


def test_what_is_opened_a_hundred_times_a_day_is_let_go(town: Console) -> None:
    def dialogs() -> list[QWidget]:
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        return town.window.findChildren(QDialog)

    before = len(dialogs())
    case_id = town.window.panel.case_id
    for opened in (
        town.window.open_palette,
        town.open_settings,
        town.window.reporting.begin,
        town.change_user,
        town.change_unit,
        town.check_itself,
        town.write_handover,
        town.take_handover,
        town.let_in_again,
        lambda: town.move_secrets(CHANGE),
        lambda: town.ask_centre(EVIDENCE, case_id),
        lambda: town.ask_centre(REQUESTER, case_id),
        town.window.panel.attach_asked.emit,
    ):
        opened()
        (dialog,) = town.window.open_dialogs()
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert len(dialogs()) == before


def test_no_password_and_no_requester_stays_in_a_window_put_away(town: Console) -> None:
    signing = SignInDialog("黎阳镇分中心", ())
    signing.password.setText("secret")
    signing.new_password.setText("secret-2")
    signing.reject()
    assert signing.password.text() == signing.new_password.text() == ""
    asked = RequesterDialog("黎阳-1", town.window)
    asked.show_requester(Requester("甲某", "100-0000-0000", "", False), "甲 10:00")
    assert asked.rows.rowCount() == 2
    asked.reject()
    assert asked.rows.rowCount() == 0
    for dialog in (signing, asked):
        dialog.deleteLater()
