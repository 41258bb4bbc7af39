"""Whom the console offers to show who asked, and whom it refuses without asking the centre (D2): the same rule for each role."""

from __future__ import annotations

from pathlib import Path

import pytest

from models import commands as c
from models.errors import Refused
from models.organisation import DISTRICT_CODE
from models.rules import Rules
from services import cases, requester
from services.desk import Desk
from tests.ui import every_state as e

ROLES = [
    (e.CLERK, e.TOWN, True),
    (e.CONFIRMER, e.TOWN, True),
    (e.DEPUTY, e.TOWN, True),
    (e.MARKET_LEADER, e.TOWN, False),  # seconded
    (e.MARKET_LEADER, e.MARKET, False),
    (e.OFFICER, e.SQUAD, False),
    (e.VICE, e.STATION, False),
    (e.OPERATOR, DISTRICT_CODE, True),
    (e.INTAKE, DISTRICT_CODE, True),
]


@pytest.fixture
def store(tmp_path: Path, rules: Rules) -> e.EveryState:
    return e.EveryState(tmp_path, rules)


@pytest.mark.parametrize("person, unit, may", ROLES)
def test_offered_and_sought_by_role(store: e.EveryState, person: str, unit: str, may: bool) -> None:
    args = c.Report("", "volunteer", e.STALLS, "Goods", "Road", e.TOWN, e.STATION)
    with store.work() as work:
        case_id = cases.report(work, Desk(e.CLERK, e.TOWN, "D-test", "A"), args, {"name": "Mr Test"}).case_id
        work.commit()
    store.does(e.CLERK, c.File(), case_id)
    store.does(e.CLERK, c.Dispatch(e.SQUAD, (e.MARKET,)), case_id)
    desk = Desk(person, unit, "D-test", "A")
    with store.work() as work:
        panel = cases.panel(work, desk, case_id)
        assert panel is not None and panel.may_read_requester is may
        if may:
            assert requester.seek(work, desk, case_id).here is not None
        else:
            with pytest.raises(Refused, match="requester_not_yours"):
                requester.seek(work, desk, case_id)
