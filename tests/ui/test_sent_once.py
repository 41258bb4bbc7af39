"""What was sent is no draft any more, what was not is one, and nothing is sent twice: whatever happens while the store is busy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from desktop.console import Console
from models import commands as c
from models.errors import Refused, Weather
from models.store import outbox
from models.store import settings as stored_values
from models.store.work import Work
from services import cases, drafts, settings
from services.session import Entered
from services.settings import Settings
from tests.store.make_sample import CLERK, STALLS, STATION, TOWN
from tests.ui.alone import SECOND, Held, alone, begun, store_is_busy, stored
from tests.ui.conftest import until
from tests.ui.test_changing import opened, sign_in
from ui.dialogs.report import ReportDialog
from ui.main_window import MainWindow

DECLINE = "case.decline"


@pytest.fixture
def console(application: QApplication, tmp_path: Path) -> Iterator[Console]:
    with begun(alone(tmp_path / "console")) as made:
        yield made


def filled_report(console: Console, title: str = "Broken lamp") -> ReportDialog:
    console.window.reporting.begin()
    dialog = opened(ReportDialog)
    QTest.keyClicks(dialog.title, title)
    QTest.keyClicks(dialog.place, "Crossing")
    dialog.category.setCurrentIndex(dialog.category.findData(STALLS))
    dialog.station.setCurrentIndex(dialog.station.findData(STATION))
    return dialog


def reports(console: Console) -> int:
    def count(work: Work) -> int:
        kept = outbox.pending(work.connection)
        return sum('"case.report"' in sealed.body for sealed in kept)

    return int(stored(console.file, count))


def draft(console: Console, person: str, name: str) -> drafts.Values:
    found: drafts.Values = stored(console.file, lambda work: drafts.read(work, person, name))
    return found


def unfinished(console: Console) -> list[str]:
    """The titles of the reports this clerk has not finished."""

    def job(work: Work) -> list[str]:
        kept = stored_values.beginning_with(work.connection, "draft:report")
        return [drafts.read(work, of, name.removeprefix("draft:"))["title"] for of, name in kept if of == CLERK]

    return sorted(stored(console.file, job))


def case_in_sight(console: Console, title: str = "占道") -> str:
    desk = console.desk

    def job(work: Work) -> str:
        acted = cases.report(work, desk, c.Report("", "grid", STALLS, title, "路口", TOWN, STATION), {})
        work.commit()
        return acted.case_id

    case_id = str(stored(console.file, job))
    in_sight(console, case_id)
    return case_id


def in_sight(console: Console, case_id: str) -> None:
    panel = console.window.panel
    console.window.open_case(case_id)
    until(lambda: panel.panel is not None and panel.panel.case.id == case_id and DECLINE in panel.panel.allowed)


def reason_typed(console: Console, text: str, code: str = DECLINE) -> None:
    panel = console.window.panel
    panel.begin(code)
    stored(console.file, lambda _work: None)
    assert panel.form is not None
    QTest.keyClicks(panel.form._inputs["reason"], text)


# Reports


def test_a_report_sent_twice_while_the_store_is_busy_is_one_case(console: Console) -> None:
    dialog = filled_report(console)
    held = Held(console.file)
    for _ in range(2):
        QTest.keyClick(dialog, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    held.let_go()
    until(lambda: not isValid(dialog))
    assert reports(console) == 1


def test_a_window_that_goes_before_the_answer_leaves_no_draft_of_what_was_reported(console: Console) -> None:
    dialog = filled_report(console)
    held = Held(console.file)
    dialog.submit()
    console._renew_window(True)
    held.let_go()
    assert reports(console) == 1
    assert draft(console, CLERK, drafts.NEW_REPORT) == {}, "it would be offered as not reported, and be reported again"


def test_a_report_refused_after_its_window_was_put_away_is_told_and_kept(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(*_args: object) -> None:
        raise Refused("act_too_long", most=64)

    monkeypatch.setattr(cases, "report", refused)
    dialog = filled_report(console)
    held = Held(console.file)
    dialog.submit()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    held.let_go()
    until(lambda: "新上报没有保存" in console.window.banner.text.full)
    assert draft(console, CLERK, drafts.NEW_REPORT)["title"] == "Broken lamp"
    until(lambda: not isValid(dialog))


def too_long(console: Console, title: str) -> ReportDialog:
    dialog = filled_report(console, title)
    dialog.words.setPlainText("很" * 50_000)
    return dialog


def sent_and_put_away(dialog: ReportDialog) -> None:
    dialog.submit()
    QTest.keyClick(dialog, Qt.Key.Key_Escape)


@pytest.mark.parametrize("answered", ["before the second", "after the second"])
@pytest.mark.parametrize(
    "second,kept", [("put away", ["First", "Second"]), ("refused", ["First", "Second"]), ("saved", ["First"])]
)
def test_of_two_reports_under_way_neither_takes_the_others_place(
    console: Console, answered: str, second: str, kept: list[str]
) -> None:
    held = Held(console.file)
    sent_and_put_away(too_long(console, "First"))
    dialog = too_long(console, "Second") if second == "refused" else filled_report(console, "Second")
    if answered == "before the second":
        held.let_go()
        until(lambda: console.window.banner.notices)
        assert dialog.title.text() == "Second"
    if second == "put away":
        QTest.keyClick(dialog, Qt.Key.Key_Escape)
    else:
        sent_and_put_away(dialog)
    held.let_go()
    assert unfinished(console) == kept
    assert sum("没有保存" in told for told in console.window.banner.notices) == 1 + (second == "refused")
    assert reports(console) == (second == "saved")


def test_one_after_the_other_they_come_back_and_are_sent_once(console: Console) -> None:
    held = Held(console.file)
    for title in ("First", "Second"):
        sent_and_put_away(too_long(console, title))
    held.let_go()
    assert unfinished(console) == ["First", "Second"]
    for left in (["Second"], []):
        console.window.reporting.begin()
        dialog = opened(ReportDialog)
        until(lambda dialog=dialog: dialog.title.text())  # type: ignore[misc]
        dialog.submit()
        until(lambda dialog=dialog: "文字太多" in dialog.problem.text())  # type: ignore[misc]
        dialog.words.clear()
        dialog.submit()
        until(lambda dialog=dialog: not isValid(dialog))  # type: ignore[misc]
        assert unfinished(console) == left
    assert reports(console) == 2


def test_a_draft_the_store_could_not_take_with_its_refusal_is_kept_as_soon_as_it_can(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Busy for the report, it was busy for the draft of it as well."""
    kept, tries = drafts.keep, []

    def busy(*args: Any) -> None:
        tries.append(args)
        if len(tries) == 1:
            raise Weather("store_busy")
        kept(*args)

    monkeypatch.setattr(drafts, "keep", busy)
    held = Held(console.file)
    sent_and_put_away(too_long(console, "First"))
    held.let_go()
    until(lambda: len(tries) == 2)
    assert unfinished(console) == ["First"]


