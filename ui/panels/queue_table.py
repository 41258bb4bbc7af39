"""The table of the queue as it looks: whole rows, one of them chosen, nothing in it edited, and Tab leaves it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QTableView

from ui.delegates.cells import QueueDelegate, row_height
from ui.language import tr
from ui.models.queue_model import QueueModel
from ui.panels.queue_columns import set_up_columns


def queue_table(model: QueueModel, delegate: QueueDelegate) -> QTableView:
    """Without anything that happens in it."""
    table = QTableView()
    table.setAccessibleName(tr("案件队列"))
    table.setModel(model)
    table.setItemDelegate(delegate)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setTabKeyNavigation(False)
    table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(row_height(table.font()))
    header = table.horizontalHeader()
    header.setHighlightSections(False)
    header.setSectionsClickable(True)
    header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    set_up_columns(table)
    return table
