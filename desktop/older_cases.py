"""Cases that ended long ago, over the line: asked of the centre beside the screen's thread, held in the store for a week."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject

from desktop.asking_centre import AskingCentre
from desktop.open_file import OpenFile
from models.errors import Weather
from models.wire import PastCases
from services import past_cases
from ui import words
from ui.panels.older_cases import OlderCases
from ui.ports import Jobs, Seat

MOST_TRIES = 3
"""So often the centre is asked while its feed is faster than its answer."""


class AskForOlder(QObject):
    """One for each window."""

    def __init__(self, older: OlderCases, file: OpenFile, jobs: Jobs, seat: Seat) -> None:
        super().__init__(older)
        self._older, self._jobs, self._unit = older, jobs, file.station.unit
        self._centre = AskingCentre(file, seat, older.refuse, "older_cases_need_line")
        older.asked.connect(partial(self._ask, tries=1))
        older.destroyed.connect(self._centre.give_up)

    def _ask(self, text: str, tries: int) -> None:
        self._centre.ask(lambda line, _session: past_cases.find(line, text), partial(self._hold, text, tries))

    def _hold(self, text: str, tries: int, found: PastCases) -> None:
        if not self._centre.has_line():
            self._centre.failed(Weather("line_down"))
            return

        def held(count: int | None) -> None:
            if count is not None:
                self._older.show_found(text, len(found.cases), found.more)
            elif tries < MOST_TRIES:
                self._ask(text, tries + 1)
            else:
                self._older.refuse(words.REFUSALS["older_cases_came_late"])

        self._jobs.run(lambda work: past_cases.take_in(work, self._unit, found), held, self._centre.failed)
