"""A program that is started anew while its line is down has not been switched off: what came late is the line's (D6)."""

from __future__ import annotations

from models import commands as c
from models.clock import MINUTE_MS
from models.policy import Stage
from services.sync.round import Exchange
from tests.whole.parties import Console
from tests.whole.test_round import MARKET, STALLS, STATION, TOWN, desks

__all__ = ["desks"]


def test_its_unit_is_not_charged(desks: dict[str, Console]) -> None:
    clerk, market = desks["clerk"], desks["market"]
    # An emergency's clocks know no night: the supervisors' lunch hour would hide what this asks.
    report = c.Report("", "grid", STALLS, "店外堆放", "龙山路口", TOWN, STATION, emergency=True)
    case_id = clerk.act(report).case_id
    clerk.act(c.File(), case_id)
    clerk.act(c.Dispatch(MARKET), case_id)
    clerk.settle()
    market.exchange = Exchange(market.database, market.unit, market._rules_arrived, wait_seconds=0, blobs=market.blobs)
    market.settle()
    case = market.case(case_id)
    assert case is not None and case.lead is not None and case.lead.awake_at is not None
    assert case.lead.awake_at < case.lead.assigned_at.lo < case.lead.awake_at + 10 * MINUTE_MS
    clock = case.clock_of(case.lead.id, Stage.ARRIVAL)
    assert clock is not None and clock.start_kind == "delivered"
