"""A screen reader says of a row what the eye sees there: the light in words and the countdown, the emergency, whom nobody leads."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from models.rules import Rules
from tests.ui.every_state import CLERK, EveryState
from ui import words
from ui.models.queue_model import COLUMNS


def test_every_cell_of_every_row_says_something(application: QApplication, tmp_path: Path, rules: Rules) -> None:
    store = EveryState(tmp_path, rules)
    store.fill()
    window = store.window(CLERK)
    model = window.queue.model
    emergencies, lights = 0, set()
    for row in range(model.rowCount()):
        found = model.row_at(row)
        if found is None:
            continue
        said = {c: str(model.index(row, n).data(Qt.ItemDataRole.AccessibleTextRole)) for n, c in enumerate(COLUMNS)}
        text, light = window.queue._delegate.countdown_of(found.row, store.present.now())
        assert words.LIGHTS[light.value] in said["due"] and text in said["due"]
        assert found.row.title in said["title"] and found.row.place in said["title"] and said["lead"]
        emergencies += "应急" in said["title"]
        lights.add(light)
    assert emergencies and len(lights) > 2
    window.close()
