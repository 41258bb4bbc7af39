"""The new report: what it is and whose place it is are never guessed, and are found by a few letters typed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel

from models.commands import Report
from models.pinyin import initials
from models.rules import Rules
from tests.ui.every_state import STALLS, STATION, TOWN
from ui.dialogs.report import ReportDialog
from ui.widgets.form_view import value_of

ENTER = Qt.Key.Key_Return


@pytest.fixture
def dialog(application: QApplication, rules: Rules) -> Iterator[ReportDialog]:
    made = ReportDialog(rules, TOWN)
    made.show()
    made.activateWindow()
    QApplication.processEvents()
    yield made
    made.close()


def type_into(box: QComboBox, text: str) -> None:
    """As an input method hands it over."""
    box.setFocus()
    for letter in text:
        typed = QInputMethodEvent()
        typed.setCommitString(letter)
        QApplication.sendEvent(box, typed)
    QApplication.processEvents()


def take_first(box: QComboBox) -> None:
    QTest.keyClick(box.completer().popup(), ENTER)
    QApplication.processEvents()


def test_nothing_is_chosen_and_nothing_is_reported_until_it_is(dialog: ReportDialog) -> None:
    entered: list[Report] = []
    dialog.entered.connect(lambda report, _requester: entered.append(report))
    assert not value_of(dialog.category) and not value_of(dialog.station)
    assert dialog.category.currentText() == "" and "拼音" in dialog.category.lineEdit().placeholderText()
    QTest.keyClicks(dialog.title, "Lamp")
    dialog.submit()
    assert not entered and "类别" in dialog.problem.text() and dialog.category.hasFocus()
    dialog.category.setCurrentIndex(dialog.category.findData(STALLS))
    dialog.submit()
    assert not entered and "工作站" in dialog.problem.text() and dialog.station.hasFocus()
    dialog.station.setCurrentIndex(dialog.station.findData(STATION))
    dialog.submit()
    assert [(report.category, report.station) for report in entered] == [(STALLS, STATION)]


@pytest.mark.parametrize("how", ["code", "name", "initials"])
def test_a_few_letters_and_enter_choose(dialog: ReportDialog, rules: Rules, how: str) -> None:
    category, station = rules.categories[STALLS], rules.organisations[STATION]
    typed = {"code": STALLS.rsplit("/", 1)[-1], "name": category.name, "initials": initials(category.name)}[how]
    type_into(dialog.category, typed)
    listed = dialog.category.completer().completionModel()
    texts = [str(listed.index(n, 0).data()) for n in range(listed.rowCount())]
    assert f"{category.name}({category.main_class})" in texts and len(texts) < 10
    while texts[0] != f"{category.name}({category.main_class})":
        QTest.keyClick(dialog.category.completer().popup(), Qt.Key.Key_Down)
        texts = texts[1:]
    take_first(dialog.category)
    assert value_of(dialog.category) == STALLS
    type_into(dialog.station, initials(station.short_name))
    take_first(dialog.station)
    assert value_of(dialog.station) == STATION


def test_what_can_only_be_one_is_taken_when_the_field_is_left(dialog: ReportDialog, rules: Rules) -> None:
    type_into(dialog.station, rules.organisations[STATION].short_name)
    dialog.station.completer().popup().hide()
    dialog.title.setFocus()
    QApplication.processEvents()
    assert value_of(dialog.station) == STATION
    type_into(dialog.category, "没有这一类")
    dialog.title.setFocus()
    dialog.submit()
    assert "类别" in dialog.problem.text()


def test_a_draft_without_a_choice_brings_none_back(dialog: ReportDialog, rules: Rules) -> None:
    dialog.title.setText("Lamp")
    kept = dialog.draft()
    other = ReportDialog(rules, TOWN)
    other.restore(kept)
    assert other.title.text() == "Lamp" and not value_of(other.category) and not value_of(other.station)
    assert value_of(other.channel) == value_of(dialog.channel) != ""


def test_that_a_report_is_an_unfinished_one_is_no_warning(dialog: ReportDialog, rules: Rules) -> None:
    dialog.title.setText("Lamp")
    other = ReportDialog(rules, TOWN)
    other.restore(dialog.draft())
    told = {label.objectName(): label.text() for label in other.findChildren(QLabel) if label.objectName()}
    assert told == {"quiet": "已恢复上次没有上报的内容。", "warning": ""}
