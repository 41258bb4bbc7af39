"""Short ways into the middle of a case: what happened before the act a test is about."""

from __future__ import annotations

from models import commands as c
from models.case import ClockState, Verdict
from models.clock import MINUTE_MS
from models.evidence import Moment, exactly
from models.people import DISTRICT_ITSELF
from tests.models.small_town import SQUAD, STALLS, START_MS, TOWN, VILLAGE, Walk


def filed(by: str = "clerk", channel: str = "grid", category: str = STALLS) -> Walk:
    """Reported and 立案 at the desk it came to."""
    walk = Walk()
    walk.act(by, c.Report("1", channel, category, "某事", "路口", TOWN, VILLAGE))
    walk.act(by, c.File())
    return walk


def told(walk: Walk) -> None:
    """Everybody who has it now has heard of it."""
    assert walk.case is not None
    for given in walk.case.assignments:
        if not given.ended and given.delivered_at is None:
            walk.act(DISTRICT_ITSELF, c.Deliver(given.id))


def dispatched(walk: Walk, by: str, to: str, *co: str) -> None:
    """派发, and all of them know."""
    walk.act(by, c.Dispatch(to, co=co))
    told(walk)


def sent(*co: str) -> Walk:
    """With the squad, in the minute it was filed."""
    walk = filed()
    dispatched(walk, "clerk", SQUAD, *co)
    return walk


def minute(count: int) -> Moment:
    """So many since a walk began."""
    return exactly(START_MS + count * MINUTE_MS)


def handed_down() -> Walk:
    """The district's own case, with the town."""
    walk = filed("intake", "hotline")
    dispatched(walk, "operator", TOWN)
    return walk


def at_work(*co: str) -> Walk:
    """The squad leads, is there and has said what it will do; the others have heard of it."""
    walk = filed()
    dispatched(walk, "clerk", SQUAD, *co)
    walk.act("squad-officer", c.Arrive(of(walk, SQUAD)))
    walk.act("squad-officer", c.GiveOpinion(of(walk, SQUAD), "见", "做"))
    return walk


def given_back(walk: Walk, unit: str, by: str, to: str = "clerk") -> None:
    """退单, upheld by whoever had given it."""
    walk.act(by, c.AskReturn(of(walk, unit), "不属本单位"))
    walk.act(to, c.AnswerReturn(asked(walk), True))


def failed(walk: Walk) -> None:
    """Checked and not passed: rework, and the lead knows."""
    walk.act("head", c.NameChecker("member-1"))
    walk.act("member-1", c.CheckOnSite("member-1", False, "未清"))
    walk.act("head", c.SubmitCheck())
    told(walk)


def closed(walk: Walk) -> None:
    """Checked, passed and confirmed."""
    walk.act("vice", c.CheckOnSite("member-1", True, "看"))
    walk.act("vice", c.SubmitCheck())
    walk.act("confirmer", c.Confirm())


def of(walk: Walk, unit: str) -> str:
    """The unit's newest assignment."""
    assert walk.case is not None
    return [a.id for a in walk.case.assignments if a.receiver == unit][-1]


def asked(walk: Walk) -> str:
    """The newest request that is one of its own."""
    assert walk.case is not None
    return [r for r in walk.case.requests if not r.beside][-1].id


def verdict(walk: Walk, unit: str, stage: str) -> Verdict | None:
    """Of the clock of the unit's newest assignment."""
    assert walk.case is not None
    clock = walk.case.clock(f"{of(walk, unit)}:{stage}")
    assert clock is not None
    return clock.verdict if clock.state is ClockState.STOPPED else None


def last_word(walk: Walk) -> str:
    """The act that was done last."""
    assert walk.case is not None
    return walk.case.history[-1].cmd_id