class BusyOnce:
    """The store takes neither the first report nor its draft; what is asked after that it takes."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.tries: list[str] = []
        for module, name in ((cases, "report"), (drafts, "keep")):
            monkeypatch.setattr(module, name, self._busy_once(name, getattr(module, name)))

    def _busy_once(self, name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def tried(*args: Any) -> Any:
            self.tries.append(name)
            if self.tries.count(name) == 1:
                raise Weather("store_busy")
            return real(*args)

        return tried


def come_back(console: Console) -> ReportDialog:
    """A report that was not finished, opened again and changed."""
    QTest.keyClick(filled_report(console, "First"), Qt.Key.Key_Escape)
    assert unfinished(console) == ["First"]
    console.window.reporting.begin()
    dialog = opened(ReportDialog)
    until(lambda: dialog.title.text() == "First")
    QTest.keyClicks(dialog.title, "!")
    return dialog


def turn_away(console: Console, dialog: ReportDialog, renewed: bool) -> None:
    """The dialog is put away, or its window renewed."""
    if renewed:
        console._renew_window(True)
    else:
        QTest.keyClick(dialog, Qt.Key.Key_Escape)


def test_a_draft_that_was_changed_while_the_store_took_nothing_goes_with_its_report(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As it had stood before it was offered as not reported, and was reported again."""
    dialog = come_back(console)
    BusyOnce(monkeypatch)
    dialog.submit()
    until(lambda: dialog.problem.text())
    dialog.submit()
    until(lambda: not isValid(dialog))
    assert reports(console) == 1 and unfinished(console) == []


