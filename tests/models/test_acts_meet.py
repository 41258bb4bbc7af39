"""What acts come to that met others on their way: the table of sync.md §3.6, row by row, as far as the rule book decides it.

The rows on disabled users, case numbers and two creates of one event stand in tests/district (test_accounts, test_merging)
and tests/whole; the row on attachments waits for attachments.
"""

from __future__ import annotations

import pytest

from models import commands as c
from models.case import State, Verdict
from models.decide import Decision
from models.evidence import Moment, exactly
from models.people import DISTRICT_ITSELF
from tests.models.small_town import MARKET, SQUAD, TOWN, VILLAGE, Walk
from tests.models.test_case_walk import dispatched, reported, verdicts

MINUTE = 60_000


def answered(decision: Decision) -> tuple[str, str]:
    return decision.outcome.value, decision.reason.code if decision.reason else ""


def delivered(walk: Walk) -> str:
    lead = dispatched(walk)
    walk.act(DISTRICT_ITSELF, c.Deliver(lead))
    return lead


def ready_to_dispatch(walk: Walk) -> None:
    reported(walk)
    walk.act("clerk", c.File())


def test_two_workstations_dispatch_to_one_unit() -> None:
    walk = Walk()
    ready_to_dispatch(walk)
    walk.act("clerk", c.Dispatch(SQUAD), minutes=15)
    second = walk.try_act("clerk-2", c.Dispatch(SQUAD), at=exactly(walk.now_ms - 10 * MINUTE))
    assert answered(second) == ("merged", "already_dispatched")
    assert walk.case is not None and [h.actor for h in walk.case.history if h.kind == "case.dispatch"] == [
        "clerk",
        "clerk-2",
    ], "both are named"
    assert verdicts(walk)[f"dispatch:{TOWN}"] is Verdict.ON_TIME, "the earlier evidence counts"


def test_two_workstations_dispatch_to_different_units() -> None:
    walk = Walk()
    ready_to_dispatch(walk)
    first = walk.act("clerk", c.Dispatch(SQUAD))
    second = walk.try_act("clerk-2", c.Dispatch(MARKET))
    assert answered(second) == ("rejected", "already_dispatched_to") and second.reason is not None
    assert second.reason.by == first.history[-1].cmd_id and second.reason.args["unit"] == SQUAD
    assert "case.redispatch" in str(second.reason.args["allowed"]), "the tray offers 改派"


AFTER_REASSIGNMENT = [
    # made this many minutes after the reassignment, with this radius; what it comes to; is the hour met by it
    (-5, 0, ("accepted", "late_history"), Verdict.ON_TIME),
    (0, 2, ("accepted", "late_history"), Verdict.NOT_COUNTED),  # cannot be told apart: kept, and credits nothing
    (5, 0, ("rejected", "not_your_case"), Verdict.NOT_COUNTED),
]


@pytest.mark.parametrize("minutes, radius, comes_to, hour", AFTER_REASSIGNMENT)
def test_the_district_reassigns_while_the_first_unit_acts(
    minutes: int, radius: int, comes_to: tuple[str, str], hour: Verdict
) -> None:
    walk = Walk()
    lead = delivered(walk)
    reassigned = walk.act("clerk", c.Redispatch(VILLAGE, "更近"), minutes=10)
    at_ms = walk.now_ms + minutes * MINUTE
    at = Moment(at_ms - radius * MINUTE, at_ms + radius * MINUTE)
    walk.now_ms += 20 * MINUTE
    decision = walk.try_act("squad-officer", c.Arrive(lead, "到了"), at=at)
    assert answered(decision) == comes_to
    assert verdicts(walk)[f"arrival:{SQUAD}"] is hour
    assert walk.case is not None and walk.case.state is State.DISPATCHED and walk.case.lead == reassigned.lead
    in_history = [h.actor for h in walk.case.history if h.kind == "case.arrive"]
    assert in_history == (["squad-officer"] if comes_to[0] == "accepted" else []), (
        "whoever comes next reads who was there"
    )


