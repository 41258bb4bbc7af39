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
from ui.panels.told_page import ToldPage
from ui.ports import Seat


class DevicesDesk(QObject):
    """One for each window that has the page. `signed_in` is told when somebody has signed in again on the way."""

    def __init__(self, page: DevicesPage, file: OpenFile, seat: Seat, signed_in: SignedIn) -> None:
        super().__init__(page)
        self._page = page
        self._file = file
        self._seat = seat
        self._signed_in = signed_in
        self._verbs = self._asking(page, "devices_need_line")
        lists = self._asking(page, "devices_need_line")
        page.list_asked.connect(lambda: lists.ask(lambda line, s: line.workstations(s), page.show_list))
        page.code_asked.connect(self._code)
        page.revoked.connect(self._revoke)
        page.sign_in_asked.connect(lambda: self._sign_in(page.refresh))
        apart = page.apart
        self._review, self._apart = (self._asking(apart, "quarantine_needs_line") for _ in range(2))
        apart.list_asked.connect(self._list_apart)
        apart.decided.connect(self._decide)
        apart.sign_in_asked.connect(lambda: self._sign_in(apart.refresh))
        recovery = page.recovery
        ends, reads = (self._asking(recovery, "devices_need_line") for _ in range(2))
        recovery.list_asked.connect(lambda: reads.ask(lambda line, s: line.recovery(s), recovery.show_list))
        recovery.ended.connect(
            lambda told: ends.ask_once(lambda line, s: line.end_recovery(told, s), recovery.show_list)
        )
        recovery.sign_in_asked.connect(lambda: self._sign_in(recovery.refresh))

    def _asking(self, page: ToldPage, needs_line: str) -> AskingCentre:
        """Of its own for what is read again: reading the page anew gives up no answer about what was done."""
        made = AskingCentre(self._file, self._seat, page.refuse, needs_line, "devices_sign_in")
        page.destroyed.connect(made.give_up)
        return made

    def _code(self, wanted: CodeBody) -> None:
        operator = self._seat.desk.person

        def told(made: Any) -> None:
            if self._seat.desk.person == operator:  # whoever sits here by now did not ask for it, and may not have one
                self._page.show_code(made, self._file.present.now().shown_at)

        self._verbs.ask_once(lambda line, session: line.new_code(wanted, session), told)

    def _revoke(self, device: str, reason: str) -> None:
        self._verbs.ask_once(
            lambda line, session: line.revoke(device, reason, session), lambda _none: self._page.done()
        )

    def _list_apart(self, device: str) -> None:
        self._apart.ask(lambda line, session: line.apart(device, session), self._page.apart.show_list)

    def _decide(self, wanted: ReviewBody) -> None:
        told = partial(self._page.apart.done, admit=wanted.admit)
        self._review.ask_once(lambda line, session: line.review(wanted, session), told)

    def _sign_in(self, then: Callable[[], None]) -> None:
        sign_in_again(self._file, self._seat, self._page.window(), self._signed_in, then)
