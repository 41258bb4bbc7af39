"""What a countdown cell of the queue says is read whole: a date of next year and 暂定 were cut off."""

from __future__ import annotations

from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtGui import QFontMetrics

from models.clock import DAY_MS, MINUTE_MS
from models.row import CaseRow, row_of
from models.rules import Rules
from tests.ui.desks import START_MS
from tests.ui.every_state import CLERK, EveryState
from ui.delegates.cells import QueueDelegate
from ui.models.queue_model import COLUMNS

NEXT_YEAR_MS = START_MS + 200 * DAY_MS
MARK = 8
"""No shape of a light is narrower."""


def rows(row: CaseRow) -> dict[str, CaseRow]:
    """The row of a case at work, at other times of its clock."""
    handling = replace(row, paused=False, yellow_at=None, clock_stage="handling", clock_owner=row.lead)
    soon_ms = START_MS + 12 * DAY_MS
    return {
        "until a day of next year": replace(handling, due_at=NEXT_YEAR_MS, suspended_until=NEXT_YEAR_MS),
        "by a time that may move": replace(handling, due_at=soon_ms, clock_provisional=True),
        "hours that may move": replace(
            handling, due_at=START_MS + 200 * MINUTE_MS, clock_stage="arrival", clock_provisional=True
        ),
        "long overdue": replace(handling, due_at=START_MS - 150 * DAY_MS),
    }


@pytest.mark.parametrize(
    "which", ["until a day of next year", "by a time that may move", "hours that may move", "long overdue"]
)
def test_what_a_countdown_says_is_read_whole(dressed: None, tmp_path: Path, rules: Rules, which: str) -> None:
    store = EveryState(tmp_path, rules)
    row = rows(row_of(store.case(store.handling())))[which]
    window = store.window(CLERK)
    delegate, table = window.queue.table.itemDelegate(), window.queue.table
    assert isinstance(delegate, QueueDelegate)
    said, light = delegate.countdown_of(row, store.present.now())
    assert any(letter.isdigit() for letter in said), said
    font = table.font()
    font.setBold(light.value in ("red", "yellow"))
    needs = 10 + MARK + QFontMetrics(font).horizontalAdvance(said) + 4
    assert needs <= table.columnWidth(COLUMNS.index("due")), said
    window.close()
