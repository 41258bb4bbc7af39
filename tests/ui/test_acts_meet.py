"""What both clerks see when their acts meet: the table of sync.md §3.6, row by row, in two real windows over a real centre.

The rules of each row are held by tests/models/test_acts_meet.py and its like in `make test`; here are the windows, with a picture
of each (`make meetings` puts them into docs/images/meetings).
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from time import sleep
from typing import TypeVar

import pytest
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from desktop.console import Console
from models import commands as c
from models.attachment import AttachmentKind
from models.case import Case, State
from models.store import outbox
from models.store.case_table import get_case
from models.store.work import Work
from services import attachments, cases
from services.sync.uploads import Uploads
from tests.ui.conftest import TOWN, online, seated, until
from tests.whole.parties import ROOT, Centre
from tests.whole.parties import Console as Workstation
from tests.whole.test_devices import REPORT
from ui.refusals import REFUSALS as SAID

MARKET, SQUAD, STATION = f"{TOWN}-market", f"{TOWN}-squad", f"{TOWN}006"
CLERK_1, CLERK_2, OFFICER = f"{TOWN}-clerk-1", f"{TOWN}-clerk-2", f"{MARKET}-officer-1"
MEMBER_1, MEMBER_2, VICE = (f"{STATION}-{name}" for name in ("member-1", "member-2", "vice"))
PICTURES = os.environ.get("MEETINGS", "")
pytestmark = pytest.mark.landing
Value = TypeVar("Value")


class Meeting:
    """Two windows whose line is cut, and whoever brings the case as far as that first."""

    def __init__(self, row: str, centre: Centre, folder: Path, seats: tuple[tuple[str, str], tuple[str, str]]) -> None:
        self.row, self.centre, self.folder = row, centre, folder
        self.others: dict[tuple[str, str], Workstation] = {}
        self.windows = [seated(folder / str(n), centre, unit, person) for n, (unit, person) in enumerate(seats)]
        for window in self.windows:
            window.start()
            until(lambda it=window: online(it), 30)

    def other(self, unit: str, person: str) -> Workstation:
        """Somebody at another machine, whose acts arrive at once."""
        if (unit, person) not in self.others:
            place = self.folder / f"{unit}-{person}"
            place.mkdir()
            self.others[unit, person] = Workstation(place, self.centre, unit, person)
            self.others[unit, person].settle()
        return self.others[unit, person]

    def does(self, unit: str, person: str, args: c.Args, case_id: str | None = None) -> str:
        """An act of the story so far, seen by everybody."""
        at = self.other(unit, person)
        at.settle()
        made = at.act(args, case_id).case_id
        at.settle()
        return made

    def dispatched(self) -> str:
        """A case that the market supervision has, delivered."""
        case_id = self.does(TOWN, CLERK_1, REPORT)
        for args in (c.File(), c.Dispatch(MARKET)):
            self.does(TOWN, CLERK_1, args, case_id)
        self.other(MARKET, OFFICER).settle()
        return case_id

    def lead(self, case_id: str) -> str:
        """The assignment of the unit that has it."""
        case = self.other(MARKET, OFFICER).case(case_id)
        assert case is not None and case.lead is not None
        return case.lead.id

    def cut(self, *cases_seen: str) -> None:
        """Both have seen the case; then their lines are cut."""
        for window in self.windows:
            for case_id in cases_seen:
                until(lambda w=window, i=case_id: self.case(w, i) is not None, 30)
            sleep(0.5)
            window.work_offline(True)

    def case(self, window: Console, case_id: str) -> Case | None:
        """The case as that window's store has it."""
        return self.ask(window, lambda work: get_case(work.connection, case_id))

    def ask(self, window: Console, job: Callable[[Work], Value]) -> Value:
        """Something of a window's store, through its own thread."""
        found: list[Value] = []
        window.file.jobs.run(job, found.append)
        until(lambda: found, 30)
        return found[0]

    def acts(self, number: int, args: c.Args, case_id: str | None = None) -> str:
        """An act at one of the windows, with the line cut; its case."""
        window = self.windows[number]

        def job(work: Work) -> str:
            made = cases.act(work, window.desk, args, case_id)
            work.commit()
            return made.case_id

        found = self.ask(window, job)
        window.file.sync.tell()
        return found

    def back(self, *numbers: int) -> None:
        """The lines come back, in this order; each is quiet before the next."""
        for number in numbers:
            window = self.windows[number]
            window.work_offline(False)
            until(lambda w=window: online(w) and w.file.line is not None and w.file.line.unsent == 0, 30)
            until(lambda w=window: not self.ask(w, lambda work: outbox.unsettled_ids(work.connection)), 30)
            QTest.qWait(300)

    def sees(self, number: int, page: str, said: str, case_id: str = "") -> str:
        """Turn one of the windows to a page: it says this before long. The picture is taken; all its words."""
        window = self.windows[number].window
        window.show()
        if case_id:
            window.open_case(case_id)
        window.show_page(page)

        def words() -> str:
            return " ".join(label.text() for label in window.findChildren(QLabel) if label.isVisible())

        until(lambda: said in words())
        if PICTURES:
            for _ in range(30):  # the list's own cursor follows a moment later
                QApplication.processEvents()
                sleep(0.01)
            assert window.grab().save(f"{PICTURES}/{self.row}-{number + 1}.png")
        return words()

    def verdict(self, number: int, case_id: str) -> list[tuple[str, str]]:
        """What became of a window's own acts on the case: state and code."""
        window = self.windows[number]
        panel = self.ask(window, lambda work: cases.panel(work, window.desk, case_id))
        assert panel is not None
        return [(state.state, state.code) for state in panel.acts.values()]

    def end(self) -> None:
        for window in self.windows:
            window.end()
            window.window.close()
        for other in self.others.values():
            other.close()