@pytest.mark.parametrize("renewed", [False, True])
def test_nor_are_there_two_drafts_of_it_or_none(
    console: Console, monkeypatch: pytest.MonkeyPatch, renewed: bool
) -> None:
    dialog = come_back(console)
    busy = BusyOnce(monkeypatch)
    held = Held(console.file)
    dialog.submit()
    turn_away(console, dialog, renewed)
    held.let_go()
    until(lambda: busy.tries.count("keep") == 2)
    assert unfinished(console) == ["First!"]


# Forms of a case


def test_what_was_done_before_somebody_moved_on_is_no_draft(console: Console) -> None:
    other, case_id = case_in_sight(console, "另一件"), case_in_sight(console)
    reason_typed(console, "Not ours")
    held = Held(console.file)
    panel = console.window.panel
    assert panel.form is not None
    panel.form.submit()
    console.window.open_case(other)
    held.let_go()
    until(lambda: panel.panel is not None and panel.panel.case.id == other)
    assert draft(console, CLERK, drafts.form_of(case_id, DECLINE)) == {}
    assert "Ctrl+Z" not in panel.said.text(), "it would be about the case in sight"


def test_a_form_sent_twice_while_the_store_is_busy_is_one_act(console: Console) -> None:
    case_id = case_in_sight(console)
    reason_typed(console, "Seen at noon", "case.note")
    held = Held(console.file)
    panel = console.window.panel
    assert panel.form is not None
    panel.form.submit()
    panel.form.submit()
    held.let_go()
    until(lambda: panel.form is None)
    acts = stored(console.file, lambda work: [row.kind for row in outbox.states_of_case(work.connection, case_id)])
    assert acts.count("case.note") == 1


def test_another_act_begun_by_its_key_keeps_what_was_typed_for_the_first(console: Console) -> None:
    case_id = case_in_sight(console)
    reason_typed(console, "Not ours because")
    console.window.panel.begin("case.note")
    assert draft(console, CLERK, drafts.form_of(case_id, DECLINE)) == {"reason": "Not ours because"}


def test_a_store_that_is_busy_is_not_told_as_a_fault_of_the_program(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_in_sight(console)
    monkeypatch.setattr(cases, "act", store_is_busy)
    reason_typed(console, "Seen at noon", "case.note")
    panel = console.window.panel
    assert panel.form is not None
    panel.form.submit()
    until(lambda: panel.form is not None and "稍后重做" in panel.form.problem.text())


# Somebody else sits down


def test_what_another_did_is_not_offered_to_be_taken_back(console: Console) -> None:
    """He would take back his own last act on that case."""
    case_in_sight(console)
    reason_typed(console, "Seen at noon", "case.note")
    held, panel = Held(console.file), console.window.panel
    assert panel.form is not None
    panel.form.submit()
    console._sat_down(console.file, Entered(SECOND, "", True))
    held.let_go()
    until(lambda: "已存本机" in panel.said.text())
    assert console.window.panel is panel and "Ctrl+Z" not in panel.said.text()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_one_person_typed_is_never_anothers(console: Console, theme: str) -> None:
    """With settings of his own the next person gets a window of his own, with the same ones the same window."""
    case_id = case_in_sight(console)
    name = drafts.form_of(case_id, DECLINE)

    def before(work: Work) -> None:
        drafts.keep(work, SECOND, name, {"reason": "Mine"})
        settings.keep(work, SECOND, Settings(theme=theme))
        settings.keep(work, CLERK, Settings())

    stored(console.file, before)
    reason_typed(console, "Not ours because")
    console.change_user()
    sign_in(SECOND)
    until(lambda: console.desk.person == SECOND)
    assert draft(console, SECOND, name) == {"reason": "Mine"}
    assert draft(console, CLERK, name) == {"reason": "Not ours because"}
    window: MainWindow = console.window
    assert window.panel.form is None, "half filled in by somebody who has gone"
    console.change_user()
    sign_in(CLERK)
    until(lambda: console.desk.person == CLERK)
