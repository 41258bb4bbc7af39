"""A workstation that calls when a centre that was put back has decided everything again: what came to something else is told of all the
same (sync.md §3.5: differences are listed, never hidden)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from models.rules import Rules
from models.store import cursors, outbox
from models.store.cursors import Cursor
from models.wire import Reason
from services.sync.replies import StatusReply
from services.sync.round import Exchange
from tests.ui.every_state import EveryState

UNIT = "U"
HEAD = 1


class Centre:
    """It has every act of the workstation, and has decided this of them."""

    def __init__(self, *known: Any) -> None:
        self.known = known

    def status(self, ids: list[str]) -> StatusReply:
        return StatusReply([k for k in self.known if k[0] in ids], HEAD, "h", 3, 0)


@pytest.mark.parametrize(
    "is_offered_again", [False, True], ids=["settled here", "offered again, and admitted from quarantine"]
)
@pytest.mark.parametrize("now, told", [("deferred", 1), ("rejected", 1), ("accepted", 0)])
def test_what_came_to_something_else_is_told(
    tmp_path: Path, rules: Rules, now: str, told: int, is_offered_again: bool
) -> None:
    """World 7327 for the second: what a revoked workstation tells is not noted, and its act had come in when it was let in again."""
    store = EveryState(tmp_path, rules)
    act = store.case(store.reported()).history[0].cmd_id
    with store.work() as work:
        outbox.settle(work.connection, act, "accepted", None, 20)
        if is_offered_again:
            assert outbox.reopen(work.connection, 0, 2) == 1
        cursors.write(work.connection, Cursor(UNIT, 2, 1, "c"))
        line: Any = Centre((act, now, Reason("already_filed") if now == "rejected" else None, 21))
        exchange = Exchange(lambda job: job(work), UNIT, lambda _rules: None)
        found = exchange._decided_no_more(line, line.status([]))
    assert [(was.epoch, was.gseq, was.outcome) for was in found] == [(2, 20, "accepted")] * (told or is_offered_again)
