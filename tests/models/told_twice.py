"""A story that is told twice: what a desk that was cut off had written down is heard first, or last."""

from __future__ import annotations

from collections.abc import Callable

from models import commands as c
from models.case import StageClock
from models.clock import MINUTE_MS
from models.decide import Decision, Outcome
from models.people import DISTRICT_ITSELF
from tests.models.small_town import START_MS, Walk
from tests.models.stories import filed, minute, of


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

    def closed(self, lead: str, handed_in: int, closes: int) -> None:
        self.at(handed_in, "squad-officer", c.Feedback(lead, "已办"))
        self.at(handed_in + 1, "vice", c.CheckOnSite("member-1", True, "看"))
        self.at(handed_in + 2, "vice", c.SubmitCheck())
        self.at(closes, "confirmer", c.Confirm())

    def clock(self, name: str) -> StageClock:
        self.heard()
        assert self.walk.case is not None
        found = self.walk.case.clock(name)
        assert found is not None
        return found