Begin = Callable[..., Meeting]


@pytest.fixture
def begin(application: QApplication, centre: Centre, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Begin]:
    made: list[Meeting] = []

    def meeting(*seats: tuple[str, str]) -> Meeting:
        row = request.node.name.removeprefix("test_").replace("_", "-").translate({91: "-", 93: None})
        made.append(Meeting(row, centre, tmp_path, seats))  # type: ignore[arg-type]
        return made[0]

    yield meeting
    for one in made:
        with suppress(RuntimeError):
            one.end()


TWO_CLERKS = ((TOWN, CLERK_1), (TOWN, CLERK_2))


def filed(m: Meeting) -> str:
    case_id = m.does(TOWN, f"{TOWN}-clerk-3", REPORT)
    m.does(TOWN, f"{TOWN}-clerk-3", c.File(), case_id)
    m.cut(case_id)
    return case_id


def test_01_both_dispatch_to_one_unit(begin: Begin) -> None:
    m = begin(*TWO_CLERKS)
    case_id = filed(m)
    for number in (0, 1):
        m.acts(number, c.Dispatch(MARKET), case_id)
    m.back(0, 1)
    assert m.verdict(0, case_id) == [("accepted", "")]
    assert m.verdict(1, case_id) == [("merged", "already_dispatched")]
    m.sees(0, "cases", "→ 黎阳市场监管所", case_id)
    told = m.sees(1, "tray", SAID["already_dispatched"])
    assert "先办的是:黎阳镇分中心 " in told, "both are named"


def test_02_both_dispatch_to_different_units(begin: Begin) -> None:
    m = begin(*TWO_CLERKS)
    case_id = filed(m)
    m.acts(0, c.Dispatch(MARKET), case_id)
    m.acts(1, c.Dispatch(SQUAD), case_id)
    m.acts(1, c.LogCall(SQUAD, "answered", "已告知"), case_id)
    m.back(0, 1)
    assert m.verdict(1, case_id)[0] == ("rejected", "already_dispatched_to")
    m.sees(0, "cases", "→ 黎阳市场监管所", case_id)
    told = m.sees(1, "tray", "已派给黎阳市场监管所。")
    assert "派发 → 黎阳城管执法中队" in told, "which unit he had chosen himself"
    assert "先办的是:黎阳镇分中心 " in told and "已电话通知过黎阳城管执法中队" in told, "somebody calls it off"


@pytest.mark.parametrize("earlier", [True, False], ids=["earlier", "later"])
def test_03_taken_away_while_somebody_arrives(begin: Begin, earlier: bool) -> None:
    m = begin((TOWN, CLERK_1), (MARKET, f"{MARKET}-officer-2"))
    case_id = m.dispatched()
    lead = m.lead(case_id)
    m.cut(case_id)
    if earlier:
        m.acts(1, c.Arrive(lead, "已到店外"), case_id)
        sleep(1.5)
    m.acts(0, c.Redispatch(SQUAD, "属城管职责"), case_id)
    m.back(0)
    if not earlier:
        sleep(1.5)
        m.acts(1, c.Arrive(lead, "已到店外"), case_id)
    m.back(1)
    QTest.qWait(1_500)
    if earlier:
        assert "case.arrive" in [step.kind for step in m.case(m.windows[0], case_id).history]  # type: ignore[union-attr]
    told = m.sees(0, "cases", "属城管职责", case_id)
    assert ("迟到的陈述,只记录" in told) is earlier
    m.sees(1, "tray", "没有未生效的操作。" if earlier else SAID["not_your_case"])


def to_check(m: Meeting) -> str:
    """A case whose result is in, before the eyes of two desks that are cut off then."""
    case_id = m.dispatched()
    lead = m.lead(case_id)
    for args in (c.Arrive(lead), c.Feedback(lead, "已清理")):
        m.does(MARKET, OFFICER, args, case_id)
    QTest.qWait(1_500)
    m.cut(case_id)
    return case_id


def test_05_the_village_checks_twice(begin: Begin) -> None:
    m = begin((STATION, VICE), (STATION, f"{STATION}-head"))
    case_id = to_check(m)
    m.acts(0, c.CheckOnSite(MEMBER_1, True, "路面干净"), case_id)
    m.acts(1, c.CheckOnSite(MEMBER_2, False, "仍有堆放"), case_id)
    m.back(0, 1)
    assert m.verdict(1, case_id) == [("rejected", "verified_already")]
    m.sees(0, "cases", "路面干净", case_id)
    m.sees(1, "tray", SAID["verified_already"])


