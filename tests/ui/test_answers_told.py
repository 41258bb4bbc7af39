"""What came of something is told: in whichever window stands here by then, to whoever asked, and whatever else was asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from shiboken6 import isValid

from desktop import check_itself
from desktop.attachments_desk import AttachmentsDesk
from desktop.console import Console
from desktop.devices_desk import DevicesDesk
from models.attachment import AttachmentKind
from models.errors import Refused, Weather
from models.organisation import DISTRICT_CODE
from models.quarantine import ReviewBody
from models.recovery import EndBody, Recovered
from models.rules import Rules
from models.workstations import CodeBody, CodeMade, Workstation, Workstations
from services import attachments
from services.desk import Desk
from services.self_check import Subject
from tests.store.make_sample import TOWN
from tests.ui.alone import alone, begun
from tests.ui.conftest import until
from tests.ui.guard import Guard
from tests.ui.test_changing import opened
from tests.ui.test_sent_once import case_in_sight, in_sight
from ui.dialogs.self_check import SelfCheckDialog
from ui.panels.devices_page import DevicesPage

OPERATOR, INTAKE = f"{DISTRICT_CODE}-operator-1", f"{DISTRICT_CODE}-intake-1"


@pytest.fixture
def console(application: QApplication, tmp_path: Path) -> Iterator[Console]:
    with begun(alone(tmp_path / "console")) as made:
        yield made


# Files


class SlowDisk:
    """Refuses a file, as soon as it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.go = threading.Event()
        monkeypatch.setattr(attachments, "prepare", self._prepare)

    def _prepare(self, *_args: object) -> None:
        self.go.wait(20)
        raise Refused("attachment_too_large", most=20)


def adding(console: Console, case_id: str, file: Path) -> None:
    desk = console.window.findChild(AttachmentsDesk)
    assert isinstance(desk, AttachmentsDesk)
    desk._copy(case_id, [file], AttachmentKind.BEFORE, "")