@pytest.mark.parametrize("act", ["case.arrive", "case.feedback", "case.ask_return"])
def test_a_unit_whose_case_it_is_no_longer_is_told_so_whatever_it_does(act: str) -> None:
    walk = Walk()
    lead = delivered(walk)
    ended = walk.act("clerk", c.Redispatch(VILLAGE, "更近"), minutes=10)
    args = {
        "case.arrive": c.Arrive(lead),
        "case.feedback": c.Feedback(lead, "已办"),
        "case.ask_return": c.AskReturn(lead, "不属"),
    }
    assert walk.refused("squad-officer", args[act], minutes=5) == "not_your_case"
    reason = walk.last.reason
    assert (
        reason is not None
        and reason.by == ended.history[-1].cmd_id
        and reason.args["at"] == ended.history[-1].at.shown_at
        and reason.args["number"] == ended.number
    )


def test_a_returned_case_is_not_the_units_any_more_either() -> None:
    walk = Walk()
    lead = delivered(walk)
    walk.act("squad-officer", c.AskReturn(lead, "不属"))
    assert walk.case is not None
    walk.act("clerk", c.AnswerReturn(walk.case.requests[-1].id, True), minutes=5)
    assert walk.refused("squad-officer", c.Arrive(lead), minutes=5) == "not_your_case"


def test_a_unit_that_got_the_case_back_may_speak_of_its_first_turn() -> None:
    walk = Walk()
    first = delivered(walk)
    walk.act("clerk", c.Redispatch(VILLAGE, "更近"), minutes=10)
    walk.act("clerk", c.Redispatch(SQUAD, "还是中队"), minutes=10)
    assert answered(walk.try_act("squad-officer", c.Arrive(first), minutes=5)) == ("accepted", "late_history")


def test_a_word_on_an_earlier_round_is_kept() -> None:
    walk = Walk()
    first = delivered(walk)
    walk.act("squad-officer", c.Arrive(first))
    walk.act("squad-officer", c.Feedback(first, "已办"))
    walk.act("vice", c.CheckOnSite("member-1", False, "未清"))
    walk.act("vice", c.SubmitCheck())
    assert answered(walk.try_act("squad-officer", c.NoteProgress("当时已清", first))) == ("accepted", "late_history")


def test_the_village_looks_twice() -> None:
    walk = Walk()
    lead = delivered(walk)
    walk.act("squad-officer", c.Arrive(lead))
    walk.act("squad-officer", c.Feedback(lead, "已办"))
    walk.act("member-1", c.CheckOnSite("member-1", True, "干净"))
    assert answered(walk.try_act("member-2", c.CheckOnSite("member-2", True, "干净"))) == ("merged", "already_checked")
    other = walk.try_act("member-2", c.CheckOnSite("member-2", False, "未清"))
    assert answered(other) == ("rejected", "verified_already") and other.reason is not None and other.reason.by


@pytest.mark.parametrize("end", ["closed", "void"])
def test_a_result_that_comes_when_the_case_is_over_is_kept_as_a_note(end: str) -> None:
    walk = Walk()
    lead = delivered(walk)
    if end == "void":
        walk.act("clerk", c.AskVoid("重复"))
        assert walk.case is not None
        walk.act("deputy", c.AnswerVoid(walk.case.requests[-1].id, True))
    else:
        walk.act("squad-officer", c.Arrive(lead))
        walk.act("squad-officer", c.Feedback(lead, "已办"))
        walk.act("vice", c.CheckOnSite("member-1", True, "干净"))
        walk.act("vice", c.SubmitCheck())
        walk.act("confirmer", c.Confirm())
    before = walk.case
    late = walk.try_act("squad-officer", c.Feedback(lead, "又清了一遍"), minutes=5)
    assert answered(late) == ("accepted", "appended_after_close")
    assert walk.case is not None and before is not None and walk.case.state is before.state
    assert walk.case.history[-1].note == "又清了一遍" and walk.case.clocks == before.clocks
