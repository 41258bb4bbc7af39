"""Whoever works by keyboard sees where he is, by day and by night: a control with the focus looks clearly different."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLineEdit, QListWidget, QPushButton, QVBoxLayout, QWidget

from tests.ui.test_words import contrast
from ui import theme
from ui.widgets.act_button import act_button

ENOUGH = 40
"""Pixels that change by 3:1 or more (WCAG 2.4.13 asks for more area, of a larger control)."""


@pytest.fixture(params=["light", "dark"])
def dressed(request: pytest.FixtureRequest, application: QApplication) -> Iterator[None]:
    theme.apply(application, theme.THEMES[request.param])
    yield
    theme.apply(application, theme.LIGHT)


def controls() -> dict[str, QWidget]:
    first, default, checked = act_button("Send", lambda: None), QPushButton("Report"), QPushButton("All 3")
    first.setProperty("first", True)
    default.setDefault(True)
    checked.setObjectName("chip")
    checked.setCheckable(True)
    checked.setChecked(True)
    listed = QListWidget()
    listed.addItems(["One", "Two"])
    return {
        "act": act_button("Send", lambda: None), "the first act": first, "a default button": default,
        "a chip that is on": checked, "a box to tick": QCheckBox("Emergency"), "a list": listed, "a line": QLineEdit(),
    }  # fmt: skip


def test_the_focus_is_seen(dressed: None) -> None:
    window = QWidget()
    layout = QVBoxLayout(window)
    start = QPushButton("Start")
    made = controls()
    for one in (start, *made.values()):
        layout.addWidget(one)
    window.show()
    window.activateWindow()
    start.setFocus()
    for name, one in made.items():
        before = shown(one)
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        assert one.hasFocus(), name
        after = shown(one)
        assert changed(before, after) >= ENOUGH, name
    window.close()


def shown(one: QWidget) -> QImage:
    QApplication.processEvents()
    return one.window().grab(one.geometry()).toImage()


def changed(before: QImage, after: QImage) -> int:
    assert before.size() == after.size(), "nothing moves"
    pairs = (
        (before.pixelColor(x, y), after.pixelColor(x, y)) for x in range(before.width()) for y in range(before.height())
    )
    return sum(a != b and contrast(a.name(), b.name()) >= 3 for a, b in pairs)