def test_a_file_that_was_not_added_is_told_in_the_next_window(
    console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = SlowDisk(monkeypatch)
    adding(console, case_in_sight(console), tmp_path / "x.jpg")
    before = console.window
    console._renew_window(True)
    until(lambda: not isValid(before))
    disk.go.set()
    until(lambda: "没有添加" in console.window.banner.text.full)


def test_nor_is_it_said_in_the_window_that_is_just_going(
    console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = SlowDisk(monkeypatch)
    adding(console, case_in_sight(console), tmp_path / "x.jpg")
    disk.go.set()
    for thread in threading.enumerate():
        if thread.name == "asking":
            thread.join()  # its answer waits for the screen
    console._renew_window(True)
    until(lambda: "没有添加" in console.window.banner.text.full)


def test_a_file_that_was_not_added_is_not_told_of_another_case(
    console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, case_id = case_in_sight(console, "另一件"), case_in_sight(console)
    disk = SlowDisk(monkeypatch)
    adding(console, case_id, tmp_path / "x.jpg")
    in_sight(console, other)
    disk.go.set()
    until(lambda: "没有添加" in console.window.banner.text.full)
    assert "没有添加" not in console.window.panel.said.text()


# Workstations


class Operators:
    """The district's desk, with a centre that answers each question when the test says so."""

    def __init__(self, rules: Rules) -> None:
        self.desk = Desk(OPERATOR, DISTRICT_CODE, "D-1", "A", "session")
        self.page = DevicesPage(rules)
        self.rules = rules
        self.acts = threading.Event()
        self.held: dict[str, threading.Event] = {
            "new_code": threading.Event(),
            "workstations": threading.Event(),
            "acts": self.acts,
        }
        self.asked: list[str] = []
        self.refuses: Exception = Refused("not_revoked")
        self.told: list[str] = []
        self.line = self
        self.station = self
        self.present = self
        self.state = "online"
        self.shown_at = 0
        DevicesDesk(self.page, self, self, lambda _file, _who: None, self.told.append)  # type: ignore[arg-type]

    def now(self) -> Operators:
        return self

    def ask(self, call: Callable[[Any], Any]) -> Any:
        return call(self)

    def _new_code(self, wanted: CodeBody) -> CodeMade:
        self.asked.append("new_code")
        self.held["new_code"].wait(20)
        return CodeMade(code="7K3M", unit=wanted.unit, expires_at=0, fingerprint="", now_ms=0)

    def _workstations(self) -> Workstations:
        self.asked.append("workstations")
        self.held["workstations"].wait(20)
        return Workstations(devices=[], now_ms=0, epoch=1)

    def _refuse(self, *_asked: object) -> None:
        self.acts.wait(20)
        raise self.refuses

    def for_operator(self, method: str, path: str, _kind: object, _session: str, body: Any = None) -> Any:
        if path == "/v1/enrolment-codes":
            return self._new_code(body)
        if path == "/v1/devices":
            return self._workstations()
        if method == "POST":
            self._refuse()
        assert path == "/v1/recovery"
        return Recovered(2, None, [], 0, 0, 0, 0, [], 0)

    def answers(self) -> None:
        for held in self.held.values():
            held.set()
        until(lambda: not any(thread.name == "asking" for thread in threading.enumerate()))
        for _ in range(20):
            QApplication.processEvents()


@pytest.fixture
def operators(application: QApplication, rules: Rules) -> Operators:
    return Operators(rules)


def test_a_code_is_shown_although_the_list_was_read_again_meanwhile(operators: Operators) -> None:
    """It was made, was shown to nobody, and let whoever guessed it in for an hour; the operator made another."""
    operators.page.code_asked.emit(CodeBody(TOWN))
    operators.page.refresh()
    operators.answers()
    assert operators.page.code_text.text() == "7K3M"


def test_a_code_asked_for_twice_is_made_once(operators: Operators) -> None:
    for _ in range(2):
        operators.page.code_asked.emit(CodeBody(TOWN))
    operators.answers()
    assert operators.asked.count("new_code") == 1


def test_a_code_is_not_shown_to_whoever_sits_there_by_then(operators: Operators) -> None:
    operators.page.code_asked.emit(CodeBody(TOWN))
    operators.desk = Desk(INTAKE, DISTRICT_CODE, "D-1", "A", "session")
    operators.answers()
    assert operators.page.code_text.text() == ""


ACTS = {
    "revoke": lambda page: page.revoked.emit("D-9", "Lost"),
    "review": lambda page: page.apart.decided.emit(ReviewBody("D-9", ["a", "b"], True, "Checked")),
    "end": lambda page: page.recovery.ended.emit(EndBody("Scrapped")),
}
NAMES = {"revoke": "停用 黎阳镇分中心 A", "review": "准予启封 2 项", "end": "不再等待尚未补报的工作机"}


def acted(operators: Operators, act: str) -> None:
    row = Workstation("D-9", TOWN, "A", "", 0, "", True, 0, None, None, "", "", 0)
    operators.page.show_list(Workstations(devices=[row], now_ms=0, epoch=1))
    ACTS[act](operators.page)


@pytest.mark.parametrize("act", list(ACTS))
@pytest.mark.parametrize("left", ["the page is left", "its window has gone"])
def test_what_the_centre_would_not_do_is_told_where_the_operator_is_by_then(
    operators: Operators, act: str, left: str
) -> None:
    acted(operators, act)
    if left == "its window has gone":
        operators.page.deleteLater()
        until(lambda: not isValid(operators.page))
    operators.answers()
    assert operators.told == [f"{NAMES[act]}没有办成:这台工作机没有停用。"]


def test_what_the_centre_may_have_done_is_told_as_that(operators: Operators) -> None:
    operators.refuses = Weather("line_silent")
    acted(operators, "revoke")
    operators.answers()
    assert operators.told == [f"{NAMES['revoke']}:没有收到区中心的答复,可能已经办成,请刷新核对。"]


def test_another_operator_is_told_whose_it_was(operators: Operators) -> None:
    acted(operators, "revoke")
    operators.desk = Desk(INTAKE, DISTRICT_CODE, "D-1", "A", "session")
    operators.answers()
    assert operators.told == [f"{operators.rules.people[OPERATOR].name}:{NAMES['revoke']}没有办成:这台工作机没有停用。"]


def test_on_the_page_in_sight_it_is_said_once(operators: Operators) -> None:
    operators.page.show()
    acted(operators, "revoke")
    operators.answers()
    assert operators.told == [] and operators.page.problem.text() == "这台工作机没有停用。"
    operators.page.close()


def test_but_not_where_another_sight_of_it_stands_before_it(operators: Operators) -> None:
    operators.page.show()
    acted(operators, "revoke")
    operators.page.restored.show()
    operators.page.open_recovery()
    operators.answers()
    assert len(operators.told) == 1
    operators.page.close()


# The self-check


def test_a_disk_that_cannot_be_asked_is_a_finding_and_not_the_end_of_the_check(
    console: Console, monkeypatch: pytest.MonkeyPatch, guard: Guard
) -> None:
    guard.expect("self-check: the self-check of disk failed: OSError")

    def broken(_folder: Path) -> int:
        raise OSError("it is not there any more")

    monkeypatch.setattr(check_itself, "free_bytes", broken)
    console.check_itself()
    dialog = opened(SelfCheckDialog)
    until(lambda: len(dialog.report()) == len(Subject), 30)
    assert dialog._found[Subject.DISK].code == "check_failed"
    dialog.reject()
