"""Which missed due times are a breach at all (models/decide/breaches.py); the rest is in tests/district/test_breaches.py."""

from __future__ import annotations

from msgspec.structs import replace

from models import commands as c
from models.breach import BreachState
from models.calendar import YearStatus
from models.decide.breaches import could_testify, missed, not_final
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
