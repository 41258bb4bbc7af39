"""A key held down is one press: Qt would repeat it, and the next case in the list would have the act done to it too."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtGui import QShortcut
from PySide6.QtWidgets import QApplication

from models.rules import Rules
from tests.ui.every_state import CLERK, OFFICER, OPERATOR, EveryState

UI = Path(__file__).parents[2] / "ui"


@pytest.mark.parametrize("person", [CLERK, OFFICER, OPERATOR])
def test_no_key_of_the_window_repeats(application: QApplication, tmp_path: Path, rules: Rules, person: str) -> None:
    store = EveryState(tmp_path, rules)
    case_id = store.dispatched()
    window = store.window(person)
    window.open_case(case_id)
    keys = {key.key().toString(): key.autoRepeat() for key in window.findChildren(QShortcut)}
    assert {"Ctrl+Z", "Shift+F12", "F11"} <= set(keys) and [key for key, repeats in keys.items() if repeats] == []
    window.close()


def test_keys_are_made_in_one_place() -> None:
    made = [
        file.relative_to(UI).as_posix()
        for file in UI.rglob("*.py")
        if re.search(r"\bQShortcut\(", file.read_text("utf-8"))
    ]
    assert made == ["widgets/on_key.py"]
