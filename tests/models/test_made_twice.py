"""Two desks of one level, one of them cut off, take the same decision: it is one, whichever is heard first (models/decide/made_twice.py).

Minutes count from when a story begins, 11:30 on a working day.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from models import commands as c
from models.case import Assignment, State, Verdict
from models.deadline import Limit, LimitUnit
from models.decide import Outcome
from tests.models.small_town import DEPARTMENT, MARKET, SQUAD, STALLS, TOWN, VILLAGE, WASTE, Walk
from tests.models.stories import filed, last_word, minute
from tests.models.told_twice import Told, both, case_of, made

URGENT = Limit(2, LimitUnit.URGENT_HOUR)
ORDERS = pytest.mark.parametrize("late_first", [True, False], ids=["first", "last"])


def part_of(t: Told, unit: str) -> Assignment:
    """The unit's newest assignment."""
    found = case_of(t).assignment(t.of(unit))
    assert found is not None
    return found


def code(t: Told) -> str:
    """Why the act that was done last came to what it came to."""
    assert t.walk.last is not None and t.walk.last.reason is not None
    return t.walk.last.reason.code


def reported() -> Walk:
    walk = Walk()
    walk.act("clerk", c.Report("1", "hotline", STALLS, "某事", "路口", TOWN, VILLAGE))
    return walk


def a_call_about_what_its_own_desk_calls_otherwise(t: Told) -> str:
    def sent_and_rung() -> None:
        t.tried(8, "clerk-2", c.Dispatch(SQUAD))
        t.tried(9, "clerk-2", c.LogCall(SQUAD, "answered", assignment=made(t)))

    both(t, sent_and_rung, lambda: t.tried(12, "clerk", c.Dispatch(SQUAD)))
    t.received(SQUAD, 60)
    t.at(100, "squad-officer", c.Arrive(t.of(SQUAD)))
    return f"{t.of(SQUAD)}:arrival"


def a_call_to_a_town_that_two_desks_of_the_district_sent(t: Told) -> str:
    t.walk = filed("intake", "hotline")

    def sent_and_rung() -> None:
        t.tried(5, "operator-2", c.Dispatch(TOWN))
        t.tried(6, "operator-2", c.LogCall(TOWN, "answered", assignment=made(t)))

    both(t, sent_and_rung, lambda: t.tried(9, "operator", c.Dispatch(TOWN)))
    t.received(TOWN, 60)
    t.at(62, "clerk", c.Dispatch(SQUAD))
    return "dispatch-2"


def an_arrival_typed_for_what_its_own_desk_calls_otherwise(t: Told) -> str:
    names: list[str] = []

    def sent() -> None:
        t.tried(8, "clerk-2", c.Dispatch(SQUAD))
        names.append(made(t))

    both(t, sent, lambda: t.tried(12, "clerk", c.Dispatch(SQUAD)))
    t.received(SQUAD, 13)
    t.at(40, "clerk-2", c.Arrive(names[0], on_behalf="squad-officer"))
    t.at(45, "squad-leader", c.Ratify(last_word(t.walk)))
    return f"{t.of(SQUAD)}:arrival"


def a_word_typed_before_the_other_desk_had_sent_the_unit(t: Told) -> str:
    t.late(8, "clerk-2", c.Dispatch(SQUAD))
    t.late(9, "clerk-2", c.FirstResponse("先拉线", on_behalf="squad-officer"))
    t.tried(12, "clerk", c.Dispatch(SQUAD))
    t.heard()
    t.received(SQUAD, 60)
    t.at(100, "squad-officer", c.Arrive(t.of(SQUAD)))
    return f"{t.of(SQUAD)}:arrival"


def taken_away_twice(t: Told) -> str:
    t.at(0, "clerk", c.Dispatch(SQUAD))
    lead = t.received(SQUAD, 0)
    t.late(50, "clerk-2", c.Redispatch(MARKET, "更近"))
    t.tried(75, "squad-officer", c.Arrive(lead))
    t.tried(80, "clerk", c.Redispatch(MARKET, "更近"))
    return f"{lead}:arrival"


def a_call_to_whom_both_desks_sent_instead(t: Told) -> str:
    t.at(0, "clerk", c.Dispatch(SQUAD))

    def sent_and_rung() -> None:
        t.tried(5, "clerk-2", c.Redispatch(MARKET, "更近"))
        t.tried(6, "clerk-2", c.LogCall(MARKET, "answered", assignment=made(t)))

    both(t, sent_and_rung, lambda: t.tried(9, "clerk", c.Redispatch(MARKET, "更近")))
    t.received(MARKET, 60)
    t.at(100, "market-officer", c.Arrive(t.of(MARKET)))
    return f"{t.of(MARKET)}:arrival"


