"""Which missed due times are a breach at all (models/decide/breaches.py); the rest is in tests/district/test_breaches.py."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from models import commands as c
from models.breach import BreachState
from models.calendar import MINUTE_MS, CalendarDay, DayKind, YearStatus
from models.decide.breaches import could_testify, missed, not_final
from models.evidence import Grade, Moment, exactly
from models.people import DISTRICT_ITSELF
from models.rules import Rules
from tests.models.small_town import SQUAD, TOWN, Walk
from tests.models.test_case_walk import dispatched, reported
from tests.models.test_requests import handed_down, request_of

HOUR = 3_600_000


def test_a_due_time_that_may_still_move_is_nobodys_breach() -> None:
    walk = Walk()
    lead = dispatched(walk)
    case = walk.act(DISTRICT_ITSELF, c.Deliver(lead))
    arrival = f"{lead}:arrival"
    assert arrival in {k.id for k in missed(case, walk.now_ms + 2 * HOUR)}
    unsure = replace(case, clocks=tuple(replace(k, provisional=True) for k in case.clocks))
    assert missed(unsure, walk.now_ms + 2 * HOUR) == ()
    walk.case = unsure
    late = walk.act("squad-officer", c.Arrive(lead), minutes=120)
    assert late.breach(arrival) is None
    walk.case = case
    assert (walk.act("squad-officer", c.Arrive(lead)).breach(arrival) or unsure).state is BreachState.FINAL  # type: ignore[union-attr]


def test_a_breach_whose_due_time_may_move_again_is_nobodys_either() -> None:
    walk = Walk()
    lead = dispatched(walk)
    walk.act(DISTRICT_ITSELF, c.Deliver(lead))
    opinion = f"{lead}:opinion"
    case = walk.act(DISTRICT_ITSELF, c.NoticeBreach(opinion), minutes=3 * 24 * 60)
    assert [b.id for b in not_final(case)] == [opinion]
    first = walk.rules.reference
    years = tuple(replace(y, status=YearStatus.PROVISIONAL) for y in first.calendar.years)
    walk.rules = Rules(replace(first, calendar=replace(first.calendar, version="test-2", years=years)))
    unsure = replace(case, clocks=tuple(replace(k, provisional=True) for k in case.clocks))
    assert not_final(unsure) == ()
    case = walk.act(DISTRICT_ITSELF, c.Recalculate("test-1", "test-2"))
    assert [b.state for b in case.breaches] == [BreachState.WITHDRAWN]


def test_for_a_towns_clock_whom_it_sent_may_testify_too() -> None:
    walk = Walk()
    town = handed_down(walk)
    case = walk.act("clerk", c.Dispatch(SQUAD))
    clock = case.clock(f"{town}:arrival")
    assert clock is not None and {TOWN, SQUAD} <= could_testify(case, clock)


def test_what_is_void_was_nobodys_to_dispatch() -> None:
    walk = Walk()
    reported(walk)
    walk.act("clerk", c.File())
    walk.act(DISTRICT_ITSELF, c.NoticeBreach("dispatch-1"), minutes=60)
    case = walk.act(DISTRICT_ITSELF, c.SettleBreach("dispatch-1", "watermark"))
    assert [b.state for b in case.breaches] == [BreachState.FINAL]
    walk.act("clerk", c.AskVoid("重复录入"))
    case = walk.act("deputy", c.AnswerVoid(request_of(walk), True))
    assert [b.state for b in case.breaches] == [BreachState.WITHDRAWN]


def late_and_final(walk: Walk, stage: str) -> str:
    """The lead missed its limit, and all who could say otherwise have been heard; the clock."""
    lead = dispatched(walk)
    walk.act(DISTRICT_ITSELF, c.Deliver(lead))
    if stage != "arrival":
        walk.act("squad-officer", c.Arrive(lead), minutes=10)
    name = f"{lead}:{stage}"
    walk.act(DISTRICT_ITSELF, c.NoticeBreach(name), minutes=3 * 24 * 60)
    case = walk.act(DISTRICT_ITSELF, c.SettleBreach(name, "grace", ("D-1",)))
    assert [b.state for b in case.breaches] == [BreachState.FINAL]
    return lead


@pytest.mark.parametrize(("verdict", "state"), [("late", BreachState.FINAL), ("on_time", BreachState.WITHDRAWN)])
def test_what_turns_out_doubtful_is_no_breach_until_two_have_ruled(verdict: str, state: BreachState) -> None:
    """Undecided is not late, also where the grace was over (docs/decisions/0009)."""
    walk = Walk()
    lead = late_and_final(walk, "arrival")
    clock = walk.case and walk.case.clock(f"{lead}:arrival")
    assert clock and clock.due_at is not None
    doubtful = Moment(clock.due_at - MINUTE_MS, clock.due_at + MINUTE_MS, Grade.DOUBTFUL)
    case = walk.act("squad-officer", c.Arrive(lead), at=doubtful)
    assert [b.state for b in case.breaches] == [BreachState.WITHDRAWN]
    walk.act("operator", c.ProposeTimeRuling(clock.id, verdict, "照片为证"))
    case = walk.act("operator-2", c.AnswerTimeRuling(request_of(walk), True))
    assert [b.state for b in case.breaches] == [state]


@pytest.mark.parametrize("granted", [True, False])
def test_more_time_asked_for_in_time_and_heard_of_late_takes_it_back_until_it_is_answered(granted: bool) -> None:
    walk = Walk()
    lead = late_and_final(walk, "handling")
    clock = walk.case and walk.case.clock(f"{lead}:handling")
    assert clock and clock.due_at is not None
    case = walk.act("squad-officer", c.AskExtension(lead, "等吊车"), at=exactly(clock.due_at - HOUR))
    assert [b.state for b in case.breaches] == [BreachState.WITHDRAWN]
    assert clock.id not in {k.id for k in missed(case, walk.now_ms)}
    case = walk.act("clerk", c.AnswerExtension(request_of(walk), granted))
    (again,) = (k for k in missed(case, walk.now_ms) if k.id == clock.id)
    assert again.due_at == clock.due_at + (2 * HOUR if granted else 0), "it is over now, and to be vouched for anew"


def test_a_calendar_that_moves_a_due_time_is_vouched_for_by_the_time_that_holds() -> None:
    walk = Walk()
    lead = dispatched(walk)
    walk.act(DISTRICT_ITSELF, c.Deliver(lead))
    walk.act("squad-officer", c.Arrive(lead), minutes=10)
    opinion = f"{lead}:opinion"
    walk.act(DISTRICT_ITSELF, c.NoticeBreach(opinion), minutes=30 * 60)
    case = walk.act(DISTRICT_ITSELF, c.SettleBreach(opinion, "watermark"))
    was = case.breach(opinion)
    first = walk.rules.reference
    days = (CalendarDay("2026-11-24", DayKind.STATUTORY_HOLIDAY, "test"),)
    walk.rules = Rules(replace(first, calendar=replace(first.calendar, version="test-2", days=days)))
    case = walk.act(DISTRICT_ITSELF, c.Recalculate("test-1", "test-2"), minutes=3 * 24 * 60)
    now = case.breach(opinion)
    assert was is not None and was.state is BreachState.FINAL and now is not None and now.state is BreachState.WITHDRAWN
    (again,) = (k for k in missed(case, walk.now_ms) if k.id == opinion)
    assert again.due_at is not None and again.due_at > was.due_at, (
        "over all the same, but nobody has vouched for this one"
    )
