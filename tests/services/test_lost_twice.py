"""An act that a centre has lost twice: what is told of it is where it stood last, and what it had come to when it took effect
(world 5716: the second restore hid what the list of the first had said; docs/decisions/0010)."""

from __future__ import annotations

from pathlib import Path

import pytest

from models.recovery import Was
from models.rules import Rules
from models.store import carried, outbox
from models.wire import Reason
from tests.ui.every_state import EveryState

Verdict = tuple[str, str]
TOOK, NOT, TOO = ("accepted", ""), ("rejected", "not_in_this_state"), ("merged", "already_filed")

twice = pytest.mark.parametrize(
    "first, second, told", [(TOOK, NOT, TOOK), (TOOK, TOO, TOOK), (NOT, TOOK, TOOK), (NOT, TOO, TOO), (NOT, NOT, NOT)]
)


@twice
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


@twice
def test_who_carries_it_tells_the_same(
    tmp_path: Path, rules: Rules, first: Verdict, second: Verdict, told: Verdict
) -> None:
    """Its maker may never come to tell (docs/decisions/0016)."""
    store = EveryState(tmp_path, rules)
    store.reported()
    with store.work() as work:
        acts = tuple(carried.carried_act(s) for s in outbox.pending(work.connection))
        act = acts[0].cmd_id
        carried.put(work.connection, carried.Carried("D-other", "B", acts))
        for epoch, (outcome, code) in ((1, first), (2, second)):
            carried.settle(work.connection, act, outcome, Reason(code) if code else None, 10 * epoch)
            carried.offer_again(work.connection, epoch)
        (one,) = carried.every(work.connection)
        assert carried.lost(one) == [Was(act, 2, 20, *told)]


def test_undecided_the_first_time_and_gone_the_second_it_is_told_of_and_not_undone(
    tmp_path: Path, rules: Rules
) -> None:
    """It took effect in history 2; history 3 had it undecided, history 4 has never heard of it."""
    store = EveryState(tmp_path, rules)
    act = store.case(store.reported()).history[0].cmd_id
    with store.work() as work:
        outbox.settle(work.connection, act, "accepted", None, 20)
        told = outbox.remember(work.connection, [act], 2)
        assert told == [Was(act, 2, 20, "accepted")]
        outbox.settle(work.connection, act, "deferred", Reason("centre_recovering"), 5)
        assert outbox.reopen(work.connection, 0, 3) == 1
        row = outbox.find(work.connection, act)
        assert row is not None and not outbox.may_be_undone(row), "others have gone on from it"
        assert outbox.lost_after(work.connection, 0, 9, 3) == told