def test_06_a_result_after_the_case_is_over(begin: Begin) -> None:
    m = begin((TOWN, CLERK_1), (MARKET, f"{MARKET}-officer-2"))
    case_id = m.dispatched()
    lead = m.lead(case_id)
    m.does(MARKET, OFFICER, c.Arrive(lead), case_id)
    QTest.qWait(1_500)
    m.cut(case_id)
    m.acts(1, c.Feedback(lead, "已清理"), case_id)
    m.does(TOWN, CLERK_2, c.AskVoid("重复立案"), case_id)
    asked = m.other(TOWN, CLERK_2).case(case_id)
    assert asked is not None
    m.does(TOWN, f"{TOWN}-deputy", c.AnswerVoid(asked.requests[-1].id, True), case_id)
    m.back(0, 1)
    QTest.qWait(1_500)
    here = m.case(m.windows[0], case_id)
    assert here is not None and not here.is_open and here.history[-1].kind == "case.feedback"
    m.sees(0, "cases", "迟到的陈述,只记录", case_id)
    m.sees(1, "cases", "此案不在本机:已不在本单位范围内", case_id)


def test_07_one_event_reported_twice(begin: Begin) -> None:
    m = begin(*TWO_CLERKS)
    m.cut()
    first, second = m.acts(0, REPORT), m.acts(1, REPORT)
    m.back(0, 1)
    until(lambda: m.case(m.windows[0], second) is not None, 30)
    m.windows[0].work_offline(True)
    m.acts(0, c.Merge(first), second)
    m.back(0)
    assert m.verdict(0, second)[-1] == ("accepted", "")
    until(lambda: (found := m.case(m.windows[1], second)) is not None and found.state is State.MERGED, 30)
    number = m.case(m.windows[0], first).number  # type: ignore[union-attr]
    m.sees(0, "cases", number, first)
    m.sees(1, "cases", f"→ {number}", second)


def test_08_both_correct_one_fact(begin: Begin) -> None:
    m = begin(*TWO_CLERKS)
    case_id = filed(m)
    m.acts(0, c.Describe(place="龙山路 12 号门口"), case_id)
    m.acts(1, c.Describe(place="龙山路 21 号门口"), case_id)
    m.back(0, 1)
    assert m.verdict(1, case_id) == [("rejected", "field_changed")]
    m.sees(0, "cases", "龙山路 12 号门口", case_id)
    assert "龙山路 21 号门口" in m.sees(1, "tray", "龙山路 12 号门口"), "side by side"


def test_09_somebody_was_disabled_meanwhile(begin: Begin) -> None:
    m = begin(*TWO_CLERKS)
    case_id = filed(m)
    m.acts(1, c.Note("停用前所写"), case_id)
    sleep(1.5)
    command = [sys.executable, "-m", "district", "person", "disable", CLERK_2, "--database", m.centre.database_url]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    sleep(1.5)
    m.acts(1, c.Note("停用后所写"), case_id)
    m.back(0, 1)
    assert m.verdict(1, case_id) == [("accepted", ""), ("rejected", "actor_disabled")]
    assert "停用后所写" not in m.sees(0, "cases", "停用前所写", case_id)
    m.sees(1, "tray", SAID["actor_disabled"])


def test_10_numbers_given_with_the_line_cut(begin: Begin) -> None:
    m = begin(*TWO_CLERKS)
    m.cut()
    made = [m.acts(number, REPORT) for number in (0, 1)]
    numbers = [m.case(m.windows[n], case_id).number for n, case_id in enumerate(made)]  # type: ignore[union-attr]
    m.back(0, 1)
    assert len(set(numbers)) == 2
    assert [m.case(m.windows[n], i).number for n, i in enumerate(made)] == numbers  # type: ignore[union-attr]
    for number in (0, 1):
        m.sees(number, "cases", numbers[number], made[number])


def test_11_a_photograph_that_has_not_arrived(begin: Begin, monkeypatch: pytest.MonkeyPatch) -> None:
    m = begin((TOWN, CLERK_1), (MARKET, f"{MARKET}-officer-2"))
    case_id = m.dispatched()
    m.cut(case_id)
    monkeypatch.setattr(Uploads, "step", lambda *_: False)
    photo = m.folder / "photo.jpg"
    image = QImage(640, 480, QImage.Format.Format_RGB32)
    image.fill(0x6B8E9B)
    assert image.save(str(photo))
    window = m.windows[1]
    found = attachments.prepare(window.file.station.blobs, photo, 1 << 20)

    def add(work: Work) -> None:
        attachments.attach(work, window.desk, case_id, found, AttachmentKind.BEFORE)
        work.commit()

    m.ask(window, add)
    m.back(0, 1)
    QTest.qWait(1_500)
    for number in (0, 1):
        m.windows[number].window.resize(1366, 960)  # the files are below what is left
        m.sees(number, "cases", "附件 1 个", case_id)
        here = m.case(m.windows[number], case_id)
        assert here is not None and [a.arrived_at for a in here.attachments] == [None], "awaited"
