"""延期 and 挂账 on screen: asked and answered with the keyboard alone, and what the queue and the panel then say."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPlainTextEdit

from models.case import RequestKind
from models.rules import Rules
from models.views import QueueQuery
from services import watched_cases
from services.desk import Desk
from tests.ui.every_state import CLERK, DEPUTY, OFFICER, SQUAD, TOWN, EveryState
from ui import format as fmt
from ui.main_window import MainWindow
from ui.models.queue_model import ROW_ROLE
from ui.widgets.form_view import FormView

CONTROL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def store(application: QApplication, tmp_path: Path, rules: Rules) -> EveryState:
    return EveryState(tmp_path, rules)


def at_desk(store: EveryState, person: str, unit: str, case_id: str) -> MainWindow:
    window = store.window(person, unit)
    window.resize(1366, 768)
    window.show()
    window.show_page("cases")
    window.open_case(case_id)
    window.activateWindow()
    QApplication.processEvents()
    return window


def form_of(window: MainWindow) -> FormView:
    form = window.panel.form
    assert isinstance(form, FormView)
    return form


def texts(window: MainWindow) -> str:
    return "\n".join(label.text() for label in window.panel.findChildren(QLabel))


def test_a_suspension_from_the_request_to_its_early_end(store: EveryState) -> None:
    case_id = store.handling()
    window = at_desk(store, OFFICER, SQUAD, case_id)
    QTest.keyClick(window, Qt.Key.Key_F8, CONTROL)
    form = form_of(window)
    day = form.findChildren(QLineEdit)[-1]
    assert fmt.is_date(day.text()), "a date to begin with"
    form.findChildren(QPlainTextEdit)[0].setPlainText("须停水施工")
    day.setText("明年春天")
    QTest.keyClick(day, Qt.Key.Key_Return)
    assert form.problem.text() == "日期请写成 2026-12-31 这样。" and store.case(case_id).requests == ()
    day.setText("9999-12-31")
    QTest.keyClick(day, Qt.Key.Key_Return)
    assert "挂账日期须在今后" in form.problem.text() and store.case(case_id).requests == ()
    day.setText("2026-12-20")
    QTest.keyClick(day, Qt.Key.Key_Return)
    asked = store.case(case_id).open_request(RequestKind.SUSPENSION)
    assert asked is not None and asked.until == fmt.end_of_day("2026-12-20")
    assert "申请待批" in texts(window)
    window.close()

    window = at_desk(store, DEPUTY, TOWN, case_id)
    QTest.keyClick(window, Qt.Key.Key_F3, CONTROL)
    assert "挂账至 12-20。申请理由:须停水施工" in texts(window)
    QTest.keyClick(form_of(window).findChildren(QLineEdit)[-1], Qt.Key.Key_Return)
    QApplication.processEvents()
    assert "挂账至 12-20" in texts(window) and "停计时至 12-21 00:00" in texts(window)
    window.queue.show_query(QueueQuery(chip="suspended"))
    QApplication.processEvents()
    model = window.queue.model
    assert [model.index(0, 0).data(ROW_ROLE).row.id] == [case_id] and model.rowCount() == 1
    window.open_case(case_id)
    QTest.keyClick(window, Qt.Key.Key_F9, CONTROL)
    line = form_of(window).findChildren(QLineEdit)[-1]
    line.setText("已改为带水作业")
    QTest.keyClick(line, Qt.Key.Key_Return)
    lead = store.case(case_id).lead
    assert lead is not None and lead.suspended_until is not None and lead.suspended_until <= store.clock.now_ms + 1000
    window.close()


def test_a_request_is_a_notice_for_whoever_may_answer_it(store: EveryState) -> None:
    case_id = store.handling()
    window = at_desk(store, OFFICER, SQUAD, case_id)
    QTest.keyClick(window, Qt.Key.Key_F7, CONTROL)
    form = form_of(window)
    assert "再延一个原时限(2紧急工作时)" in texts(window)
    reason = form.findChildren(QPlainTextEdit)[0]
    reason.setPlainText("吊车未到")
    QTest.keyClick(reason, Qt.Key.Key_Return, CONTROL)
    window.close()

    def told(person: str, unit: str) -> str:
        with store.work() as work:
            return watched_cases.these(work, Desk(person, unit, "D-test", "A"), frozenset({case_id})).cases[0].answer

    assert told(CLERK, TOWN) == told(DEPUTY, TOWN) == "case.answer_extension"
    assert told(OFFICER, SQUAD) == ""
    window = at_desk(store, CLERK, TOWN, case_id)
    QTest.keyClick(window, Qt.Key.Key_F2, CONTROL)
    QTest.keyClick(form_of(window).findChildren(QLineEdit)[-1], Qt.Key.Key_Return)
    assert "延期 1 次" in texts(window) and told(CLERK, TOWN) == ""
    window.close()
