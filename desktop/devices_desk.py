"""The operator's page of workstations over the line: each question goes to the centre with the session of who sits here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QObject

from desktop.acting_at_centre import ActingAtCentre
from desktop.asking_centre import AskingCentre, Call
from desktop.open_file import OpenFile
from desktop.sign_in_again import SignedIn, sign_in_again
from models.quarantine import ReviewBody
from models.workstations import CodeBody
from services.sync import operator_calls
from ui.language import tr
from ui.panels.devices_page import DevicesPage
from ui.panels.quarantine_page import decision_name
from ui.panels.told_page import ToldPage
from ui.ports import Seat


class DevicesDesk(QObject):
    """One for each window that has the page. `signed_in` is told when somebody has signed in again on the way; `tell` says what
    was not done where the page is not in sight."""

    def __init__(
        self, page: DevicesPage, file: OpenFile, seat: Seat, signed_in: SignedIn, tell: Callable[[str], None]
    ) -> None:
        super().__init__(page)
        self._page = page
        self._file = file
        self._seat = seat
        self._signed_in = signed_in
        self._tell = tell
        self._verbs = self._acting(page, "devices_need_line")
        lists = self._asking(page, "devices_need_line")
        page.list_asked.connect(lambda: lists.ask(operator_calls.workstations, page.show_list))
        page.code_asked.connect(self._code)
        page.revoked.connect(self._revoke)
        page.sign_in_asked.connect(lambda: self._sign_in(page.refresh))
        apart = page.apart
        self._review = self._acting(apart, "quarantine_needs_line")
        self._apart = self._asking(apart, "quarantine_needs_line")
        apart.list_asked.connect(self._list_apart)
        apart.decided.connect(self._decide)
        apart.sign_in_asked.connect(lambda: self._sign_in(apart.refresh))
        recovery = page.recovery
        ends, reads = self._acting(recovery, "devices_need_line"), self._asking(recovery, "devices_need_line")
        recovery.list_asked.connect(lambda: reads.ask(operator_calls.recovery, recovery.show_list))
        recovery.ended.connect(
            lambda told: ends.act(
                lambda line, s: operator_calls.end_recovery(line, told, s), recovery.show_list, recovery.name_of_end
            )
        )
        recovery.sign_in_asked.connect(lambda: self._sign_in(recovery.refresh))

    def _asking(self, page: ToldPage, needs_line: str) -> AskingCentre:
        """Of its own for what is read again: reading the page anew gives up no answer about what was done."""
        made = AskingCentre(self._file, self._seat, page.refuse, needs_line, "devices_sign_in")
        page.destroyed.connect(made.give_up)
        return made

    def _acting(self, page: ToldPage, needs_line: str) -> ActingAtCentre:
        made = ActingAtCentre(self._file, self._seat, page, self._tell, needs_line, "devices_sign_in")
        page.destroyed.connect(made.give_up)
        return made

    def _code(self, wanted: CodeBody) -> None:
        operator = self._seat.desk.person

        def told(made: Any) -> None:
            if self._seat.desk.person == operator:  # whoever sits here by now did not ask for it, and may not have one
                self._page.show_code(made, self._file.present.now().shown_at)

        self._verbs.act(
            lambda line, session: operator_calls.new_code(line, wanted, session), told, lambda: tr("给登记码")
        )

    def _revoke(self, device: str, reason: str) -> None:
        name = self._page.name_of_revoking(device)
        revoke: Call = lambda line, session: operator_calls.revoke(line, device, reason, session)  # noqa: E731
        self._verbs.act(revoke, lambda _none: self._page.done(), name)

    def _list_apart(self, device: str) -> None:
        self._apart.ask(lambda line, s: operator_calls.apart(line, device, s), self._page.apart.show_list)

    def _decide(self, wanted: ReviewBody) -> None:
        told = partial(self._page.apart.done, admit=wanted.admit)
        name = partial(decision_name, len(wanted.hashes), admit=wanted.admit)
        self._review.act(lambda line, session: operator_calls.review(line, wanted, session), told, name)

    def _sign_in(self, then: Callable[[], None]) -> None:
        sign_in_again(self._file, self._seat, self._page.window(), self._signed_in, then)
