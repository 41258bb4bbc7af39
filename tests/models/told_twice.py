"""A story that is told twice: what a desk that was cut off had written down is heard first, or last."""

from __future__ import annotations

from collections.abc import Callable

from models import commands as c
from models.case import Case, StageClock
from models.clock import MINUTE_MS
from models.decide import Decision, Outcome
from models.ids import name_of
from models.people import DISTRICT_ITSELF
from tests.models.small_town import SQUAD, STALLS, START_MS, TOWN, Walk
from tests.models.stories import asked, filed, last_word, minute, of


class Told:
    """A walk whose acts name their minute; what is `late` is done first or last."""

    def __init__(self, late_first: bool, walk: Walk | None = None) -> None:
        self.walk = walk or filed()
        self.late_first = late_first
        self._late: list[Callable[[], Decision]] = []

    def at(self, when: int, person: str, args: c.Args, wanted: Outcome | None = None) -> Decision:
        decision = self.tried(when, person, args)
        assert decision.outcome is wanted or (wanted is None and decision.events), (when, args, decision.reason)
        return decision

    def tried(self, when: int, person: str, args: c.Args) -> Decision:
        """Done where it may be done."""
        self.walk.now_ms = max(self.walk.now_ms, START_MS + when * MINUTE_MS)
        return self.walk.try_act(person, args, at=minute(when))

    def late(self, when: int, person: str, args: c.Args) -> None:
        if self.late_first:
            self.tried(when, person, args)
        else:
            self._late.append(lambda: self.tried(when, person, args))

    def received(self, unit: str, when: int, awake: int | None = None) -> str:
        since = START_MS + awake * MINUTE_MS if awake is not None else None
        self.at(when, DISTRICT_ITSELF, c.Deliver(self.of(unit), since))
        return self.of(unit)

    def rung(self, unit: str, when: int, by: str = "clerk") -> None:
        self.late(when, by, c.LogCall(unit, "answered", assignment=self.of(unit)))

    def heard(self) -> None:
        """What is late, where that is heard last: now."""
        for act in self._late:
            act()
        self._late = []

    def of(self, unit: str) -> str:
        return of(self.walk, unit)

    def from_above(self, category: str = STALLS) -> str:
        """The district's own case instead, sent to the town in minute 0."""
        self.walk = filed("intake", "hotline", category)
        self.at(0, "operator", c.Dispatch(TOWN))
        return self.of(TOWN)

    def given_back(self, lead: str, when: int) -> None:
        self.at(when, "squad-officer", c.AskReturn(lead, "不属"))
        self.at(when + 1, "clerk", c.AnswerReturn(asked(self.walk), True))

    def given_back_twice(self) -> None:
        """By the squad, up to minute 8: the district rules."""
        self.given_back(self.received(SQUAD, 2), 3)
        self.at(5, "clerk", c.Dispatch(SQUAD))
        self.given_back(self.received(SQUAD, 6), 7)

    def handed_in(self, lead: str, when: int, passed: bool = True, by: str = "squad-officer") -> None:
        """And looked at on the spot."""
        self.at(when, by, c.Feedback(lead, "已办"))
        self.at(when + 1, "vice", c.CheckOnSite("member-1", passed, "看"))
        self.at(when + 2, "vice", c.SubmitCheck())

    def closed(self, lead: str, handed_in: int, closes: int, by: str = "squad-officer") -> None:
        self.handed_in(lead, handed_in, by=by)
        self.at(closes, "confirmer", c.Confirm())

    def clock(self, name: str) -> StageClock:
        self.heard()
        assert self.walk.case is not None
        found = self.walk.case.clock(name)
        assert found is not None
        return found


def made(t: Told, index: int = 0) -> str:
    """What the desk that has just acted calls the assignment its act made, or would have made."""
    return f"{name_of(last_word(t.walk))}.{index}"


def case_of(t: Told) -> Case:
    assert t.walk.case is not None
    return t.walk.case


def both(t: Told, early: Callable[[], object], later: Callable[[], object]) -> None:
    """What the desk did that was cut off, before what the other did or after it."""
    for done in (early, later) if t.late_first else (later, early):
        done()
