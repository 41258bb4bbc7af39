"""What two desks gave alike bears both their names, and whoever only one of them named helps too (models/decide/made_twice.py)."""

from __future__ import annotations

import pytest

from models import commands as c
from models.case import AssignmentRole
from models.clock import MINUTE_MS
from models.decide import Outcome
from tests.models.small_town import MARKET, SQUAD, START_MS, VILLAGE
from tests.models.told_twice import Told, both, case_of, made

ORDERS = pytest.mark.parametrize("late_first", [True, False], ids=["first", "last"])


@ORDERS
def test_co_handlers_whom_only_one_of_two_desks_named_help(late_first: bool) -> None:
    t = Told(late_first)

    def sent_and_rung() -> None:
        t.tried(8, "clerk-2", c.Dispatch(SQUAD, co=(VILLAGE, MARKET)))
        t.tried(9, "clerk-2", c.LogCall(MARKET, "answered", assignment=made(t, 2)))

    both(t, sent_and_rung, lambda: t.tried(12, "clerk", c.Dispatch(SQUAD, co=(VILLAGE,))))
    helping = case_of(t).active(AssignmentRole.CO)
    assert sorted(a.receiver for a in helping) == sorted((VILLAGE, MARKET))
    assert t.clock(f"{t.of(MARKET)}:arrival").started_at == START_MS + 9 * MINUTE_MS
    assert len(case_of(t).active(AssignmentRole.LEAD)) == 1


def test_whoever_named_co_handlers_that_can_help_no_more_is_told() -> None:
    t = Told(False)
    t.at(9, "clerk", c.Dispatch(SQUAD))
    lead = t.received(SQUAD, 10)
    t.at(11, "squad-officer", c.Arrive(lead))
    t.at(12, "squad-officer", c.Feedback(lead, "已办"))
    t.at(8, "clerk-2", c.Dispatch(SQUAD, co=(MARKET,)), Outcome.MERGED)
    assert t.walk.last is not None and t.walk.last.reason is not None
    assert t.walk.last.reason.code == "already_dispatched_alone"
    assert case_of(t).active(AssignmentRole.CO) == ()


@ORDERS
def test_a_co_handler_whom_two_desks_add_helps_once(late_first: bool) -> None:
    t = Told(late_first)
    t.at(0, "clerk", c.Dispatch(SQUAD))

    def added_and_rung() -> None:
        t.tried(5, "clerk-2", c.AddCoHandler(MARKET))
        t.tried(6, "clerk-2", c.LogCall(MARKET, "answered", assignment=made(t)))

    both(t, added_and_rung, lambda: t.tried(9, "clerk", c.AddCoHandler(MARKET)))
    assert len(case_of(t).active(AssignmentRole.CO)) == 1
    assert t.clock(f"{t.of(MARKET)}:arrival").started_at == START_MS + 6 * MINUTE_MS


@ORDERS
def test_a_co_handler_whom_two_desks_added_is_withdrawn_from_both(late_first: bool) -> None:
    t = Told(late_first)
    t.at(0, "clerk", c.Dispatch(SQUAD))
    t.late(5, "clerk-2", c.AddCoHandler(MARKET))
    t.tried(9, "clerk", c.AddCoHandler(MARKET))
    t.at(20, "clerk", c.WithdrawCoHandler(made(t), "不用"))
    t.heard()
    assert case_of(t).active(AssignmentRole.CO) == ()


@ORDERS
@pytest.mark.parametrize("by_the_station", [True, False], ids=["failed", "not confirmed"])
def test_a_call_about_the_next_round_as_its_own_desk_calls_it(by_the_station: bool, late_first: bool) -> None:
    t = Told(late_first)
    t.at(0, "clerk", c.Dispatch(SQUAD))
    lead = t.received(SQUAD, 0)
    t.at(1, "squad-officer", c.Arrive(lead))
    t.at(2, "squad-officer", c.Feedback(lead, "已办"))
    t.at(3, "vice", c.CheckOnSite("member-1", not by_the_station, "看"))
    if not by_the_station:
        t.at(4, "vice", c.SubmitCheck())
    said: c.Args = c.SubmitCheck() if by_the_station else c.RefuseConfirm("未清")
    here, there = ("head", "vice") if by_the_station else ("clerk-2", "confirmer")
    names: list[str] = []

    def sent_back() -> None:
        t.tried(5, here, said)
        names.append(made(t))

    both(t, sent_back, lambda: t.tried(9, there, said))
    t.at(10, "clerk-2", c.LogCall(SQUAD, "answered", assignment=names[0]))
    assert t.clock(f"{t.of(SQUAD)}:arrival").started_at == START_MS + 10 * MINUTE_MS