def sent_twice_and_handed_on(t: Told) -> str:
    t.late(8, "clerk-2", c.Dispatch(SQUAD))
    t.tried(14, "clerk", c.Dispatch(SQUAD))
    t.received(SQUAD, 15)
    t.at(20, "clerk", c.Redispatch(MARKET, "更近"))
    return "dispatch-1"


def sent_twice_and_given_back(t: Told) -> str:
    t.late(8, "clerk-2", c.Dispatch(SQUAD))
    t.tried(14, "clerk", c.Dispatch(SQUAD))
    t.given_back(t.received(SQUAD, 15), 20)
    return "dispatch-1"


def sent_twice_and_given_back_and_sent_again(t: Told) -> str:
    t.late(8, "clerk-2", c.Dispatch(SQUAD))
    t.tried(9, "clerk", c.Dispatch(SQUAD))
    t.given_back(t.received(SQUAD, 15), 20)
    t.heard()
    t.tried(40, "clerk", c.Dispatch(MARKET))
    return "dispatch-2"


def taken_away_twice_and_again(t: Told) -> str:
    t.at(0, "clerk", c.Dispatch(VILLAGE))
    t.received(VILLAGE, 0)
    t.late(50, "clerk-2", c.Redispatch(MARKET, "更近"))
    t.tried(55, "clerk", c.Redispatch(MARKET, "更近"))
    t.at(70, "clerk", c.Redispatch(SQUAD, "回"))
    lead = t.received(SQUAD, 71)
    t.at(140, "squad-officer", c.Arrive(lead))
    t.heard()
    assert case_of(t).lead == case_of(t).assignment(lead)
    return f"{lead}:arrival"


def asked_for_facts_twice_which_came(t: Told) -> str:
    t.walk = reported()
    t.late(8, "clerk-2", c.AskSupplement("不清"))
    t.tried(9, "clerk", c.AskSupplement("不清"))
    t.at(20, "clerk", c.Supplement(place="某路"))
    t.heard()
    assert case_of(t).state is State.REPORTED
    t.tried(45, "clerk", c.File())
    t.tried(46, "clerk", c.Dispatch(SQUAD))
    return "dispatch-2"


def facts_asked_for_twice(t: Told) -> str:
    t.walk = reported()
    t.late(8, "clerk-2", c.AskSupplement("不清"))
    t.tried(15, "clerk", c.AskSupplement("不清"))
    return "dispatch-1"


def declined_twice(t: Told) -> str:
    t.walk = reported()
    t.late(8, "clerk-2", c.Decline("不属"))
    t.tried(15, "clerk", c.Decline("不属"))
    return "dispatch-1"


def put_with_another_case_twice(t: Told) -> str:
    t.walk = reported()
    into = c.Merge("019ab000-0000-7000-8000-000000000002")
    t.late(8, "clerk-2", into)
    t.tried(15, "clerk", into)
    return "dispatch-1"


def transferred_twice(t: Told) -> str:
    t.walk = reported()
    t.late(8, "clerk-2", c.TransferOut(DEPARTMENT, "非"))
    t.tried(15, "clerk", c.TransferOut(DEPARTMENT, "非"))
    return "dispatch-1"


def a_ruling_asked_for_twice(t: Told) -> str:
    t.walk = filed(category=WASTE)
    t.late(8, "clerk-2", c.AskRuling("不属"))
    t.tried(15, "clerk", c.AskRuling("不属"))
    return "dispatch-1"


def ruled_twice(t: Told) -> str:
    t.walk = filed(category=WASTE)
    t.at(5, "clerk", c.AskRuling("不属"))
    t.late(10, "operator-2", c.Rule(SQUAD, URGENT))
    t.tried(20, "operator", c.Rule(SQUAD, URGENT))
    return "dispatch-2"


def a_ruling_refused_twice(t: Told) -> str:
    t.walk = filed(category=WASTE)
    t.at(5, "clerk", c.AskRuling("不属"))
    t.late(10, "operator-2", c.RefuseRuling("属"))
    t.tried(20, "operator", c.RefuseRuling("属"))
    return "dispatch-2"


def _judged_twice(t: Told, args: c.Args) -> str:
    t.at(0, "clerk", c.Dispatch(SQUAD))
    lead = t.received(SQUAD, 0)
    t.at(1, "squad-officer", c.Arrive(lead))
    t.handed_in(lead, 2)
    t.late(200, "clerk-2", args)
    t.tried(1500, "confirmer", args)
    return "confirm-1"


def not_confirmed_twice(t: Told) -> str:
    return _judged_twice(t, c.RefuseConfirm("未清"))


def confirmed_twice(t: Told) -> str:
    return _judged_twice(t, c.Confirm())


