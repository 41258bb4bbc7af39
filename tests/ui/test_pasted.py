"""What is pasted into a field: a chat message of several lines, control characters, half an emoji, Arabic. What is seen is kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLineEdit, QPlainTextEdit

from models.rules import Rules
from tests.ui.every_state import CLERK, STALLS, STATION, EveryState
from ui.widgets.form_view import value_of
from ui.widgets.typed import lines, one_line

MESSAGE = "占道\n龙山路\x00 12 号\u2028٣ 楼 😀"


def test_a_field_of_one_line_holds_one_line(application: QApplication) -> None:
    field = QLineEdit()
    QGuiApplication.clipboard().setText(MESSAGE)
    field.paste()
    assert "\n" not in value_of(field) and "占道 龙山路" in value_of(field) and "😀" in value_of(field)
    field.setText(MESSAGE)
    assert value_of(field) == "占道 龙山路  12 号 ٣ 楼 😀"
    field.deleteLater()


def test_a_field_of_several_keeps_its_lines_and_nothing_unseen(application: QApplication) -> None:
    field = QPlainTextEdit()
    field.setPlainText("One\nTwo\x07\n")
    assert value_of(field) == "One\nTwo"
    field.deleteLater()


@pytest.mark.parametrize("unseen", ["\x00", "\ud83d", "\x1b", "\x85"])
def test_what_a_database_or_a_file_refuses_is_not_handed_over(unseen: str) -> None:
    assert one_line(f"A{unseen}B") == lines(f"A{unseen}B") == "A B"
    one_line(f"A{unseen}B").encode()


def test_a_report_pasted_from_a_chat(application: QApplication, tmp_path: Path, rules: Rules) -> None:
    store = EveryState(tmp_path, rules)
    window = store.window(CLERK)
    window.reporting.begin()
    dialog = window.reporting.dialog
    assert dialog is not None
    dialog.title.setText(MESSAGE)
    dialog.words.setPlainText(MESSAGE)
    for box, value in ((dialog.category, STALLS), (dialog.station, STATION)):
        box.setCurrentIndex(box.findData(value))
    dialog.submit()
    case = store.case(window.panel.case_id)
    assert "\n" not in case.title and "\x00" not in case.title + case.words and "\n" in case.words
    window.close()
