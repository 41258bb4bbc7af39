"""Whose word on a duty counts: the earliest by evidence, also when it arrives last (I13, sync.md §3.6)."""

from __future__ import annotations

import pytest

from models import commands as c
from models.case import State, Verdict
from models.decide import Outcome
from models.evidence import Moment, exactly
from models.people import DISTRICT_ITSELF
from tests.models.small_town import MARKET, SQUAD, START_MS, TOWN, VILLAGE, Walk
from tests.models.test_case_walk import dispatched, reported, verdicts
from tests.models.test_requests import co_of, handed_down, lead_of

MINUTE = 60_000


def with_co_handler(walk: Walk) -> tuple[str, str]:
    lead = dispatched(walk)
    co = co_of(walk)
    walk.act(DISTRICT_ITSELF, c.Deliver(lead))
    walk.act(DISTRICT_ITSELF, c.Deliver(co))
    return lead, co


def closed(walk: Walk) -> None:
    walk.act("member-1", c.CheckOnSite("member-1", True, "干净"), minutes=60)
    walk.act("vice", c.SubmitCheck())
    assert walk.act("confirmer", c.Confirm(), minutes=60).state is State.CLOSED


def test_a_co_handler_in_time_is_in_time_whatever_the_lead_did_before() -> None:
    walk = Walk()
    lead, co = with_co_handler(walk)
    walk.act("squad-officer", c.Arrive(lead), minutes=5)
    walk.act("squad-officer", c.Feedback(lead, "已办"), minutes=5)
    walk.act("market-officer", c.Acknowledge(co), minutes=5)
    case = walk.act("market-officer", c.Arrive(co), minutes=5)
    assert case.state is State.AWAITING_CHECK, "the case goes on where it is"
    walk.act("market-officer", c.NoteProgress("取证", co), minutes=1)
    walk.act("market-officer", c.Handled(co, "已取证"), minutes=1)
    closed(walk)
    found = verdicts(walk)
    assert found[f"arrival:{MARKET}"] is Verdict.ON_TIME and found[f"handling:{MARKET}"] is Verdict.ON_TIME


def test_a_co_handler_arrives_while_the_lead_is_being_replaced() -> None:
    walk = Walk()
    lead, co = with_co_handler(walk)
    walk.act("squad-officer", c.AskReturn(lead, "不属"))
    assert walk.case is not None
    walk.act("clerk", c.AnswerReturn(walk.case.requests[-1].id, True))
    case = walk.act("market-officer", c.Arrive(co), minutes=5)
    assert case.state is State.AWAITING_DISPATCH
    assert walk.last.reason is None and verdicts(walk)[f"arrival:{MARKET}"] is Verdict.ON_TIME


def test_closing_judges_only_what_was_due() -> None:
    walk = Walk()
    lead, _ = with_co_handler(walk)
    walk.act("squad-officer", c.Arrive(lead))
    walk.act("squad-officer", c.Feedback(lead, "已办"))
    closed(walk)
    found = verdicts(walk)
    assert found[f"arrival:{MARKET}"] is Verdict.LATE, "never came, and its hour is over"
    other = Walk()
    lead, _ = with_co_handler(other)
    other.act("squad-officer", c.Arrive(lead))
    other.act("squad-officer", c.Feedback(lead, "已办"))
    other.act("vice", c.CheckOnSite("vice", True, "干净"))
    other.act("vice", c.SubmitCheck())
    other.act("confirmer", c.Confirm(), minutes=5)
    assert verdicts(other)[f"arrival:{MARKET}"] is Verdict.NOT_COUNTED, "not due yet: neither met nor missed"


def test_a_word_that_reaches_the_centre_after_closing_meets_the_duty_it_was_spoken_under() -> None:
    walk = Walk()
    lead, co = with_co_handler(walk)
    came_at = walk.now_ms + 20 * MINUTE
    walk.act("squad-officer", c.Arrive(lead))
    walk.act("squad-officer", c.Feedback(lead, "已办"))
    closed(walk)
    assert verdicts(walk)[f"arrival:{MARKET}"] is Verdict.LATE
    late = walk.try_act("market-officer", c.Arrive(co), at=exactly(came_at))
    assert late.outcome is Outcome.ACCEPTED and late.reason is not None and late.reason.code == "appended_after_close"
    assert verdicts(walk)[f"arrival:{MARKET}"] is Verdict.ON_TIME
    assert walk.case is not None and walk.case.state is State.CLOSED