STORIES: dict[Callable[[Told], str], Verdict] = {
    a_call_about_what_its_own_desk_calls_otherwise: Verdict.LATE,
    a_call_to_a_town_that_two_desks_of_the_district_sent: Verdict.LATE,
    an_arrival_typed_for_what_its_own_desk_calls_otherwise: Verdict.ON_TIME,
    a_word_typed_before_the_other_desk_had_sent_the_unit: Verdict.LATE,
    taken_away_twice: Verdict.NOT_COUNTED,
    a_call_to_whom_both_desks_sent_instead: Verdict.LATE,
    sent_twice_and_handed_on: Verdict.ON_TIME,
    sent_twice_and_given_back: Verdict.ON_TIME,
    sent_twice_and_given_back_and_sent_again: Verdict.LATE,
    taken_away_twice_and_again: Verdict.LATE,
    asked_for_facts_twice_which_came: Verdict.LATE,
    facts_asked_for_twice: Verdict.ON_TIME,
    declined_twice: Verdict.ON_TIME,
    put_with_another_case_twice: Verdict.ON_TIME,
    transferred_twice: Verdict.ON_TIME,
    a_ruling_asked_for_twice: Verdict.ON_TIME,
    ruled_twice: Verdict.ON_TIME,
    a_ruling_refused_twice: Verdict.ON_TIME,
    not_confirmed_twice: Verdict.ON_TIME,
    confirmed_twice: Verdict.ON_TIME,
}


@ORDERS
@pytest.mark.parametrize("story", STORIES, ids=lambda story: story.__name__)
def test_it_is_one_decision(story: Callable[[Told], str], late_first: bool) -> None:
    t = Told(late_first)
    assert t.clock(story(t)).verdict is STORIES[story]


def test_what_was_decided_otherwise_about_an_earlier_cycle_moves_nothing() -> None:
    t = Told(False)
    t.at(9, "clerk", c.Dispatch(SQUAD))
    t.given_back(t.received(SQUAD, 15), 20)
    for said in (c.Dispatch(MARKET), c.AskRuling("不属"), c.TransferOut(DEPARTMENT, "非")):
        t.at(8, "clerk-2", said, Outcome.REJECTED)
        assert code(t) == "decided_since"
    assert t.clock("dispatch-2").stopped is None
    t.at(40, "clerk", c.Dispatch(VILLAGE))
    t.at(15, "clerk-2", c.Redispatch(MARKET, "更近"), Outcome.REJECTED)
    assert code(t) == "decided_since"
    assert part_of(t, VILLAGE).ended == ""


def test_who_sent_a_case_back_and_says_so_again_is_told_where_it_stands() -> None:
    t = Told(False)
    t.walk = filed(category=WASTE)
    t.at(5, "clerk", c.AskRuling("不属"))
    t.at(9, "operator", c.RefuseRuling("属"))
    t.at(12, "operator", c.RefuseRuling("属"), Outcome.REJECTED)
    assert code(t) == "not_in_this_state"


def test_a_decision_counts_where_a_cycle_does_not_say_when_it_was_opened() -> None:
    t = Told(False)
    t.at(9, "clerk", c.Dispatch(SQUAD))
    t.given_back(t.received(SQUAD, 15), 20)
    older = tuple(replace(clock, opened_at=None) for clock in case_of(t).clocks)
    t.walk.case = replace(case_of(t), clocks=older)
    assert t.at(30, "clerk", c.Dispatch(MARKET)).outcome is Outcome.ACCEPTED


@ORDERS
def test_whoever_had_a_hand_in_the_round_does_not_send_it_back(late_first: bool) -> None:
    t = Told(late_first)
    t.at(0, "clerk", c.Dispatch(SQUAD))
    lead = t.received(SQUAD, 0)
    t.at(1, "squad-officer", c.Arrive(lead))
    t.at(2, "clerk-2", c.Feedback(lead, "已办", on_behalf="squad-officer"))
    t.at(3, "vice", c.CheckOnSite("member-1", True, "看"))
    t.at(4, "vice", c.SubmitCheck())
    both(
        t,
        lambda: t.at(200, "clerk-2", c.RefuseConfirm("未清"), Outcome.REJECTED),
        lambda: t.at(1500, "confirmer", c.RefuseConfirm("未清")),
    )
    assert t.clock("confirm-1").verdict is Verdict.LATE


def test_of_two_dispatches_the_earlier_says_since_when_the_unit_has_the_case() -> None:
    t = Told(False)
    t.at(12, "clerk", c.Dispatch(SQUAD))
    t.at(8, "clerk-2", c.Dispatch(SQUAD), Outcome.MERGED)
    given = part_of(t, SQUAD)
    assert (given.assigned_at, given.heard_at) == (minute(8), minute(12).hi)
    assert given.also_known_as == (made(t),)


def test_a_clerk_who_sends_the_case_to_whom_he_sent_it_is_told_so() -> None:
    t = Told(False)
    t.at(0, "clerk", c.Dispatch(SQUAD))
    t.at(5, "clerk", c.Redispatch(MARKET, "更近"))
    t.at(9, "clerk", c.Redispatch(MARKET, "更近"), Outcome.REJECTED)
    assert code(t) == "already_the_lead"
