"""An act that a centre has lost twice: what is told of it is where it stood last, and what it had come to when it took effect
(world 5716: the second restore hid what the list of the first had said; docs/decisions/0010)."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.recovery import Was
from models.rules import Rules
from models.store import outbox
from models.wire import Reason
from tests.ui.every_state import EveryState

Verdict = tuple[str, str]
TOOK, NOT, TOO = ("accepted", ""), ("rejected", "not_in_this_state"), ("merged", "already_filed")


@pytest.mark.parametrize(
    "first, second, told", [(TOOK, NOT, TOOK), (TOOK, TOO, TOOK), (NOT, TOOK, TOOK), (NOT, TOO, TOO), (NOT, NOT, NOT)]
)
def test_what_it_had_come_to_when_it_took_effect_is_told(
    tmp_path: Path, rules: Rules, first: Verdict, second: Verdict, told: Verdict
) -> None:
    store = EveryState(tmp_path, rules)
    act = store.case(store.reported()).history[0].cmd_id
    with store.work() as work:
        for epoch, (outcome, code) in ((1, first), (2, second)):
            outbox.settle(work.connection, act, outcome, Reason(code) if code else None, 10 * epoch)
            unnoticed = outbox.lost_after(work.connection, 0, 9, epoch)
            assert outbox.reopen(work.connection, 0, epoch) == 1
            assert outbox.lost_after(work.connection, 0, 9, 0) == unnoticed
        assert unnoticed == [Was(act, 2, 20, *told)]
