"""Lights reckoned here say so, and a red that nobody has confirmed says that too (D18a)."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtWidgets import QApplication, QLabel, QStyleOptionViewItem, QToolTip

from models.light import Light
from models.rules import Rules
from tests.ui.every_state import CLERK, EveryState
from ui import words
from ui.delegates.cells import row_light
from ui.widgets.clock_card import ClockCard

LATE = (Light.RED, Light.DONE_LATE)


def test_cards_cells_and_header_say_what_a_light_is_worth(
    application: QApplication, tmp_path: Path, rules: Rules
) -> None:
    store = EveryState(tmp_path, rules)
    store.fill()
    window = store.window(CLERK)
    window.resize(1366, 768)
    window.show()
    window.show_page("cases")
    QApplication.processEvents()
    now = store.present.now()
    red = green = 0
    page = window.queue
    for number in range(page.model.rowCount()):
        found = page.model.row_at(number)
        assert found is not None
        tip = page._delegate.told_of(found.row, now)
        assert "本机测算" in tip
        assert ("超时待核定" in tip) is (row_light(found.row, now.lo, now.hi) in LATE)
        window.open_case(found.row.id)
        for card in window.panel.sheet._cards:
            said = " ".join(label.text() for label in card.findChildren(QLabel))
            is_red = f"{words.SHAPES['red']} " in said
            assert "本机测算" in said and ("超时待核定" in said) is is_red
            red, green = red + is_red, green + (not is_red)
        assert all(isinstance(card, ClockCard) for card in window.panel.sheet._cards)
    assert red > 5 and green > 5
    place = QPoint(5, 5)
    event = QHelpEvent(QHelpEvent.Type.ToolTip, place, page.table.viewport().mapToGlobal(place))
    assert page._delegate.helpEvent(event, page.table, QStyleOptionViewItem(), page.model.index(0, 0))
    assert "本机测算" in QToolTip.text()
    told = page.model.headerData(0, Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole)
    assert "本机测算" in str(told)
    for button in window.header.lights.values():
        assert not button.isVisible() or "本机测算" in button.toolTip()
    assert "本机测算" in window.strip.totals.text()
    window.close()
