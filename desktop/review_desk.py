"""The operator's 待核事项 over the line; once a minute how many there are, wherever he looks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, QTimer

from desktop.acting_at_centre import ActingAtCentre
from desktop.asking_centre import AskingCentre
from desktop.open_file import OpenFile
from desktop.sign_in_again import SignedIn, sign_in_again
from models.check_review import CheckReviewBody, ChecksToReview
from models.undecided_acts import DeferredActs
from services.sync import operator_calls
from services.sync.line import Line
from ui import words
from ui.panels.review_page import CHECKS, DEFERRED, ReviewPage
from ui.panels.told_page import ToldPage
from ui.ports import Seat

FIRST_MS, AGAIN_MS = 2_000, 60_000
"""How soon it is counted: until the centre has answered once, and from then on."""


class ReviewDesk(QObject):
    """One for each window that has the page; `signed_in` and `tell` as of the page of workstations."""

    def __init__(
        self, page: ReviewPage, file: OpenFile, seat: Seat, signed_in: SignedIn, tell: Callable[[str], None]
    ) -> None:
        super().__init__(page)
        self._page, self._file, self._seat, self._signed_in = page, file, seat, signed_in
        deferred, checks, reads = (self._asking(one.refuse) for one in (page.deferred, page.checks, page.reads))
        page.deferred.list_asked.connect(lambda: deferred.ask(operator_calls.deferred, page.deferred.show_list))
        page.checks.list_asked.connect(lambda: checks.ask(operator_calls.checks_to_review, page.checks.show_list))
        page.reads.list_asked.connect(
            lambda before: reads.ask(
                lambda line, s: operator_calls.record_reads(line, before, s),
                partial(page.reads.show_list, before=before),
            )
        )
        self._verbs = ActingAtCentre(file, seat, page.checks, tell, "review_needs_line", "review_sign_in")
        page.destroyed.connect(self._verbs.give_up)
        page.checks.decided.connect(self._decide)
        for one in (page.deferred, page.checks, page.reads):
            one.sign_in_asked.connect(partial(self._sign_in, one))
        self._counting = self._asking(self._not_counted)
        self._timer = QTimer(self)
        self._timer.timeout.connect(self.count)
        self._timer.start(FIRST_MS)

    def _asking(self, refuse: Any) -> AskingCentre:
        made = AskingCentre(self._file, self._seat, refuse, "review_needs_line", "review_sign_in")
        self._page.destroyed.connect(made.give_up)
        return made

    def _decide(self, wanted: CheckReviewBody) -> None:
        told = lambda _done: self._page.checks.done(wanted)  # noqa: E731
        self._verbs.act(
            lambda line, s: operator_calls.review_check(line, wanted, s), told, lambda: words.ACTS["case.review_check"]
        )

    def _sign_in(self, page: ToldPage) -> None:
        sign_in_again(self._file, self._seat, self._page.window(), self._signed_in, page.refresh)

    # Counting

    def count(self) -> None:
        """Ask how many there are. Whatever the line or the centre has against it is told by the list that is read, not here."""
        if self._counting.has_line():
            self._counting.ask(_both, self._counted)

    def _counted(self, found: Any) -> None:
        deferred, checks = found
        self._timer.start(AGAIN_MS)
        self._page.show_count(DEFERRED, deferred.long_since)
        self._page.show_count(CHECKS, len(checks.checks))

    def _not_counted(self, _text: str, *, may_sign_in: bool = False) -> None:
        self._timer.start(AGAIN_MS)
        if may_sign_in:
            self._page.show_unknown()


def _both(line: Line, session: str) -> tuple[DeferredActs, ChecksToReview]:
    return operator_calls.deferred(line, session), operator_calls.checks_to_review(line, session)
