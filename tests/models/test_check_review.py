"""The review of two checks as the rule book has it: on record, once, by somebody with no part in either, and nothing moves."""

from __future__ import annotations

import msgspec
import pytest

from models import commands as c
from models.case import State
from models.check_review import RECHECK, STANDS, asked_again, is_reviewed
from models.decide import Outcome
from models.evidence import exactly
from models.people import DISTRICT_ITSELF
from tests.models.small_town import SQUAD, Walk
from tests.models.test_rounds_heard_late import at_work, failed_late, of


def checked() -> tuple[Walk, str]:
    """Handled, and found clean by one of the station, for whom another typed it; the act's id."""
    walk = at_work()
    walk.act("squad-officer", c.Feedback(of(walk, SQUAD), "已办"), minutes=10)
    walk.act("vice", c.CheckOnSite("member-1", True, "净"), minutes=5)
    assert walk.case is not None
    return walk, walk.case.history[-1].cmd_id


def review(first: str, decision: str = STANDS, by: str = "operator", reason: str = "照片为证") -> c.ReviewCheck:
    return c.ReviewCheck("refused", first, decision, by, reason)


def code(walk: Walk, act: c.ReviewCheck) -> str:
    found = walk.try_act(DISTRICT_ITSELF, act)
    return found.reason.code if found.outcome is Outcome.REJECTED and found.reason is not None else ""


@pytest.mark.parametrize("decision", [STANDS, RECHECK])
def test_it_stands_in_the_history_once_and_moves_nothing(decision: str) -> None:
    walk, first = checked()
    before = walk.case
    assert before is not None and not is_reviewed(before, "refused")
    assert code(walk, review(first, decision)) == ""
    after = walk.case
    assert after is not None and is_reviewed(after, "refused") and not is_reviewed(after, "another")
    moved = msgspec.structs.replace(after, history=before.history, version=before.version)
    assert moved == before, "but for the line of the history nothing is otherwise"
    assert code(walk, review(first, RECHECK)) == code(walk, review(first)) == "already_reviewed"


def test_not_by_whoever_stood_there_or_typed_it_nor_without_a_reason() -> None:
    walk, first = checked()
    assert {code(walk, review(first, by=hand)) for hand in ("member-1", "vice")} == {"own_check_not_reviewed"}
    assert code(walk, review("nothing")) == "no_such_check"
    assert code(walk, review(first, reason=" ")) == code(walk, review(first, "otherwise")) == "reason_missing"


def test_that_somebody_must_look_again_is_said_until_somebody_has() -> None:
    walk, first = checked()
    walk.act("vice", c.SubmitCheck())
    assert walk.case is not None and asked_again(walk.case) is None
    assert code(walk, review(first, RECHECK)) == ""
    found = asked_again(walk.case)
    assert found is not None and found.note == "照片为证"
    walk.act("confirmer", c.RefuseConfirm("再看一次"))
    assert asked_again(walk.case) is not None, "sent back for rework, it has not been looked at yet"


def test_that_the_first_stands_asks_nobody_to_look_again() -> None:
    walk, first = checked()
    assert code(walk, review(first, STANDS)) == ""
    assert walk.case is not None and asked_again(walk.case) is None


def test_a_check_of_an_earlier_round_is_refused_for_that_rounds() -> None:
    """Though the later round has been checked as well by then, with the very result it says."""
    walk, early = failed_late()
    assert walk.case is not None
    of_first_round = [s.cmd_id for s in walk.case.history if s.kind == "case.check"]
    walk.act("vice", c.CheckOnSite("member-2", True, "新"), minutes=10)
    refused = walk.try_act("head", c.CheckOnSite("member-1", True, "旧"), at=early)
    assert refused.reason is not None and refused.reason.code == "verified_already"
    assert [refused.reason.by] == of_first_round
    assert walk.case.state is State.AWAITING_SUBMIT and exactly(walk.now_ms) != early