def test_a_second_dispatch_that_was_really_earlier_is_credited() -> None:
    walk = Walk()
    reported(walk)
    walk.act("clerk", c.File())
    walk.act("clerk", c.Dispatch(SQUAD), minutes=15)
    assert verdicts(walk)[f"dispatch:{TOWN}"] is Verdict.LATE
    again = walk.try_act("clerk-2", c.Dispatch(SQUAD), at=exactly(START_MS + 5 * MINUTE))
    assert again.outcome is Outcome.MERGED
    assert verdicts(walk)[f"dispatch:{TOWN}"] is Verdict.ON_TIME
    later = walk.try_act("clerk-2", c.Dispatch(SQUAD), minutes=9)
    assert later.outcome is Outcome.MERGED
    assert walk.case is not None and walk.case.clocks[0].stopped == exactly(START_MS + 5 * MINUTE)


def test_a_seconded_officers_dispatch_credits_nothing() -> None:
    walk = Walk()
    reported(walk)
    walk.act("clerk", c.File())
    walk.act("clerk", c.Dispatch(SQUAD), minutes=15)
    early = exactly(START_MS)
    assert walk.try_act("market-deputy", c.Dispatch(SQUAD), unit=TOWN, at=early).outcome is Outcome.REJECTED


def test_a_dispatch_of_an_older_cycle_credits_no_newer_one() -> None:
    walk = Walk()
    lead = dispatched(walk)
    walk.act("squad-officer", c.AskReturn(lead, "不属"), minutes=30)
    assert walk.case is not None
    walk.act("clerk", c.AnswerReturn(walk.case.requests[-1].id, True))
    walk.act("clerk", c.Dispatch(MARKET), minutes=15)
    old = walk.try_act("clerk-2", c.Dispatch(MARKET), at=exactly(START_MS))
    assert old.outcome is Outcome.MERGED
    assert walk.case.clock("dispatch-2").verdict is Verdict.LATE  # type: ignore[union-attr]


def test_an_arrival_that_was_really_earlier_meets_the_towns_hour_too() -> None:
    walk = Walk()
    handed_down(walk)
    walk.act("clerk", c.Dispatch(SQUAD))
    lead = lead_of(walk)
    walk.act(DISTRICT_ITSELF, c.Deliver(lead))
    walk.act("squad-officer", c.Arrive(lead), minutes=90)
    assert verdicts(walk)[f"arrival:{TOWN}"] is Verdict.LATE
    walk.try_act("squad-leader", c.Arrive(lead), at=exactly(walk.now_ms - 60 * MINUTE))
    found = verdicts(walk)
    assert found[f"arrival:{TOWN}"] is Verdict.ON_TIME and found[f"arrival:{SQUAD}"] is Verdict.ON_TIME


def test_a_first_opinion_that_was_really_earlier_is_credited() -> None:
    walk = Walk()
    lead, _ = with_co_handler(walk)
    walk.act("squad-officer", c.Arrive(lead))
    walk.act("squad-officer", c.GiveOpinion(lead, "见", "做"), minutes=3 * 24 * 60)
    assert verdicts(walk)[f"opinion:{SQUAD}"] is Verdict.LATE
    walk.try_act("squad-leader", c.GiveOpinion(lead, "见", "做"), at=exactly(START_MS + 60 * MINUTE))
    assert verdicts(walk)[f"opinion:{SQUAD}"] is Verdict.ON_TIME


@pytest.mark.parametrize("first", ["exact", "wide"])
def test_of_two_words_the_one_judged_more_kindly_counts_whichever_is_heard_first(first: str) -> None:
    walk = Walk()
    lead, _ = with_co_handler(walk)
    walk.now_ms += 70 * MINUTE
    words = [("squad-officer", exactly(walk.now_ms)), ("squad-leader", Moment(START_MS, walk.now_ms + MINUTE))]
    for person, at in words if first == "exact" else reversed(words):
        walk.try_act(person, c.Arrive(lead), at=at)
    assert walk.last.outcome is Outcome.MERGED
    assert verdicts(walk)[f"arrival:{SQUAD}"] is Verdict.DOUBTFUL


def test_a_typed_word_displaces_no_ones_own_in_time() -> None:
    walk = Walk()
    lead, _ = with_co_handler(walk)
    walk.act("squad-officer", c.Arrive(lead), minutes=40)
    typed = c.Arrive(lead, on_behalf="squad-leader")
    assert walk.try_act("clerk", typed, at=exactly(START_MS + 10 * MINUTE)).outcome is Outcome.MERGED
    assert verdicts(walk)[f"arrival:{SQUAD}"] is Verdict.ON_TIME


