"""Forms on the pages of the district's operator: what stays on record is not cut off unsaid."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from models.rules import Rules
from models.workstations import CodeBody
from ui.panels.devices_page import MOST_LABEL_LETTERS, DevicesPage
from ui.panels.told_page import MOST_LETTERS


@pytest.fixture
def page(application: QApplication, rules: Rules) -> Iterator[DevicesPage]:
    made = DevicesPage(rules)
    made.show()
    made.activateWindow()
    QApplication.processEvents()
    yield made
    made.close()
    made.deleteLater()


def test_a_reason_that_is_too_long_is_said_to_be_and_stays(page: DevicesPage) -> None:
    kept: list[str] = []
    page._ask_reason("停用", "停用理由", "", kept.append)
    assert page.form is not None
    field = page.form.findChildren(QLineEdit)[-1]
    field.setText("理" * (MOST_LETTERS + 1))
    page.form.submit()
    assert kept == [] and str(MOST_LETTERS) in page.form.problem.text() and len(field.text()) == MOST_LETTERS + 1
    field.setText("理" * MOST_LETTERS)
    page.form.submit()
    assert kept == ["理" * MOST_LETTERS]


def test_a_label_that_is_too_long_is_said_to_be_and_stays(page: DevicesPage) -> None:
    asked: list[CodeBody] = []
    page.code_asked.connect(asked.append)
    page.begin_code()
    assert page.form is not None
    page.form.restore({"label": "台" * (MOST_LABEL_LETTERS + 1)})
    page.form.submit()
    assert asked == [] and str(MOST_LABEL_LETTERS) in page.form.problem.text()


def test_escape_puts_the_form_away_and_leaves_the_code_to_be_read_out(page: DevicesPage) -> None:
    page.code_text.setText("ABCD")
    page.code.show()
    page.begin_code()
    assert page.form is not None
    QApplication.processEvents()
    QTest.keyClick(page.form.findChildren(QLineEdit)[-1], Qt.Key.Key_Escape)
    assert page.form is None and page.code_text.text() == "ABCD", "it is shown once"
    QTest.keyClick(page.table, Qt.Key.Key_Escape)
    assert page.code_text.text() == ""
