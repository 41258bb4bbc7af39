"""Cases that ended long ago, over the line: asked of the centre beside the screen's thread, held in the store for a week."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject

from desktop.asking import Asking
from desktop.open_file import OpenFile
from desktop.worded import words_of
from models.errors import Refused, Weather
from models.wire import PastCases
from services import past_cases
from ui import words
from ui.panels.older_cases import OlderCases
from ui.ports import Jobs

MOST_TRIES = 3
"""So often the centre is asked while its feed is faster than its answer."""


class AskForOlder(QObject):
    """One for each window."""

    def __init__(self, older: OlderCases, file: OpenFile, jobs: Jobs) -> None:
        super().__init__(older)
        self._older, self._file, self._jobs = older, file, jobs
        self._asking = Asking()
        older.asked.connect(partial(self._ask, tries=1))
        older.destroyed.connect(self._asking.give_up)

    def _ask(self, text: str, tries: int) -> None:
        line, station = self._file.line, self._file.station
        if line is None or line.state != "online":
            self._older.refuse(text, words.REFUSALS["older_cases_need_line"])
            return
        self._asking.ask(
            lambda: station.ask(lambda line: line.past_cases(text)),
            partial(self._hold, text, tries),
            partial(self._failed, text),
        )

    def _hold(self, text: str, tries: int, found: PastCases) -> None:
        unit = self._file.station.unit

        def held(count: int | None) -> None:
            if count is not None:
                self._older.show_found(text, len(found.cases), found.more)
            elif tries < MOST_TRIES:
                self._ask(text, tries + 1)
            else:
                self._older.refuse(text, words.REFUSALS["answer_unreadable"])

        self._jobs.run(lambda work: past_cases.take_in(work, unit, found), held, partial(self._failed, text))

    def _failed(self, text: str, error: Exception) -> None:
        if isinstance(error, Weather):
            self._older.refuse(text, words.REFUSALS["older_cases_need_line"])
        elif isinstance(error, Refused) and error.code == "no_such_call":
            self._older.refuse(text, words.REFUSALS["older_cases_older_centre"])
        else:
            self._older.refuse(text, words_of(error))
