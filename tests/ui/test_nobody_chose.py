"""A unit that nobody suggested and nobody chose is sent nothing: Enter in a form just opened asks for the unit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QApplication

from models.rules import Rules
from tests.ui.every_state import CLERK, SQUAD, EveryState
from ui.forms import form_for
from ui.main_window import MainWindow
from ui.widgets.form_view import FormView


@pytest.fixture
def store(tmp_path: Path, rules: Rules) -> EveryState:
    return EveryState(tmp_path, rules)


@pytest.fixture
def window(application: QApplication, store: EveryState) -> Iterator[MainWindow]:
    made = store.window(CLERK)
    made.resize(1366, 768)
    made.show()
    QApplication.processEvents()
    yield made
    made.close()


def sent(view: FormView) -> list[object]:
    found: list[object] = []
    view.done.connect(found.append)
    view.submit()
    return found


def test_a_suggestion_stands_chosen_and_nothing_else_does(window: MainWindow, store: EveryState) -> None:
    window.open_case(store.filed())
    panel = window.panel.panel
    assert panel is not None and panel.suggestion is not None and panel.suggestion.unit == SQUAD
    suggested = FormView(form_for("case.dispatch", panel, store.desk.unit))
    assert [values["to"] for values in sent(suggested)] == [SQUAD]  # type: ignore[index]
    nothing = FormView(form_for("case.dispatch", replace(panel, suggestion=None), store.desk.unit))
    assert sent(nothing) == [] and "主办单位" in nothing.problem.text()
    for view in (suggested, nothing):
        view.deleteLater()


@pytest.mark.parametrize("kind", ["case.redispatch", "case.add_co_handler"])
def test_another_unit_is_chosen_by_somebody(window: MainWindow, store: EveryState, kind: str) -> None:
    case_id = store.dispatched(co=())
    window.open_case(case_id)
    window.panel.begin(kind)
    form = window.panel.form
    assert form is not None
    form.restore({"reason": "Nearer"})
    form.submit()
    assert store.case(case_id).history[-1].kind != kind and not form.problem.isHidden()


def test_a_draft_of_a_unit_that_is_not_offered_any_more_chooses_no_other(window: MainWindow, store: EveryState) -> None:
    window.open_case(store.dispatched(co=()))
    window.panel.begin("case.redispatch")
    form = window.panel.form
    assert form is not None
    form.restore({"to": "nobody", "reason": "Nearer"})
    assert form.values()["to"] == ""
