"""The operator's page of workstations over the line: each question goes to the centre with the session of who sits here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject

from desktop.asking_centre import AskingCentre
from desktop.change_user import ChangeUser
from desktop.open_file import OpenFile
from models.workstations import CodeBody
from services.session import Entered
from ui.panels.devices_page import DevicesPage
from ui.ports import Seat

SignedIn = Callable[[OpenFile, Entered], None]


class DevicesDesk(QObject):
    """One for each window that has the page. `signed_in` is told when somebody has signed in again on the way."""

    def __init__(self, page: DevicesPage, file: OpenFile, seat: Seat, signed_in: SignedIn) -> None:
        super().__init__(page)
        self._page = page
        self._file = file
        self._seat = seat
        self._signed_in = signed_in
        self._centre = AskingCentre(file, seat, page.refuse, "devices_need_line", "devices_sign_in")
        page.list_asked.connect(lambda: self._centre.ask(lambda line, s: line.workstations(s), page.show_list))
        page.code_asked.connect(self._code)
        page.revoked.connect(self._revoke)
        page.sign_in_asked.connect(self._sign_in)
        page.destroyed.connect(self._centre.give_up)

    def _code(self, wanted: CodeBody) -> None:
        def told(made: Any) -> None:
            self._page.show_code(made, self._file.present.now().shown_at)

        self._centre.ask(lambda line, session: line.new_code(wanted, session), told)

    def _revoke(self, device: str, reason: str) -> None:
        self._centre.ask(lambda line, session: line.revoke(device, reason, session), lambda _none: self._page.done())

    def _sign_in(self) -> None:
        ChangeUser(self._file, self._page.window(), self._entered).ask(self._seat.desk.person)

    def _entered(self, file: OpenFile, entered: Entered) -> None:
        same = entered.person == self._seat.desk.person
        self._signed_in(file, entered)
        if same:
            self._page.refresh()
