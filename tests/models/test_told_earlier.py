"""When a unit was told of a case is heard after what it did: what it owes runs from then (D6, docs/decisions/0005, 0021)."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from models import commands as c
from models.case import Verdict
from models.clock import MINUTE_MS
from models.decide.spoken import to_ratify
from models.evidence import Moment
from models.people import DISTRICT_ITSELF
from models.policy import Stage
from models.rules import Rules
from tests.models.small_town import MARKET, SQUAD, START_MS, TOWN, VILLAGE, Walk, reference
from tests.models.stories import asked, at_work, failed, filed, handed_down, minute, of, told, verdict


def on_the_way(*co: str) -> Walk:
    """Dispatched, and no console has received it."""
    walk = filed()
    walk.act("clerk", c.Dispatch(SQUAD, co=co))
    return walk


def rung(walk: Walk, unit: str, at: Moment) -> None:
    """The clerk rang at that time, which is heard only now."""
    walk.act("clerk", c.LogCall(unit, "answered", assignment=of(walk, unit)), at=at)


@pytest.mark.parametrize("first", ["the call", "the arrival"])
def test_an_answered_call_counts_whether_it_is_heard_before_the_arrival_or_after(first: str) -> None:
    walk = on_the_way()
    walk.act(DISTRICT_ITSELF, c.Deliver(of(walk, SQUAD)), minutes=30)
    if first == "the call":
        rung(walk, SQUAD, minute(10))
    walk.act("squad-officer", c.Arrive(of(walk, SQUAD)), minutes=50)
    if first == "the arrival":
        assert verdict(walk, SQUAD, "arrival") is Verdict.ON_TIME
        rung(walk, SQUAD, minute(10))
    assert verdict(walk, SQUAD, "arrival") is Verdict.LATE, "told in minute 10, there in minute 80"
    assert walk.case is not None
    breach = walk.case.breach(f"{of(walk, SQUAD)}:arrival")
    assert breach is not None and breach.due_at == START_MS + 70 * MINUTE_MS


def test_what_is_written_down_later_moves_nothing() -> None:
    walk = on_the_way()
    walk.act(DISTRICT_ITSELF, c.Deliver(of(walk, SQUAD)), minutes=30)
    walk.act("squad-officer", c.Arrive(of(walk, SQUAD)), minutes=50)
    claimed = START_MS + 10 * MINUTE_MS
    walk.act("clerk", c.LogCall(SQUAD, "answered", assignment=of(walk, SQUAD), claimed_at=claimed), minutes=5)
    assert verdict(walk, SQUAD, "arrival") is Verdict.ON_TIME


def test_a_call_that_is_heard_when_the_duty_is_over_counts_too() -> None:
    walk = on_the_way()
    lead = of(walk, SQUAD)
    walk.act(DISTRICT_ITSELF, c.Deliver(lead), minutes=30)
    walk.act("squad-officer", c.Arrive(lead), minutes=50)
    walk.act("clerk", c.Redispatch(MARKET, "更近"), minutes=10)
    walk.act("clerk", c.LogCall(SQUAD, "answered", assignment=lead), at=minute(95))
    assert verdict(walk, SQUAD, "arrival") is Verdict.ON_TIME, "rung when it had the case no more"
    walk.act("clerk", c.LogCall(SQUAD, "answered", assignment=lead), at=minute(10))
    assert verdict(walk, SQUAD, "arrival") is Verdict.LATE


def test_where_the_earlier_start_makes_both_late_the_units_own_word_counts_and_nobody_is_asked_to_ratify() -> None:
    walk = on_the_way()
    walk.act(DISTRICT_ITSELF, c.Deliver(of(walk, SQUAD)), minutes=60)
    walk.act("squad-officer", c.Arrive(of(walk, SQUAD)), minutes=70)
    walk.try_act("clerk-2", c.Arrive(of(walk, SQUAD), on_behalf="squad-leader"), at=minute(110))
    assert verdict(walk, SQUAD, "arrival") is Verdict.UNRATIFIED, "in time by the delivery"
    rung(walk, SQUAD, minute(5))
    assert verdict(walk, SQUAD, "arrival") is Verdict.LATE
    assert walk.case is not None and to_ratify(walk.case, SQUAD, walk.rules) == ()


def test_a_call_ends_what_the_line_took_after_the_console_was_switched_on() -> None:
    dues = []
    for called_last in (False, True):
        walk = on_the_way()
        lead = of(walk, SQUAD)
        if not called_last:
            rung(walk, SQUAD, minute(25))
        walk.act(DISTRICT_ITSELF, c.Deliver(lead, START_MS + 20 * MINUTE_MS), minutes=40)
        if called_last:
            rung(walk, SQUAD, minute(25))
        assert walk.case is not None
        clock = walk.case.clock_of(lead, Stage.ARRIVAL)
        assert clock is not None
        dues.append(clock.due_at)
    assert dues == [START_MS + 65 * MINUTE_MS] * 2, "off up to minute 20, on the line up to the call in minute 25"


def test_a_typed_word_heard_second_tells_the_unit_as_well() -> None:
    walk = on_the_way()
    lead = of(walk, SQUAD)
    walk.act(DISTRICT_ITSELF, c.Deliver(lead), minutes=60)
    walk.act("squad-officer", c.GiveOpinion(lead, "见", "做"), minutes=5)
    walk.try_act("clerk", c.GiveOpinion(lead, "见", "做", on_behalf="squad-leader"), at=minute(20))
    assert walk.case is not None
    arrival = walk.case.clock_of(lead, Stage.ARRIVAL)
    assert arrival is not None and arrival.started_at == START_MS + 20 * MINUTE_MS


def test_of_a_doubtful_own_word_and_a_ratified_typed_one_the_earlier_counts() -> None:
    for typed_first in (True, False):
        walk = filed()
        walk.act("clerk", c.Dispatch(SQUAD))
        told(walk)
        lead = of(walk, SQUAD)
        own = Moment(START_MS + 40 * MINUTE_MS, START_MS + 70 * MINUTE_MS)
        if not typed_first:
            walk.act("squad-officer", c.Arrive(lead), at=own)
        typed = walk.try_act(
            "clerk",
            c.Arrive(lead, on_behalf="squad-leader"),
            at=Moment(START_MS + 50 * MINUTE_MS, START_MS + 65 * MINUTE_MS),
        )
        assert typed.events and walk.case is not None
        cmd_id = walk.case.history[-1].cmd_id
        if typed_first:
            walk.try_act("squad-officer", c.Arrive(lead), at=own)
        walk.try_act("squad-leader", c.Ratify(cmd_id), minutes=90)
        assert walk.case is not None
        clock = walk.case.clock_of(lead, Stage.ARRIVAL)
        assert clock is not None and clock.verdict is Verdict.DOUBTFUL and clock.stopped_by == cmd_id


def test_who_asked_in_time_and_lost_the_case_before_the_answer_is_spared_though_that_is_heard_last() -> None:
    walk = at_work(MARKET)
    helping = of(walk, MARKET)
    assert walk.case is not None
    clock = walk.case.clock_of(helping, Stage.HANDLING)
    assert clock is not None and clock.due_at is not None
    due_minutes = (clock.due_at - walk.now_ms) // MINUTE_MS
    walk.act("market-officer", c.AskExtension(helping, "未完"), minutes=30)
    request = asked(walk)
    walk.act("market-officer", c.Handled(helping), minutes=due_minutes)
    withdrawn = walk.now_ms + 10 * MINUTE_MS
    walk.act("deputy", c.AnswerExtension(request, False), minutes=20)
    assert verdict(walk, MARKET, "handling") is Verdict.LATE
    walk.act("clerk", c.WithdrawCoHandler(helping, "不用"), at=Moment(withdrawn, withdrawn))
    assert verdict(walk, MARKET, "handling") is Verdict.NOT_COUNTED


def test_a_round_that_is_led_by_another_since_began_with_its_first_lead() -> None:
    walk = at_work()
    walk.act("squad-officer", c.Feedback(of(walk, SQUAD), "已办"), minutes=60)
    failed(walk)  # "head" has submitted the check of the first round
    walk.act("clerk", c.AddCoHandler(VILLAGE), minutes=10)
    told(walk)
    helping = of(walk, VILLAGE)
    was_there = walk.now_ms + 20 * MINUTE_MS
    walk.act("clerk", c.Redispatch(MARKET, "更近"), minutes=30)
    arrived = walk.try_act("head", c.Arrive(helping), at=Moment(was_there, was_there))
    assert arrived.reason is None and verdict(walk, VILLAGE, "arrival") is Verdict.ON_TIME


def test_what_met_the_towns_hour_is_the_units_to_ratify_though_it_has_given_the_case_back() -> None:
    walk = handed_down()
    walk.act("clerk", c.Dispatch(SQUAD))
    told(walk)
    lead = of(walk, SQUAD)
    walk.act("squad-officer", c.AskReturn(lead, "不属本单位"), minutes=200)
    walk.act("clerk", c.AnswerReturn(asked(walk), True))
    walk.try_act("clerk", c.Arrive(lead, on_behalf="squad-officer"), at=minute(20))
    assert verdict(walk, TOWN, "arrival") is Verdict.UNRATIFIED
    assert walk.case is not None and len(to_ratify(walk.case, SQUAD, walk.rules)) == 1
    given = walk.case.assignment(lead)
    assert given is not None and given.may_ratify


def test_a_start_that_moves_under_a_newer_calendar_keeps_both_versions() -> None:
    walk = on_the_way()
    walk.act(DISTRICT_ITSELF, c.Deliver(of(walk, SQUAD)), minutes=30)
    walk.act("squad-officer", c.Arrive(of(walk, SQUAD)), minutes=5)
    newer = reference()
    walk.rules = Rules(replace(newer, calendar=replace(newer.calendar, version="test-2")))
    rung(walk, SQUAD, minute(10))
    assert walk.case is not None
    clock = walk.case.clock_of(of(walk, SQUAD), Stage.ARRIVAL)
    assert clock is not None and (clock.calendar_was, clock.calendar) == ("test-1", "test-2")
