"""导出证据 over the console's window: asked of the centre beside the screen's thread, checked, drawn, signed, written (R78)."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from desktop.asking import Asking
from desktop.asking_centre import AskingCentre
from desktop.let_go import goes_when_put_away
from desktop.open_file import OpenFile
from desktop.sign_in_again import SignedIn, sign_in_again
from desktop.worded import words_of
from models.evidence_file import Evidence
from models.files import FOR_ITS_OWNER, write_whole
from models.timeline import Timeline
from services import evidence
from services.enrolment import credentials
from services.evidence import Wanted
from ui.dialogs.evidence import EvidenceDialog
from ui.dialogs.fitted import is_open
from ui.main_window import MainWindow
from ui.papers.timeline import timeline_pdf
from ui.ports import Jobs, Seat

UNSETTLED = ("saved", "sent")


class ExportEvidence(QObject):
    """One such dialog about one case. `signed_in` is told when somebody has signed in again on the way."""

    def __init__(
        self, file: OpenFile, jobs: Jobs, seat: Seat, window: MainWindow, case_id: str, signed_in: SignedIn
    ) -> None:
        super().__init__(window)
        self._file = file
        self._jobs = jobs
        self._seat = seat
        self._case_id = case_id
        self._signed_in = signed_in
        self._target = ""
        panel = window.panel.panel
        unsent = sum(act.state in UNSETTLED for act in panel.acts.values()) if panel is not None else 0
        self.dialog = EvidenceDialog(panel.case.number if panel is not None else "", unsent, window)
        self.dialog.chosen.connect(self._begin)
        self.dialog.sign_in_asked.connect(self._sign_in)
        self._centre = AskingCentre(file, seat, self.dialog.refuse, "evidence_needs_line", "evidence_sign_in")
        self._writing = Asking()
        goes_when_put_away(self.dialog, self, self._centre, self._writing)

    def open(self) -> None:
        """Show it; nothing is asked before a file is chosen."""
        self.dialog.open()

    def _begin(self, target: str) -> None:
        self._target, case_id = target, self._case_id
        self.dialog.wait()
        self._jobs.run(lambda work: evidence.wanted(work, case_id), self._ask, self._centre.failed)

    def _ask(self, asked: Wanted) -> None:
        if not is_open(self.dialog):
            return  # put away meanwhile: nothing is asked, nothing is on record

        def fetched(found: Evidence) -> None:
            desk = self._seat.desk
            self._jobs.run(
                lambda work: evidence.timeline(work, desk, found),
                lambda paper: self._write(asked, found, paper),
                self._centre.failed,
            )

        self._centre.ask(lambda line, session: evidence.fetch(line, asked, session), fetched)

    def _write(self, asked: Wanted, found: Evidence, paper: Timeline) -> None:
        if not is_open(self.dialog):
            return
        desk, station, target = self._seat.desk, self._file.station, self._target
        pdf = timeline_pdf(paper)

        def write() -> None:
            key = credentials(station.secrets, station.device, station.identity.public_key).key
            raw = evidence.packed(found, asked, desk, paper.printed_at, pdf, key)
            write_whole(Path(target), raw, FOR_ITS_OWNER)

        self._writing.ask(write, lambda _none: self.dialog.show_done(found, target), self._not_written)

    def _not_written(self, error: Exception) -> None:
        if isinstance(error, OSError):
            self.dialog.cannot_write(self._target)
        else:
            self.dialog.refuse(words_of(error))

    def _sign_in(self) -> None:
        def go_on() -> None:
            self._begin(self._target)

        sign_in_again(self._file, self._seat, self.dialog, self._signed_in, go_on, self.dialog.reject)
