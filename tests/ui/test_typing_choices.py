"""A long choice in a form, by the keyboard alone: what is typed takes the place of what stood there, and Enter means it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox

from models import commands as c
from tests.ui.conftest import until
from ui.forms import Choice, Field, Form
from ui.widgets.form_view import FormView

UNITS = ("黎阳镇", "阳湖镇", "昱东街道", "昱中街道", "新潭镇", "奕棋镇", "老街街道", "龙山社区", "稽灵山社区")


@pytest.fixture
def view(application: QApplication) -> Iterator[FormView]:
    choices = tuple(Choice(name, name) for name in UNITS)
    fields = (Field("to", "主办单位", "choice", choices), Field("note", "交代", "line", optional=True))
    made = FormView(Form("case.dispatch", fields, lambda v: c.Dispatch(v["to"])))
    made.show()
    made.activateWindow()
    until(made.isActiveWindow)
    made.focus_first()
    yield made
    made.close()
    made.deleteLater()


def typed(letters: str) -> None:
    for letter in letters:
        QTest.keyClick(QGuiApplication.focusWindow(), letter)  # type: ignore[call-overload]


def enter(modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(QGuiApplication.focusWindow(), Qt.Key.Key_Return, modifier)  # type: ignore[call-overload]


def test_what_is_typed_takes_the_place_of_the_first_choice(view: FormView) -> None:
    sent: list[dict[str, object]] = []
    view.done.connect(sent.append)
    typed("xtz")
    enter()  # takes it from the list
    enter()
    assert [values["to"] for values in sent] == ["新潭镇"]


def test_a_form_may_be_sent_while_the_list_hangs_open(view: FormView) -> None:
    sent: list[dict[str, object]] = []
    view.done.connect(sent.append)
    typed("lj")
    view.submit()  # as the window's own Ctrl+Enter does in a dialog
    assert [values["to"] for values in sent] == ["老街街道"]
    assert QApplication.activePopupWidget() is None


def test_what_may_mean_two_is_not_guessed(view: FormView) -> None:
    sent: list[dict[str, object]] = []
    view.done.connect(sent.append)
    typed("lssq")
    view.submit()
    assert not sent and "主办单位" in view.problem.text()


@pytest.mark.parametrize("many", [False, True], ids=["short", "long"])
def test_two_of_one_name_are_two(application: QApplication, many: bool) -> None:
    """Two of a unit's people, two villages of two towns: whoever is picked is meant, and none is guessed from the name."""
    names = ["王芳", "李强", "王芳", *(UNITS if many else ())]
    choices = tuple(Choice(f"P{n}", name) for n, name in enumerate(names))
    made = FormView(Form("case.check", (Field("checker", "核查人", "choice", choices),), None, title="核查"))
    box = made._inputs["checker"]
    assert isinstance(box, QComboBox)
    for place in (2, 0):
        box.setCurrentIndex(place)
        assert made.values() == {"checker": f"P{place}"} and "王芳" in box.currentText()
    assert box.itemText(0) != box.itemText(2) and box.itemText(1) == "李强"
    made.deleteLater()
