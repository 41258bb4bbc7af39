"""Everything a person can read on a window, widget by widget and painted cell by painted cell."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QPlainTextEdit,
    QStyleOptionViewItem,
    QTableView,
    QTableWidget,
    QWidget,
)

from ui.delegates.cells import ROW_HEIGHT
from ui.panels.queue_page import QueuePage

HAN = re.compile(r"[\u2e80-\u2fdf\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
CHINESE_MARKS = re.compile(r"[\u3001-\u303f\uff00-\uffef]")
"""Punctuation only Chinese sets; the ideographic space may part two labels in any language."""

_TAG = re.compile(r"<[^>]*>")


def shown(top: QWidget) -> Iterator[tuple[str, str, bool]]:
    """Each text of a window and what it stands in; True for text that is a label of the product, not a thing listed.

    Hidden parts too: they show as soon as somebody needs them.
    """
    for widget in (top, *top.findChildren(QWidget)):
        for text, is_label in _texts(widget):
            if not text:
                continue
            readable = html.unescape(_TAG.sub("", text)).strip()
            if readable:
                yield type(widget).__name__, readable, is_label


def _texts(widget: QWidget) -> Iterator[tuple[str, bool]]:
    for told in (widget.windowTitle(), widget.accessibleName(), widget.accessibleDescription(), widget.toolTip()):
        yield told, True
    if isinstance(widget, QAbstractButton):
        yield widget.text(), True
    elif isinstance(widget, QLabel):
        yield widget.text(), False
    elif isinstance(widget, QLineEdit):
        yield widget.placeholderText(), True
        yield widget.text(), False
    elif isinstance(widget, QPlainTextEdit):
        yield widget.placeholderText(), True
        yield widget.toPlainText(), False
    elif isinstance(widget, QComboBox):
        yield from ((widget.itemText(n), False) for n in range(widget.count()))
    elif isinstance(widget, QListWidget):
        yield from ((widget.item(n).text(), False) for n in range(widget.count()))
    if isinstance(widget, QTableView):
        model = widget.model()
        for column in range(model.columnCount()):
            yield str(model.headerData(column, Qt.Orientation.Horizontal) or ""), True
    if isinstance(widget, QTableWidget):
        for row in range(widget.rowCount()):
            for column in range(widget.columnCount()):
                item = widget.item(row, column)
                yield item.text() if item is not None else "", False


class _Recorder(QPainter):
    """Paints, and remembers what was written and how much room it had."""

    def __init__(self, ground: QPixmap) -> None:
        super().__init__(ground)
        self.written: list[tuple[str, int]] = []

    def drawText(self, *arguments: Any) -> None:
        """Every text of a cell goes through here."""
        text = str(arguments[-1])
        room = arguments[0].width() if isinstance(arguments[0], QRect) else 0
        self.written.append((text, room - self.fontMetrics().horizontalAdvance(text)))
        super().drawText(*arguments)


def painted(page: QueuePage, column: int, width: int = 0) -> Iterator[tuple[str, int]]:
    """What the queue paints in a column, row by row, and how many pixels it left free (negative: cut off); `width` when
    the column shall have another than it has."""
    width = width or page.table.columnWidth(column)
    ground = QPixmap(width, ROW_HEIGHT)
    recorder = _Recorder(ground)
    recorder.setFont(page.table.font())
    option = QStyleOptionViewItem()
    option.rect = QRect(0, 0, width, ROW_HEIGHT)  # type: ignore[attr-defined]
    for row in range(page.model.rowCount()):
        page.table.itemDelegate().paint(recorder, option, page.model.index(row, column))
    recorder.end()
    yield from recorder.written
