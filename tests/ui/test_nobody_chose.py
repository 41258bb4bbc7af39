"""A unit that nobody suggested and nobody chose is sent nothing: Enter in a form just opened asks for the unit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel

from models import commands as c
from models.organisation import DISTRICT_CODE
from models.rules import Rules
from services import alerts
from services.suggestion import suggest
from tests.ui.conftest import in_front
from tests.ui.desks import TOWN
from tests.ui.every_state import CLERK, CLINICAL_WASTE, INTAKE, MARKET, OFFICER, OPERATOR, SQUAD, EveryState
from ui.forms import form_for
from ui.main_window import MainWindow
from ui.widgets.form_view import FormView


@pytest.fixture
def store(tmp_path: Path, rules: Rules) -> EveryState:
    return EveryState(tmp_path, rules)


@pytest.fixture
def window(application: QApplication, store: EveryState) -> Iterator[MainWindow]:
    with in_front(store.window(CLERK)) as made:
        yield made


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


RESTORED = "已恢复上次没有上报的内容。"


def told(window: MainWindow) -> list[str]:
    """What the form in sight says, in quiet lines and in the colour of a warning."""
    form = window.panel.form
    assert form is not None
    return [f"{line.objectName()} {line.text()}" for line in form.findChildren(QLabel) if not line.isHidden()]


def test_a_unit_chosen_and_not_sent_is_chosen_again(window: MainWindow, store: EveryState) -> None:
    """F5, another unit, Esc: the next F5 and Enter sent the case there, and nothing said that the form was not a fresh one."""
    case_id = store.filed()
    window.open_case(case_id)
    panel = window.panel
    panel.begin("case.dispatch")
    assert panel.form is not None and panel.form.values()["to"] == SQUAD
    box = panel.form._inputs["to"]
    assert isinstance(box, QComboBox)
    box.setCurrentIndex(box.findData(MARKET))
    QTest.keyClicks(panel.form._inputs["note"], "Before noon")
    QTest.keyClick(panel.form._inputs["note"], Qt.Key.Key_Escape)
    for _ in range(2):
        panel.begin("case.dispatch")
        assert panel.form.values()["to"] == "" and panel.form.values()["note"] == "Before noon"
        assert f"quiet {RESTORED}单位请重新选定。" in told(window)
        QTest.keyClick(panel.form._inputs["note"], Qt.Key.Key_Return)
        assert store.case(case_id).lead is None and "主办单位" in panel.form.problem.text()
        QTest.keyClick(panel.form._inputs["note"], Qt.Key.Key_Escape)


def test_units_ticked_and_not_sent_are_ticked_again(window: MainWindow, store: EveryState) -> None:
    """They may stand below the sight of the list."""
    case_id = store.filed()
    window.open_case(case_id)
    window.panel.begin("case.dispatch")
    form = window.panel.form
    assert form is not None
    fresh = form.values()["co"]
    form._inputs["co"].item(5).setCheckState(Qt.CheckState.Checked)  # type: ignore[attr-defined]
    assert form.values()["co"] != fresh
    QTest.keyClick(form._inputs["note"], Qt.Key.Key_Escape)
    window.panel.begin("case.dispatch")
    assert window.panel.form is not None
    assert (window.panel.form.values()["to"], window.panel.form.values()["co"]) == ("", fresh)


def test_words_that_come_back_are_told_of(window: MainWindow, store: EveryState) -> None:
    window.open_case(store.reported())
    panel = window.panel
    panel.begin("case.decline")
    assert panel.form is not None
    assert not any(RESTORED in line for line in told(window))
    QTest.keyClicks(panel.form._inputs["reason"], "Not ours")
    QTest.keyClick(panel.form._inputs["reason"], Qt.Key.Key_Escape)
    panel.begin("case.decline")
    assert panel.form.values()["reason"] == "Not ours" and f"quiet {RESTORED}" in told(window)


def test_a_town_sends_the_suggestion_it_sees_and_the_district_chooses_who_leads(
    application: QApplication, store: EveryState
) -> None:
    case_id = store.filed(CLINICAL_WASTE)
    with in_front(store.window(CLERK)) as window:
        window.open_case(case_id)
        panel = window.panel.panel
        assert panel is not None and panel.suggestion is not None and len(panel.suggestion.named) > 1
        form = form_for("case.ask_ruling", panel, TOWN)
        (shown,) = (field for field in form.fields if field.name == "suggested")
        view = FormView(form)
        view.restore({"reason": "Several"})
        assert [values["suggested"] for values in sent(view)] == [panel.suggestion.named]  # type: ignore[index]
        assert {choice.value for choice in shown.choices} > set(panel.suggestion.named), "others may be ticked too"
        assert all(choice.label != choice.value for choice in shown.choices), "each by its name"
        view.deleteLater()
        store.does(CLERK, c.AskRuling("Several", panel.suggestion.named), case_id)
    with in_front(store.window(OPERATOR)) as window:
        window.open_case(case_id)
        panel = window.panel.panel
        assert panel is not None
        view = FormView(form_for("case.rule", panel, DISTRICT_CODE))
        assert sent(view) == [] and "主办单位" in view.problem.text(), "no department leads because it stood first"
        view.deleteLater()


def test_a_call_that_starts_no_clock_does_not_promise_to(application: QApplication, store: EveryState) -> None:
    """Only whoever answers for the case tells another unit of it (D7)."""
    case_id = store.dispatched(delivered=False)
    market = store.rules.organisations[MARKET].name
    for person, unit, promised in ((OFFICER, SQUAD, False), (CLERK, TOWN, True)):
        with in_front(store.window(person)) as window:
            window.open_case(case_id)
            panel = window.panel.panel
            assert panel is not None
            assert (market in form_for("case.log_call", panel, unit).hint) is promised


def test_the_district_is_told_that_such_cases_went_to_the_town_whose_units_led_them(store: EveryState) -> None:
    for _ in range(3):
        store.dispatched()
    case_id = store.reported(INTAKE, "hotline")
    store.does(INTAKE, c.File(), case_id)
    case = store.case(case_id)
    with store.work() as work:
        found = suggest(work, case)
    assert found is not None and (found.unit, found.agreeing, found.similar) == (TOWN, 3, 3)


def test_a_case_reported_twice_is_in_the_rates_once(store: EveryState) -> None:
    """As the form of 并案 says."""
    first, second = store.dispatched(), store.filed()
    store.does(CLERK, c.Merge(first), second, minutes=31)
    store._desk(CLERK)
    with store.work() as work:
        today = alerts.days(work)[-1]
    counted = [*today.met.get("dispatch", ()), *today.missed.get("dispatch", ()), *today.doubtful.get("dispatch", ())]
    assert counted == [first]
