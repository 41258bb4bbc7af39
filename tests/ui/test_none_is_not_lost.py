"""PySide6 6.12.0 under Python 3.11 lost a reference to None at each crossing, and the interpreter died after some minutes.

The count of references says it long before: it must not sink while Qt asks a model, paints and sets values.
"""

from __future__ import annotations

import sys
from typing import Any

import pytest
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QApplication, QListWidget, QListWidgetItem, QStyledItemDelegate, QTableView

CROSSINGS = 20_000
SLACK = 200
Index = QModelIndex | QPersistentModelIndex


class Nothing(QAbstractTableModel):
    """Answers None to everything."""

    asked = 0

    def rowCount(self, parent: Index | None = None) -> int:
        return 100

    def columnCount(self, parent: Index | None = None) -> int:
        return 7

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        self.asked += 1
        return None


class Painter(QStyledItemDelegate):
    """Returns None from paint, as every delegate does."""

    painted = 0

    def paint(self, *_: Any) -> None:
        self.painted += 1


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="None is immortal from Python 3.12 on")
def test_no_reference_to_none_is_lost(application: QApplication) -> None:
    model, delegate, view, listed = Nothing(), Painter(), QTableView(), QListWidget()
    view.setModel(model)
    view.setItemDelegate(delegate)
    view.resize(800, 600)
    view.show()
    before = sys.getrefcount(None)
    while model.asked < CROSSINGS or delegate.painted < CROSSINGS:
        view.grab()
        model.data(model.index(0, 0))
        view.model().data(model.index(0, 0))
        listed.addItem(item := QListWidgetItem())
        item.setData(Qt.ItemDataRole.UserRole, None)
        for row in range(100):
            view.model().itemData(model.index(row, 0))
    lost = before - sys.getrefcount(None)
    assert lost < SLACK, f"{lost} references to None were lost in {model.asked + delegate.painted} crossings"
