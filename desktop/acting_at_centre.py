"""What an operator does at the centre from a page: told there what came of it, or wherever he is by then."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from shiboken6 import isValid

from desktop.asking_centre import AskingCentre, Call
from desktop.open_file import OpenFile
from desktop.worded import words_of
from models.errors import Refused
from ui import words
from ui.language import tr
from ui.panels.told_page import ToldPage
from ui.ports import Seat


class ActingAtCentre(AskingCentre):
    """One act at a time: pressed again meanwhile it is not done twice. It is waited for when its page has gone, too: `tell`
    is given what was not done, or may not have been, where nobody looks at the page."""

    def __init__(
        self,
        file: OpenFile,
        seat: Seat,
        page: ToldPage,
        tell: Callable[[str], None],
        needs_line: str,
        needs_session: str,
    ) -> None:
        super().__init__(file, seat, page.refuse, needs_line, needs_session)
        self._page, self._tell = page, tell

    def act(self, call: Call, done: Callable[[Any], None], what: Callable[[], str]) -> None:
        """Do it beside the screen's thread; `what` names it in the language chosen by then."""
        if self._asking.is_waited_for:
            return
        operator = self._seat.desk.person

        def done_here(found: Any) -> None:
            if not self._is_over:
                done(found)

        def failed(error: Exception) -> None:
            is_in_sight = isValid(self._page) and self._page.table.isVisible()
            self.failed(error)
            if not is_in_sight:
                here, told = self._seat.desk.person, _not_done(what(), error)
                self._tell(words.by_whom(operator, here, self._file.rules, told))

        self._ask(call, done_here, failed)

    def give_up(self) -> None:
        """The page goes; what is being done goes on."""
        self._is_over = True


def _not_done(what: str, error: Exception) -> str:
    """Only the centre's own word says that it was not done: whatever failed on the way may have failed after it."""
    if isinstance(error, Refused):
        return tr("{0}没有办成:{1}").format(what, words_of(error))
    return tr("{0}:没有收到区中心的答复,可能已经办成,请刷新核对。").format(what)
