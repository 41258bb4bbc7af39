"""新上报 over a window: the dialog, its draft, and what becomes of what was typed."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from models.commands import Report
from models.rules import Rules
from services import cases, drafts
from services.cases import Acted
from services.work import Work
from ui import words
from ui.dialogs.report import ReportDialog
from ui.language import tr
from ui.ports import Acts, Seat


class Reporting(QObject):
    """One dialog at a time, open until it is saved or put away. Emits `saved(case_id)`; then `to_open(case_id)` where its dialog was
    waited at, else `told(number)`: whoever put it away is elsewhere by now. `not_saved(told)` when nobody looks at the dialog
    any more that could say so. Those that were put away unanswered are each a draft of its own."""

    saved = Signal(str)
    to_open = Signal(str)
    told = Signal(str)
    not_saved = Signal(str)

    def __init__(self, over: QWidget, jobs: Acts, seat: Seat, rules: Rules) -> None:
        super().__init__(over)
        self._over, self._jobs, self._seat, self._rules = over, jobs, seat, rules
        self.dialog: ReportDialog | None = None

    def begin(self) -> None:
        """A new report, with what the person left unfinished; the one that is open comes to the front."""
        if self.dialog is not None:
            self.dialog.activateWindow()
            return
        desk = self._seat.desk
        self.dialog = dialog = ReportDialog(self._rules, desk.unit)
        dialog.setParent(self._over, Qt.WindowType.Dialog)
        dialog.entered.connect(lambda report, requester: self._report(dialog, report, requester))
        dialog.finished.connect(lambda _result: self._put_away(dialog, desk.person))

        def restore(draft: drafts.Values) -> None:
            if isValid(dialog):
                dialog.restore(draft)

        self._jobs.run(lambda work: drafts.unfinished_report(work, desk.person), restore)
        dialog.open()

    def put_away(self) -> None:
        """Close it; what is typed is kept for the person who sits here."""
        if self.dialog is not None:
            self.dialog.close()

    def _put_away(self, dialog: ReportDialog, person: str) -> None:
        if self.dialog is dialog:
            self.dialog = None
        if not dialog.is_handed_over:
            typed = _typed(dialog, person)
            if typed.values or typed.before:
                self._keep(typed)
            dialog.deleteLater()

    def _report(self, dialog: ReportDialog, report: Report, requester: dict[str, str]) -> None:
        desk = self._seat.desk
        typed = _typed(dialog, desk.person)
        may_be_kept = (*dialog.kept, typed.values)

        def job(work: Work) -> Acted:
            with drafts.handing_over(work, typed):
                return cases.report(work, desk, report, requester)

        def done(acted: Acted) -> None:
            is_waited_for = dialog.isVisible()
            dialog.accept()
            dialog.deleteLater()
            self.saved.emit(acted.case_id)
            if is_waited_for:
                self.to_open.emit(acted.case_id)
            else:
                self.told.emit(acted.number)

        # Kept once more where nobody looks: a store that did not take the report may not have taken its draft.
        def failed(error: Exception) -> None:
            dialog.refuse(words.trouble(error, {}))
            dialog.kept = may_be_kept
            if not dialog.isVisible():
                self._put_away(dialog, desk.person)
                told = _not_saved(error)
                self.not_saved.emit(words.by_whom(desk.person, self._seat.desk.person, self._rules, told))

        def late(error: Exception) -> str:
            self._keep(typed._replace(before=may_be_kept))
            return _not_saved(error)

        self._jobs.act(job, done, failed, late)

    def _keep(self, typed: drafts.Draft) -> None:
        self._jobs.act(lambda work: drafts.keep(work, *typed), lambda _none: None, None, words.not_kept)


def _typed(dialog: ReportDialog, person: str) -> drafts.Draft:
    return drafts.Draft(person, drafts.NEW_REPORT, dialog.draft(), dialog.kept)


def _not_saved(error: Exception) -> str:
    return tr("新上报没有保存:{0} 填写的内容还在,请按 Ctrl+N。").format(words.trouble(error, {}))
