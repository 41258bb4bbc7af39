"""The countdowns in sight of the queue: each second only those that say something new are painted."""

from __future__ import annotations

import msgspec
from PySide6.QtWidgets import QTableView

from models.light import Light
from models.row import CaseRow
from ui.delegates.cells import QueueDelegate
from ui.models.queue_model import QueueModel
from ui.panels.queue_sight import QueueSight
from ui.ports import Present


class Said(msgspec.Struct, frozen=True):
    """What a countdown in sight said last, of which row, and up to when it surely says the same (ms UTC)."""

    row: CaseRow
    words: tuple[str, Light]
    until_ms: int


class QueueCountdowns:
    """`said`, by row: what stands there now."""

    def __init__(self, table: QTableView, model: QueueModel, sight: QueueSight, delegate: QueueDelegate) -> None:
        self._table, self._model, self._sight, self._delegate = table, model, sight, delegate
        self.said: dict[int, Said] = {}

    def repaint(self, present: Present) -> None:
        """The second has turned."""
        now, view, delegate = present.now(), self._table.viewport(), self._delegate
        first, last = self._sight.rows()
        said: dict[int, Said] = {}
        for place in range(first, last + 1):
            found = self._model.row_at(place)
            if found is None:
                continue
            old = self.said.get(place)
            if old is not None and old.row is found.row and now.hi < old.until_ms:
                said[place] = old
                continue
            new = Said(found.row, delegate.countdown_of(found.row, now), delegate.steady_until(found.row, now))
            if old is None or new.words != old.words:
                view.update(self._table.visualRect(self._model.index(place, 0)))
            said[place] = new
        self.said = said
