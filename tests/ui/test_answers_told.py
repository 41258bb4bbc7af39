"""What came of something is told: in whichever window stands here by then, to whoever asked, and whatever else was asked."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication

from desktop.devices_desk import DevicesDesk
from models.organisation import DISTRICT_CODE
from models.rules import Rules
from models.workstations import CodeBody, CodeMade, Workstations
from services.desk import Desk
from tests.store.make_sample import TOWN
from tests.ui.conftest import until
from ui.panels.devices_page import DevicesPage

OPERATOR, INTAKE = f"{DISTRICT_CODE}-operator-1", f"{DISTRICT_CODE}-intake-1"


# Workstations


class Operators:
    """The district's desk, with a centre that answers each question when the test says so."""

    def __init__(self, rules: Rules) -> None:
        self.desk = Desk(OPERATOR, DISTRICT_CODE, "D-1", "A", "session")
        self.page = DevicesPage(rules)
        self.held: dict[str, threading.Event] = {"new_code": threading.Event(), "workstations": threading.Event()}
        self.asked: list[str] = []
        self.line = self
        self.station = self
        self.present = self
        self.state = "online"
        self.shown_at = 0
        DevicesDesk(self.page, self, self, lambda _file, _who: None)  # type: ignore[arg-type]

    def now(self) -> Operators:
        return self

    def ask(self, call: Callable[[Any], Any]) -> Any:
        return call(self)

    def new_code(self, wanted: CodeBody, _session: str) -> CodeMade:
        self.asked.append("new_code")
        self.held["new_code"].wait(20)
        return CodeMade(code="7K3M", unit=wanted.unit, expires_at=0, fingerprint="", now_ms=0)

    def workstations(self, _session: str) -> Workstations:
        self.asked.append("workstations")
        self.held["workstations"].wait(20)
        return Workstations(devices=[], now_ms=0, epoch=1)

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