def test_an_arrival_before_the_reassignment_counts_for_who_arrived() -> None:
    walk = Walk()
    lead, _ = with_co_handler(walk)
    came_at = walk.now_ms + 5 * MINUTE
    case = walk.act("clerk", c.Redispatch(VILLAGE, "更近"), minutes=10)
    assert case.lead is not None and case.lead.receiver == VILLAGE
    arrived = walk.try_act("squad-officer", c.Arrive(lead), at=exactly(came_at), minutes=10)
    assert arrived.reason is not None and arrived.reason.code == "late_history"
    assert walk.case is not None and walk.case.state is State.DISPATCHED and walk.case.lead == case.lead
    assert verdicts(walk)[f"arrival:{SQUAD}"] is Verdict.ON_TIME


def test_an_arrival_after_the_reassignment_counts_for_nothing() -> None:
    walk = Walk()
    lead, _ = with_co_handler(walk)
    walk.act("clerk", c.Redispatch(VILLAGE, "更近"), minutes=10)
    walk.try_act("squad-officer", c.Arrive(lead), minutes=10)
    assert verdicts(walk)[f"arrival:{SQUAD}"] is Verdict.NOT_COUNTED


def test_an_arrival_under_a_returned_assignment_stays_uncounted() -> None:
    walk = Walk()
    lead, _ = with_co_handler(walk)
    came_at = walk.now_ms + 5 * MINUTE
    walk.act("squad-officer", c.AskReturn(lead, "不属"), minutes=10)
    assert walk.case is not None
    walk.act("clerk", c.AnswerReturn(walk.case.requests[-1].id, True), minutes=10)
    walk.try_act("squad-officer", c.Arrive(lead), at=exactly(came_at))
    assert verdicts(walk)[f"arrival:{SQUAD}"] is Verdict.NOT_COUNTED


def test_a_result_before_arrival_is_refused_and_not_filed_away_as_late() -> None:
    walk = Walk()
    lead, _ = with_co_handler(walk)
    assert walk.refused("squad-officer", c.Feedback(lead, "已办")) == "not_arrived"


def test_the_earlier_of_two_confirmations_is_credited_but_only_to_whoever_may_confirm() -> None:
    walk = Walk()
    lead, _ = with_co_handler(walk)
    walk.act("squad-officer", c.Arrive(lead))
    walk.act("squad-officer", c.Feedback(lead, "已办"))
    walk.act("vice", c.CheckOnSite("vice", True, "干净"))
    walk.act("vice", c.SubmitCheck())
    ready_ms = walk.now_ms
    walk.act("confirmer", c.Confirm(), minutes=26 * 60)
    assert verdicts(walk)[f"confirm:{TOWN}"] is Verdict.LATE
    assert walk.try_act("clerk", c.Confirm(), at=exactly(ready_ms + MINUTE)).outcome is Outcome.REJECTED
    assert walk.try_act("clerk-2", c.Confirm(), at=exactly(ready_ms + MINUTE)).outcome is Outcome.MERGED
    assert verdicts(walk)[f"confirm:{TOWN}"] is Verdict.ON_TIME


def typed_first(walk: Walk) -> str:
    lead = dispatched(walk)
    walk.act(DISTRICT_ITSELF, c.Deliver(lead))
    walk.act("clerk", c.Arrive(lead, on_behalf="squad-officer"), minutes=10)
    return lead


def test_the_units_own_word_in_time_counts_though_a_clerk_typed_one_before() -> None:
    walk = Walk()
    lead = typed_first(walk)
    assert walk.try_act("squad-officer", c.Arrive(lead), minutes=10).outcome is Outcome.MERGED
    assert walk.case is not None
    clock = walk.case.clock(f"{lead}:arrival")
    assert clock is not None and clock.verdict is Verdict.ON_TIME, "what is typed and not ratified is no evidence"


def test_the_units_own_word_too_late_takes_nothing_from_what_it_may_still_ratify() -> None:
    walk = Walk()
    lead = typed_first(walk)
    walk.try_act("squad-officer", c.Arrive(lead), minutes=90)
    assert walk.case is not None
    clock = walk.case.clock(f"{lead}:arrival")
    assert clock is not None and clock.verdict is Verdict.UNRATIFIED
    typed = next(step.cmd_id for step in walk.case.history if step.on_behalf)
    clock = walk.act("squad-officer", c.Ratify(typed)).clock(f"{lead}:arrival")
    assert clock is not None and clock.verdict is Verdict.ON_TIME
