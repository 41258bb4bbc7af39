"""What is in sight of the queue stays where it is on the screen while rows come, go and change places around it."""

from __future__ import annotations

from PySide6.QtWidgets import QTableView

from ui.models.queue_model import QueueModel
from ui.widgets.in_use import InUse


class QueueSight:
    """`remember` before an answer is taken in, `keep` after it."""

    def __init__(self, table: QTableView, model: QueueModel, use: InUse) -> None:
        self._table = table
        self._model = model
        self._use = use
        self._held: list[tuple[str, int]] | None = None

    def rows(self) -> tuple[int, int]:
        """The first and the last row in sight; below a short list, as many as would fit."""
        first = max(self._table.rowAt(0), 0)
        last = self._table.rowAt(self._table.viewport().height() - 1)
        return first, last if last >= 0 else first + 40

    @property
    def is_first_answer(self) -> bool:
        """True while the answer taken in is the first to a new question: nothing of it stood on the screen before."""
        return self._held is None

    def remember(self) -> None:
        """Which cases are in sight, and at what height. At the very top of a list at rest none is held on to: there the
        most urgent is to be seen. None before the first answer to a question."""
        self._held = None
        if self._model.cache.is_empty():
            return
        at_rest = self._table.verticalScrollBar().value() == 0 and not self._use.on()
        first, last = (0, -1) if at_rest else self.rows()
        shown = range(first, min(last + 1, self._model.rowCount()))
        held = [(self._model.row_at(row), self._table.rowViewportPosition(row)) for row in shown]
        self._held = [(case.row.id, height) for case, height in held if case is not None]

    def move_cursor(self, row: int) -> None:
        """The case under the cursor stands in another row now: the cursor goes with it, and what is in sight stays."""
        first, last = self.rows()
        bar = self._table.verticalScrollBar()
        top, was_in_sight = bar.value(), first <= self._table.currentIndex().row() <= last
        self._table.setCurrentIndex(self._model.index(row, 0))
        if self._held is not None and not (was_in_sight and top == 0):
            bar.setValue(top)

    def keep(self) -> None:
        """The first of the cases that were in sight goes back to its height."""
        for case_id, height in self._held or ():
            row = self._model.row_of_case(case_id)
            if row is not None:
                self._table.updateGeometries()
                bar = self._table.verticalScrollBar()
                bar.setValue(bar.value() + self._table.rowViewportPosition(row) - height)
                return
