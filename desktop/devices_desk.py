"""The operator's page of workstations over the line: each question goes to the centre with the session of who sits here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QObject

from desktop.asking_centre import AskingCentre
from desktop.open_file import OpenFile
from desktop.sign_in_again import SignedIn, sign_in_again
from models.quarantine import ReviewBody
from models.workstations import CodeBody
from ui.panels.devices_page import DevicesPage
from ui.ports import Seat


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
        page.sign_in_asked.connect(lambda: self._sign_in(page.refresh))
        page.destroyed.connect(self._centre.give_up)
        self._review = AskingCentre(file, seat, page.apart.refuse, "quarantine_needs_line", "devices_sign_in")
        page.apart.list_asked.connect(self._apart)
        page.apart.decided.connect(self._decide)
        page.apart.sign_in_asked.connect(lambda: self._sign_in(page.apart.refresh))
        page.destroyed.connect(self._review.give_up)
        recovery = page.recovery
        self._recovery = AskingCentre(file, seat, recovery.refuse, "devices_need_line", "devices_sign_in")
        recovery.list_asked.connect(lambda: self._recovery.ask(lambda line, s: line.recovery(s), recovery.show_list))
        recovery.ended.connect(
            lambda told: self._recovery.ask(lambda line, s: line.end_recovery(told, s), recovery.show_list)
        )
        recovery.sign_in_asked.connect(lambda: self._sign_in(recovery.refresh))
        page.destroyed.connect(self._recovery.give_up)

    def _code(self, wanted: CodeBody) -> None:
        def told(made: Any) -> None:
            self._page.show_code(made, self._file.present.now().shown_at)

        self._centre.ask(lambda line, session: line.new_code(wanted, session), told)

    def _revoke(self, device: str, reason: str) -> None:
        self._centre.ask(lambda line, session: line.revoke(device, reason, session), lambda _none: self._page.done())

    def _apart(self, device: str) -> None:
        self._review.ask(lambda line, session: line.apart(device, session), self._page.apart.show_list)

    def _decide(self, wanted: ReviewBody) -> None:
        told = partial(self._page.apart.done, admit=wanted.admit)
        self._review.ask(lambda line, session: line.review(wanted, session), told)

    def _sign_in(self, then: Callable[[], None]) -> None:
        sign_in_again(self._file, self._seat, self._page.window(), self._signed_in, then)
