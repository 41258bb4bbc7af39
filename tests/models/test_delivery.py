"""Between sending and telling (D6, practice.md §3): the line's time is nobody's, a console switched off in duty hours its unit's.

The dates are practice.md's: Monday 2026-11-23; duty 08:00–12:00 and 14:30–17:30; the squad is rostered, the office is not.
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from models import commands as c
from models.case import AssignmentRole, Case, StageClock, Verdict
from models.decide import Outcome
from models.delivery import delay_of, missed_by_the_line
from models.people import DISTRICT_ITSELF
from models.policy import Stage
from tests.models.small_town import MARKET, SQUAD, STALLS, TOWN, VILLAGE, Walk

MINUTE = 60_000


def at(clock: str, day: int = 23) -> int:
    hour, minute = (int(part) for part in clock.split(":"))
    return int(datetime(2026, 11, day, hour, minute, tzinfo=timezone(timedelta(hours=8))).timestamp() * 1000)


def sent(walk: Walk, unit: str, when: int, emergency: bool = False) -> str:
    walk.now_ms = when
    walk.act("clerk", c.Report("LY-1", "grid", STALLS, "某事", "路口", TOWN, VILLAGE, emergency=emergency))
    walk.act("clerk", c.File())
    lead = walk.act("clerk", c.Dispatch(unit)).lead
    assert lead is not None
    return lead.id


def arrival(case: Case | None, lead: str) -> StageClock:
    assert case is not None
    found = case.clock(f"{lead}:{Stage.ARRIVAL.value}")
    assert found is not None
    return found


GAPS = [
    # unit, sent, console running since (None: unknown), told; then: hour starts, is due, minutes of 传输延误, minutes of 未开机
    (MARKET, "09:00", "07:00", "09:40", "09:40", "10:40", 40, 0),  # the line was broken: nobody's
    (MARKET, "09:00", None, "09:40", "09:40", "10:40", 40, 0),  # nobody knows why: nobody's, as before
    (MARKET, "09:00", "09:40", "09:40", "09:00", "10:00", 0, 40),  # switched off in duty hours: the unit's
    (MARKET, "09:00", "09:20", "09:40", "09:00", "10:20", 20, 20),  # off, then without a line: each its own
    (MARKET, "12:30", "14:35", "14:35", "14:30", "15:30", 0, 5),  # lunch is no duty of an office that is not rostered
    (MARKET, "12:30", "14:20", "14:40", "14:40", "15:40", 20, 0),  # on before duty began: what is left is the line's
    (SQUAD, "12:30", "14:35", "14:35", "12:30", "13:30", 0, 125),  # a rostered unit has duty round the clock
    (SQUAD, "09:00", "07:00", "09:00", "09:00", "10:00", 0, 0),  # told at once
]


@pytest.mark.parametrize("unit, when, awake, told, starts, due, line, off", GAPS)
def test_whose_the_time_between_is(
    unit: str, when: str, awake: str | None, told: str, starts: str, due: str, line: int, off: int
) -> None:
    walk = Walk()
    lead = sent(walk, unit, at(when))
    walk.now_ms = at(told)
    case = walk.act(DISTRICT_ITSELF, c.Deliver(lead, at(awake) if awake else None))
    clock = arrival(case, lead)
    assert (clock.started_at, clock.due_at) == (at(starts), at(due))
    assert clock.start_kind == ("switched_off" if off else "delivered")
    found = delay_of(case, clock, walk.rules)
    assert ((found.line_ms, found.off_ms) if found else (0, 0)) == (line * MINUTE, off * MINUTE)


def test_an_emergency_makes_every_hour_one_of_duty() -> None:
    walk = Walk()
    lead = sent(walk, MARKET, at("22:00"), emergency=True)
    walk.now_ms = at("23:00")
    clock = arrival(walk.act(DISTRICT_ITSELF, c.Deliver(lead, at("23:00"))), lead)
    assert clock.due_at == at("23:00"), "the hour ran while nobody was there to see it"


def test_a_night_without_duty_costs_nothing() -> None:
    walk = Walk()
    lead = sent(walk, MARKET, at("22:00"))
    walk.now_ms = at("08:10", 24)
    clock = arrival(walk.act(DISTRICT_ITSELF, c.Deliver(lead, at("07:55", 24))), lead)
    assert (clock.started_at, clock.start_kind) == (at("08:10", 24), "delivered")


def test_an_answered_call_ends_the_gap() -> None:
    walk = Walk()
    lead = sent(walk, MARKET, at("09:00"))
    walk.now_ms = at("09:10")
    called = walk.act("clerk", c.LogCall(MARKET, "answered", assignment=lead))
    assert arrival(called, lead).started_at == at("09:10")
    walk.now_ms = at("11:00")
    case = walk.act(DISTRICT_ITSELF, c.Deliver(lead, at("10:55")))
    clock = arrival(case, lead)
    assert clock.due_at == at("10:00"), "switched off until it was rung: its own ten minutes"
    found = delay_of(case, clock, walk.rules)
    assert found is not None and (found.line_ms, found.off_ms) == (0, 10 * MINUTE)


@pytest.mark.parametrize(
    ("person", "tells"), [("clerk", True), ("operator", True), ("market-officer", False), ("squad-officer", True)]
)
def test_who_tells_a_unit_by_telephone(person: str, tells: bool) -> None:
    """The office that helps may ring the squad, and its call is on record; the squad's hour is not its to start."""
    walk = Walk()
    lead = sent(walk, SQUAD, at("09:00"))
    walk.act("clerk", c.AddCoHandler(MARKET))
    walk.now_ms = at("09:10")
    case = walk.act(person, c.LogCall(SQUAD, "answered", "中队值班", lead))
    assert arrival(case, lead).started_at == (at("09:10") if tells else None)
    assert case.history[-1].kind == "case.log_call"


