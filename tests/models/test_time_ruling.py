"""A doubtful time is ruled on by two persons of the district; until then, and without them, it counts for nothing (D8)."""

from __future__ import annotations

from models import commands as c
from models.case import RequestKind, Verdict
from models.decide import Outcome, allowed
from models.evidence import Grade, Moment, exactly
from models.people import DISTRICT_ITSELF
from models.row import row_of
from tests.models.small_town import SQUAD, Walk
from tests.models.test_case_walk import dispatched
from tests.models.test_requests import request_of

SECOND = "operator-2"


def doubtful() -> tuple[Walk, str, str]:
    """The squad arrived about when its hour was over: nobody can say on which side."""
    walk = Walk()
    lead = dispatched(walk)
    walk.act(DISTRICT_ITSELF, c.Deliver(lead), minutes=1)
    assert walk.case is not None
    clock = walk.case.clock(f"{lead}:arrival")
    assert clock is not None and clock.due_at is not None
    walk.now_ms = clock.due_at + 600_000
    walk.act("squad-officer", c.Arrive(lead), at=Moment(clock.due_at - 60_000, clock.due_at + 60_000, Grade.DOUBTFUL))
    return walk, lead, clock.id


def verdict(walk: Walk, clock_id: str) -> Verdict | None:
    clock = walk.case.clock(clock_id) if walk.case else None
    return clock.verdict if clock else None


def test_one_proposes_and_another_agrees() -> None:
    for said, came in (("on_time", Verdict.ON_TIME), ("late", Verdict.LATE)):
        walk, _, clock = doubtful()
        walk.act("operator", c.ProposeTimeRuling(clock, said, "照片 14:02"))
        assert verdict(walk, clock) is Verdict.DOUBTFUL, "one person is not two"
        assert walk.refused("operator", c.AnswerTimeRuling(request_of(walk), True)) == "not_your_own_request"
        assert "case.answer_time_ruling" not in allowed(walk.case, walk.actor("operator"), walk.rules, walk.now_ms)
        case = walk.act(SECOND, c.AnswerTimeRuling(request_of(walk), True))
        assert verdict(walk, clock) is came and row_of(case).any_doubtful is False
        assert case.clock(clock).ruled_by == case.history[-1].cmd_id  # type: ignore[union-attr]
        assert [s.actor for s in case.history[-2:]] == ["operator", SECOND]


def test_refused_it_stays_doubtful_and_may_be_proposed_anew() -> None:
    walk, _, clock = doubtful()
    walk.act("operator", c.ProposeTimeRuling(clock, "late", "记得是"))
    walk.act(SECOND, c.AnswerTimeRuling(request_of(walk), False, "没有依据"))
    assert verdict(walk, clock) is Verdict.DOUBTFUL
    walk.act(SECOND, c.ProposeTimeRuling(clock, "on_time", "门禁记录"))
    walk.act("operator", c.AnswerTimeRuling(request_of(walk), True))
    assert verdict(walk, clock) is Verdict.ON_TIME


def test_only_the_district_and_only_what_is_doubtful() -> None:
    walk, lead, clock = doubtful()
    for person in ("clerk", "deputy", "squad-officer"):
        assert walk.refused(person, c.ProposeTimeRuling(clock, "late", "x")) == "district_only"
    assert walk.refused("operator", c.ProposeTimeRuling(f"{lead}:opinion", "late", "x")) == "time_not_doubtful"
    assert walk.refused("operator", c.ProposeTimeRuling(clock, "perhaps", "x")) == "unknown_verdict"
    assert walk.refused("operator", c.ProposeTimeRuling(clock, "late", " ")) == "reason_missing"
    walk.act("operator", c.ProposeTimeRuling(clock, "late", "x"))
    again = walk.try_act(SECOND, c.ProposeTimeRuling(clock, "late", "x"))
    assert again.outcome is Outcome.MERGED and again.reason is not None and again.reason.by == request_of(walk)


def test_what_is_proved_meanwhile_needs_no_ruling() -> None:
    walk, lead, clock = doubtful()
    walk.act("operator", c.ProposeTimeRuling(clock, "late", "x"))
    due = walk.case.clock(clock).due_at  # type: ignore[union-attr]
    assert due is not None
    earlier = walk.try_act("squad-leader", c.Arrive(lead), at=Moment(due - 90_000, due - 70_000))
    assert earlier.outcome is Outcome.MERGED and verdict(walk, clock) is Verdict.ON_TIME
    walk.act(SECOND, c.AnswerTimeRuling(request_of(walk), True))
    assert verdict(walk, clock) is Verdict.ON_TIME, "evidence goes before a ruling"
    assert walk.case is not None and walk.case.open_request(RequestKind.TIME_RULING) is None
    assert walk.case.assignments[0].receiver == SQUAD


def test_what_proves_that_it_was_in_time_takes_the_place_of_a_ruling_that_it_was_not() -> None:
    walk, lead, clock_id = doubtful()
    walk.act("operator", c.ProposeTimeRuling(clock_id, "late", "照片 14:20"))
    walk.act(SECOND, c.AnswerTimeRuling(request_of(walk), True))
    assert verdict(walk, clock_id) is Verdict.LATE and walk.case is not None
    clock = walk.case.clock(clock_id)
    assert clock is not None and clock.due_at is not None
    walk.try_act("squad-leader", c.Arrive(lead), at=exactly(clock.due_at - 30_000))
    assert verdict(walk, clock_id) is Verdict.ON_TIME
