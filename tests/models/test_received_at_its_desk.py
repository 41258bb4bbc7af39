"""A duty that hangs on no assignment has a way to its desk as well: a report to whoever dispatches it, a result to the station, a
check to the sub-centre. What the line takes of it is nobody's, a console switched off is its unit's (D6 "when that level receives
the report", practice.md §3).

The town is rostered, the station is not; duty 08:00–12:00 and 14:30–17:30.
"""

from __future__ import annotations

import pytest

from models import commands as c
from models.breach import BreachState
from models.case import Case, StageClock, Verdict
from models.decide import Outcome
from models.delivery import delay_of, missed_by_the_line
from models.people import DISTRICT_ITSELF
from models.rules import Rules
from tests.models.small_town import SQUAD, STALLS, TOWN, VILLAGE, Walk, reference
from tests.models.test_case_walk import handled
from tests.models.test_delivery import MINUTE, at


def reported(walk: Walk, when: str) -> Case:
    """By the station, to the town's desk."""
    walk.now_ms = at(when)
    return walk.act("head", c.Report("LY-1", "grid", STALLS, "某事", "路口", TOWN, VILLAGE))


def received(walk: Walk, clock: str, told: str, awake: str | None) -> Case:
    walk.now_ms = at(told)
    return walk.act(DISTRICT_ITSELF, c.Deliver("", at(awake) if awake else None, clock))


def clock_of(case: Case, name: str) -> StageClock:
    found = case.clock(name)
    assert found is not None
    return found


WAYS = [
    # reported, console running since (None: unknown), received; then: the ten minutes start, are due, 传输延误, 未开机
    ("09:00", "07:00", "09:40", "09:40", "09:50", 40, 0),
    ("09:00", None, "09:40", "09:40", "09:50", 40, 0),
    ("09:00", "09:40", "09:40", "09:00", "09:10", 0, 40),
    ("09:00", "09:05", "09:30", "09:00", "09:35", 25, 5),
    ("22:00", "22:30", "22:30", "22:00", "22:10", 0, 30),  # a town is on duty round the clock
]


@pytest.mark.parametrize("when, awake, told, starts, due, line, off", WAYS)
def test_the_ten_minutes_begin_when_the_level_has_the_report(
    when: str, awake: str | None, told: str, starts: str, due: str, line: int, off: int
) -> None:
    walk = Walk()
    assert clock_of(reported(walk, when), "dispatch-1").started_at == at(when), "nobody knows of a cut line yet"
    case = received(walk, "dispatch-1", told, awake)
    clock = clock_of(case, "dispatch-1")
    assert (clock.started_at, clock.due_at) == (at(starts), at(due))
    assert clock.start_kind == ("switched_off" if off else "delivered")
    found = delay_of(case, clock, walk.rules)
    assert found is not None and (found.sent_at, found.line_ms, found.off_ms) == (at(when), line * MINUTE, off * MINUTE)


def test_what_was_missed_only_by_the_line_is_said_and_charges_nobody() -> None:
    walk = Walk()
    reported(walk, "09:00")
    case = received(walk, "dispatch-1", "09:40", "07:00")
    delay = delay_of(case, clock_of(case, "dispatch-1"), walk.rules)
    case = walk.act("clerk", c.Decline("不属城管"), minutes=8)
    clock = clock_of(case, "dispatch-1")
    assert clock.verdict is Verdict.ON_TIME and delay is not None and missed_by_the_line(clock, delay, walk.now_ms)


def test_a_breach_found_meanwhile_is_taken_back_even_when_it_was_final() -> None:
    walk = Walk()
    reported(walk, "09:00")
    walk.act(DISTRICT_ITSELF, c.NoticeBreach("dispatch-1"), minutes=11)
    case = walk.act(DISTRICT_ITSELF, c.SettleBreach("dispatch-1", "grace"))
    breach = case.breach("dispatch-1")
    assert breach is not None and breach.state is BreachState.FINAL
    breach = received(walk, "dispatch-1", "09:40", "07:00").breach("dispatch-1")
    assert breach is not None and breach.state is BreachState.WITHDRAWN


def test_a_town_that_was_switched_off_keeps_its_breach() -> None:
    walk = Walk()
    reported(walk, "09:00")
    walk.act(DISTRICT_ITSELF, c.NoticeBreach("dispatch-1"), minutes=11)
    breach = received(walk, "dispatch-1", "09:40", "09:40").breach("dispatch-1")
    assert breach is not None and breach.state is BreachState.PROVISIONAL


def test_a_check_and_a_confirmation_have_their_way_too() -> None:
    walk = Walk()
    handled(walk)
    assert walk.case is not None
    begun = clock_of(walk.case, "check-1").started_at
    assert begun is not None
    walk.now_ms = begun + 90 * MINUTE
    case = walk.act(DISTRICT_ITSELF, c.Deliver("", begun - 60 * MINUTE, "check-1"))
    assert clock_of(case, "check-1").started_at == begun + 90 * MINUTE
    walk.act("vice", c.CheckOnSite("member-2", passed=True, seen="已清"))
    case = walk.act("vice", c.SubmitCheck())
    handed_on = clock_of(case, "confirm-1").started_at
    assert handed_on is not None
    case = walk.act(DISTRICT_ITSELF, c.Deliver("", handed_on - MINUTE, "confirm-1"), minutes=30)
    assert clock_of(case, "confirm-1").start_kind == "delivered"
    assert delay_of(case, clock_of(case, "check-1"), walk.rules) is not None, "an ended clock tells of its way as well"


def test_it_is_said_once_and_only_of_what_runs_and_took_a_while() -> None:
    walk = Walk()
    reported(walk, "09:00")
    ask = c.Deliver("", at("07:00"), "dispatch-1")
    walk.now_ms = at("09:00") + 59_000
    assert walk.try_act(DISTRICT_ITSELF, ask).outcome is Outcome.MERGED, "a minute is no delay"
    assert walk.try_act(DISTRICT_ITSELF, ask, minutes=5).outcome is Outcome.ACCEPTED
    assert walk.try_act(DISTRICT_ITSELF, ask, minutes=5).outcome is Outcome.MERGED
    walk.act("clerk", c.File())
    walk.act("clerk", c.Dispatch(SQUAD))
    assert walk.try_act(DISTRICT_ITSELF, ask, minutes=5).outcome is Outcome.MERGED, "it is met"
    assert walk.try_act(DISTRICT_ITSELF, c.Deliver("", None, "dispatch-9")).outcome is Outcome.REJECTED
    assert walk.try_act("clerk", ask).outcome is Outcome.REJECTED, "only the centre saw it"


def test_a_town_handed_the_case_by_the_district_is_told_of_its_assignment_and_nothing_else() -> None:
    walk = Walk(Rules(reference()))
    walk.now_ms = at("09:00")
    walk.act("intake", c.Report("Q-1", "hotline", STALLS, "某事", "路口", TOWN, VILLAGE))
    walk.act("intake", c.File())
    case = walk.act("operator", c.Dispatch(TOWN))
    town = case.town_assignment
    assert town is not None
    case = walk.act(DISTRICT_ITSELF, c.Deliver(town.id, at("06:00")), minutes=20)
    assert clock_of(case, "dispatch-2").started_at == walk.now_ms == at("09:20")
    case = walk.act("clerk", c.Dispatch(SQUAD), minutes=5)
    assert clock_of(case, "dispatch-2").verdict is Verdict.ON_TIME
