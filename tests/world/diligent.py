"""Cases that go all the way round, by people who know what comes next and do it. At random a case hardly gets beyond its dispatch:
of forty worlds four units arrived in all, and nobody checked, waited or confirmed."""

from __future__ import annotations

import random

from sqlalchemy import select

from models.case import Case
from models.clock import MINUTE_MS
from models.store.case_table import case_row, get_case
from models.store.work import Work
from tests.world.console import WorldConsole
from tests.world.faults import Faults
from tests.world.hub import Hub
from tests.world.people import People, Seat, offers

_NEXT = {
    "case.file": 8, "case.dispatch": 8, "case.supplement": 8, "case.review_self_handled": 4, "case.rule": 6, "case.refuse_ruling": 1,
    "case.acknowledge": 3, "case.arrive": 8, "case.give_opinion": 6, "case.handled": 5, "case.feedback": 8,
    "case.name_checker": 6, "case.check": 10, "case.submit_check": 10, "case.confirm": 8, "case.refuse_confirm": 2,
    "case.answer_return": 6, "case.answer_extension": 5, "case.answer_suspension": 6, "case.ratify": 4, "case.answer_time_ruling": 4,
    "case.add_co_handler": 2, "case.withdraw_co_handler": 1, "case.redispatch": 1, "case.ask_return": 2, "case.ask_extension": 3,
    "case.ask_suspension": 6, "case.end_suspension": 2, "case.ask_ruling": 1, "case.merge": 1, "case.propose_time_ruling": 3,
}  # fmt: skip
"""What a case waits for, and what turns it aside: how often each is chosen beside the others a desk could do."""
_AT_ANY_TIME = {"case.note_progress": 0.2, "case.first_response": 0.2, "case.log_call": 0.2}
"""What is done while something else is to be done."""

_WEIGHTS = _NEXT | _AT_ANY_TIME

_OPEN = select(case_row.c.id).where(case_row.c.is_open).order_by(case_row.c.id.desc()).limit(4)
_ENDED = select(case_row.c.id).where(~case_row.c.is_open).order_by(case_row.c.id.desc()).limit(2)


class Diligent:
    """Whoever has something to do, does it: so many acts in an hour of the world."""

    def __init__(
        self, hub: Hub, chance: random.Random, faults: Faults, consoles: list[WorldConsole], people: People, acts_an_hour: int
    ) -> None:  # fmt: skip
        self._hub, self._chance, self._faults, self._consoles, self._people = hub, chance, faults, consoles, people
        self._acts_an_hour = acts_an_hour

    def begin(self, hours: float, end_ms: int) -> None:
        """Until that instant."""
        for _ in range(int(hours * self._acts_an_hour)):
            self._hub.after(int((end_ms - self._hub.now_ms) * self._chance.random()), self._something)

    def _something(self) -> None:
        """At one of the workstations where something can be done; often somebody goes on with it a few minutes later."""
        for console in self._chance.sample(self._consoles, len(self._consoles)):
            if console.is_up and not console.is_falling and goes_on(self._people, console, self._chance):
                self._faults.played["went on with a case"] += 1
                if self._chance.random() < 0.5:
                    self._hub.after(self._chance.randrange(200, 5 * MINUTE_MS), self._something)
                return


def goes_on(people: People, seat: Seat, chance: random.Random) -> bool:
    """Somebody at this workstation does something that is to be done; False when nothing is, or the screen did not say: saved."""
    rules = seat.rules
    if rules is None:
        return False

    def read(work: Work) -> list[Case]:
        ids = [str(i) for asked in (_OPEN, _ENDED) for i in work.connection.execute(asked).scalars()]
        return [case for i in ids if (case := get_case(work.connection, i)) is not None]

    on_screen = seat.database(read)
    found = [(case, offer) for case in on_screen for offer in offers(seat, rules, case) if offer.kind in _WEIGHTS]
    kinds = sorted({offer.kind for _, offer in found})
    if not _NEXT.keys() & kinds:
        return False
    kind = chance.choices(kinds, [_WEIGHTS[kind] for kind in kinds])[0]
    case, offer = chance.choice([one for one in found if one[1].kind == kind])
    others = [other.id for other in on_screen if other.id != case.id]
    people.gestures += 1
    return people.goes_on(seat, case, offer, others, chance)
