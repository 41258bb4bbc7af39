"""What is handed on by somebody whose line is cut reaches the next desk when the centre hears of it, and no clock of that desk
runs before (D6, practice.md §1.3, §3: 传输延误 is nobody's).

Monday 2026-11-23; duty 08:00–12:00 and 14:30–17:30.
"""

from __future__ import annotations

import pytest

from models import commands as c
from models.case import Verdict
from models.organisation import DISTRICT_CODE
from models.people import DISTRICT_ITSELF
from tests.models.small_town import SQUAD, STALLS, TOWN, VILLAGE, WASTE, Walk
from tests.models.test_delivery import at, sent

REPORT = c.Report("LY-1", "grid", STALLS, "店外堆放", "路口", TOWN, VILLAGE)


def started(walk: Walk, clock_id: str) -> int | None:
    assert walk.case is not None
    found = walk.case.clock(clock_id)
    assert found is not None
    return found.started_at


def walk_at(clock: str) -> Walk:
    walk = Walk()
    walk.now_ms = at(clock)
    return walk


def test_the_ten_minutes_of_a_report_begin_when_it_reaches_the_town() -> None:
    walk = walk_at("09:00")
    walk.act("member-1", REPORT, heard_ms=at("10:00"))
    assert started(walk, "dispatch-1") == at("10:00"), "an hour without a line was not the town's"
    walk.now_ms = at("10:04")
    walk.act("clerk", c.File())
    case = walk.act("clerk", c.Dispatch(SQUAD))
    clock = case.clock("dispatch-1")
    assert clock is not None and clock.verdict is Verdict.ON_TIME


def test_the_ten_minutes_of_a_report_taken_down_at_the_own_desk_begin_at_once() -> None:
    walk = walk_at("09:00")
    walk.act("clerk", REPORT, heard_ms=at("10:00"))
    assert started(walk, "dispatch-1") == at("09:00"), "without a line it is dispatched by telephone"


def test_what_was_to_be_added_reaches_the_town_with_the_line() -> None:
    walk = walk_at("09:00")
    walk.act("member-1", REPORT)
    walk.act("clerk", c.AskSupplement("哪个路口?"), minutes=5)
    walk.act("member-1", c.Supplement(place="龙山路口"), minutes=5, heard_ms=at("11:00"))
    assert started(walk, "dispatch-2") == at("11:00")


def handled(walk: Walk) -> str:
    lead = sent(walk, SQUAD, at("08:30"))
    walk.act(DISTRICT_ITSELF, c.Deliver(lead))
    walk.act("squad-officer", c.Arrive(lead), minutes=10)
    return lead


def test_the_station_checks_from_when_the_result_reached_it() -> None:
    walk = walk_at("08:30")
    lead = handled(walk)
    walk.act("squad-officer", c.Feedback(lead, "已清理"), minutes=20, heard_ms=at("16:00"))
    assert started(walk, "check-1") == at("16:00")


def test_the_town_confirms_from_when_the_check_reached_it() -> None:
    walk = walk_at("08:30")
    lead = handled(walk)
    walk.act("squad-officer", c.Feedback(lead, "已清理"), minutes=20)
    walk.act("vice", c.NameChecker("member-1"))
    walk.act("member-1", c.CheckOnSite("member-1", True, "干净"), minutes=10)
    walk.act("vice", c.SubmitCheck(), minutes=10, heard_ms=at("16:30"))
    assert started(walk, "confirm-1") == at("16:30")


def test_the_district_rules_from_when_it_was_asked_over_the_line() -> None:
    walk = walk_at("09:00")
    walk.act("clerk", c.Report("LY-1", "grid", WASTE, "医疗废物", "路口", TOWN, VILLAGE))
    walk.act("clerk", c.File())
    case = walk.act("clerk", c.AskRuling("无此职能"), minutes=5, heard_ms=at("11:00"))
    assert started(walk, "dispatch-2") == at("11:00") and case.level == DISTRICT_CODE


@pytest.mark.parametrize("seconds, late", [(59, False), (60, True)])
def test_a_way_not_worth_a_word_moves_nothing(seconds: int, late: bool) -> None:
    walk = walk_at("09:00")
    heard_ms = at("09:00") + seconds * 1000
    walk.act("member-1", REPORT, heard_ms=heard_ms)
    assert started(walk, "dispatch-1") == (heard_ms if late else at("09:00"))
