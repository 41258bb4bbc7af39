"""查看诉求人 over the console's window: from this store while the record waits for the line, else from the centre (D2)."""

from __future__ import annotations

from PySide6.QtCore import QObject

from desktop.asking_centre import AskingCentre
from desktop.let_go import goes_when_put_away
from desktop.open_file import OpenFile
from desktop.sign_in_again import SignedIn, sign_in_again
from services import requester
from services.requester import Requester, Sought
from ui.dialogs.fitted import is_open
from ui.dialogs.requester import RequesterDialog
from ui.main_window import MainWindow
from ui.papers.wording import written_instant
from ui.ports import Jobs, Seat


class ShowRequester(QObject):
    """One such dialog about one case. `signed_in` is told when somebody has signed in again on the way."""

    def __init__(
        self, file: OpenFile, jobs: Jobs, seat: Seat, window: MainWindow, case_id: str, signed_in: SignedIn
    ) -> None:
        super().__init__(window)
        self._signed_in = signed_in
        self._file = file
        self._jobs = jobs
        self._seat = seat
        self._case_id = case_id
        panel = window.panel.panel
        self.dialog = RequesterDialog(panel.case.number if panel is not None else "", window)
        self.dialog.asked.connect(self._seek)
        self.dialog.sign_in_asked.connect(self._sign_in)
        self._centre = AskingCentre(file, seat, self.dialog.refuse, "requester_needs_line", "sign_in_online")
        goes_when_put_away(self.dialog, self, self._centre)

    def open(self) -> None:
        """Show it; nothing is read before the person says so."""
        self.dialog.open()

    def _seek(self) -> None:
        desk, case_id = self._seat.desk, self._case_id
        self._jobs.run(lambda work: requester.seek(work, desk, case_id), self._read, self._centre.failed)

    def _read(self, sought: Sought) -> None:
        if not is_open(self.dialog):
            return  # put away meanwhile: nothing is read, and nobody is on record for it
        if sought.here is not None:
            self._show(sought.here)
        else:
            self._centre.ask(lambda line, session: requester.read(line, sought, session), self._show)

    def _show(self, found: Requester) -> None:
        person = self._seat.desk.person
        known = self._file.rules.people.get(person)
        name = known.name if known is not None else person
        self.dialog.show_requester(found, f"{name}　{written_instant(self._file.present.now().shown_at)}")

    def _sign_in(self) -> None:
        def go_on() -> None:
            self.dialog.wait()
            self._seek()

        sign_in_again(self._file, self._seat, self.dialog, self._signed_in, go_on, self.dialog.reject)