def test_a_deadline_missed_only_because_the_transmission_was_late_is_said_and_charges_nobody() -> None:
    walk = Walk()
    lead = sent(walk, SQUAD, at("09:00"))
    walk.now_ms = at("09:40")
    case = walk.act(DISTRICT_ITSELF, c.Deliver(lead, at("06:00")))
    clock = arrival(case, lead)
    delay = delay_of(case, clock, walk.rules)
    assert delay is not None and delay.due_if_sent_at == at("10:00")
    assert not missed_by_the_line(clock, delay, at("09:59")) and missed_by_the_line(clock, delay, at("10:01"))
    assert not missed_by_the_line(clock, delay, at("10:41")), "late by its own hour too: that is no delay's doing"
    walk.now_ms = at("10:20")
    case = walk.act("squad-officer", c.Arrive(lead))
    met = arrival(case, lead)
    assert met.verdict is Verdict.ON_TIME and missed_by_the_line(met, delay, at("12:00"))


def test_switched_off_in_duty_hours_may_make_it_late() -> None:
    walk = Walk()
    lead = sent(walk, SQUAD, at("09:00"))
    walk.now_ms = at("09:50")
    walk.act(DISTRICT_ITSELF, c.Deliver(lead, at("09:50")))
    walk.now_ms = at("10:20")
    case = walk.act("squad-officer", c.Arrive(lead))
    clock = arrival(case, lead)
    assert clock.verdict is Verdict.LATE
    delay = delay_of(case, clock, walk.rules)
    assert delay is not None and not missed_by_the_line(clock, delay, at("12:00"))


def test_the_town_sees_how_much_of_its_hour_went_on_the_way_down() -> None:
    walk = Walk()
    walk.now_ms = at("09:00")
    walk.act("intake", c.Report("Q-1", "hotline", STALLS, "某事", "路口", TOWN, VILLAGE))
    walk.act("intake", c.File())
    case = walk.act("operator", c.Dispatch(TOWN))
    (town,) = (a.id for a in case.active(AssignmentRole.TOWN))
    walk.act(DISTRICT_ITSELF, c.Deliver(town, at("06:00")))
    lead = walk.act("clerk", c.Dispatch(SQUAD), minutes=5).lead
    assert lead is not None
    case = walk.act(DISTRICT_ITSELF, c.Deliver(lead.id, at("06:00")), minutes=30)
    found = delay_of(case, arrival(case, town), walk.rules)
    assert found is not None and (found.line_ms, found.below_ms) == (0, 30 * MINUTE)


def test_a_second_delivery_charges_nothing_more() -> None:
    walk = Walk()
    lead = sent(walk, SQUAD, at("09:00"))
    assert walk.try_act(DISTRICT_ITSELF, c.Deliver(lead, at("09:30")), minutes=30).outcome is Outcome.ACCEPTED
    again = walk.try_act(DISTRICT_ITSELF, c.Deliver(lead, at("09:45")), minutes=15)
    assert again.outcome is Outcome.MERGED and arrival(walk.case, lead).started_at == at("09:00")


SENT_OVER_A_CUT_LINE = [
    # unit, sent, heard of at the centre, console running since, told; then: hour starts, is due, 传输延误, 未开机
    (
        SQUAD,
        "09:00",
        "14:00",
        "12:00",
        "14:00",
        "14:00",
        "15:00",
        300,
        0,
    ),  # it was on when there was something to receive
    (
        SQUAD,
        "09:00",
        "11:00",
        "11:20",
        "11:20",
        "11:00",
        "12:00",
        0,
        20,
    ),  # off while the centre had it: that is its own
    (SQUAD, "09:00", "11:00", "11:20", "11:30", "11:00", "12:10", 10, 20),
]


@pytest.mark.parametrize("unit, when, heard, awake, told, starts, due, line, off", SENT_OVER_A_CUT_LINE)
def test_nobody_can_receive_what_the_centre_has_not_heard_of(
    unit: str, when: str, heard: str, awake: str, told: str, starts: str, due: str, line: int, off: int
) -> None:
    walk = Walk()
    walk.now_ms = at(when)
    walk.act("clerk", c.Report("LY-1", "grid", STALLS, "某事", "路口", TOWN, VILLAGE))
    walk.act("clerk", c.File())
    lead = walk.act("clerk", c.Dispatch(unit), heard_ms=at(heard)).lead
    assert lead is not None
    walk.now_ms = at(told)
    case = walk.act(DISTRICT_ITSELF, c.Deliver(lead.id, at(awake)))
    clock = arrival(case, lead.id)
    assert (clock.started_at, clock.due_at) == (at(starts), at(due))
    found = delay_of(case, clock, walk.rules)
    assert ((found.line_ms, found.off_ms) if found else (0, 0)) == (line * MINUTE, off * MINUTE)
