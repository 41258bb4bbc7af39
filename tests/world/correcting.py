"""更正 of one fact at two workstations of a unit, each from what is on its own screen (models/describing.py)."""

from __future__ import annotations

import random
from functools import partial

from msgspec.structs import replace
from sqlalchemy import select

from models import commands as c
from models.clock import MINUTE_MS
from models.decide import allowed
from models.describing import SEEN_WHOLE
from models.rules import Rules
from models.store.case_table import case_row, get_case
from models.store.work import Work
from tests.world.console import WorldConsole
from tests.world.faults import Faults
from tests.world.hub import Hub

_OPEN = select(case_row.c.id).where(case_row.c.is_open).order_by(case_row.c.id.desc())
_FACTS = ("title", "place", "words")


class Correctors:
    """Clerks who know better."""

    def __init__(self, hub: Hub, chance: random.Random, faults: Faults, consoles: list[WorldConsole]) -> None:
        self._hub, self._chance, self._faults, self._consoles = hub, chance, faults, consoles
        self._typed = 0

    def meet(self) -> None:
        """Two of one unit correct the same fact of a case that both have, within minutes; often one has no line meanwhile. Who has
        lost may try again, from what he sees then."""
        chance = self._chance
        able = (
            (c, found) for c in chance.sample(self._consoles, len(self._consoles)) if (found := self._may_correct(c))
        )
        first, case_ids = next(able, (None, []))
        if first is None:
            return
        case_id = chance.choice(case_ids)
        there = [console for console in self._consoles if console.place.unit == first.place.unit]
        fact = chance.choice(_FACTS)
        for number, console in enumerate(chance.sample(there, min(2, len(there)))):
            if number and chance.random() < 0.6:
                console.cable.cut(chance.randrange(MINUTE_MS, 60 * MINUTE_MS))
            for _ in range(chance.choice((1, 1, 2))):
                self._hub.after(chance.randrange(100, 10 * MINUTE_MS), partial(self._types, console, case_id, fact))

    def _may_correct(self, console: WorldConsole) -> list[str]:
        rules = console.rules
        if not console.is_up or console.is_falling or rules is None:
            return []
        return console.database(lambda work: [i for i in _newest(work) if _clerks(work, console, rules, i)])

    def _types(self, console: WorldConsole, case_id: str, fact: str) -> None:
        rules = console.rules
        if not console.is_up or console.is_falling or rules is None:
            return
        clerks = console.database(lambda work: _clerks(work, console, rules, case_id))
        if not clerks:
            return
        self._typed += 1
        value = f"更正{self._typed}"
        if fact == "words" and self._chance.random() < 0.3:
            value = value.ljust(SEEN_WHOLE + 5, "。")
        if console.act(self._chance.choice(clerks), replace(c.Describe(), **{fact: value}), case_id):
            self._faults.played["fact corrected"] += 1


def _newest(work: Work) -> list[str]:
    return [str(found) for found in work.connection.execute(_OPEN.limit(3)).scalars()]


def _clerks(work: Work, console: WorldConsole, rules: Rules, case_id: str) -> list[str]:
    """Who may correct the case at this workstation."""
    case, unit = get_case(work.connection, case_id), console.place.unit
    if case is None:
        return []
    actors = [(person.id, rules.actor(person.id, unit)) for person in rules.people_at(unit)]
    now_ms = console.clock.wall_ms()
    return [i for i, actor in actors if actor is not None and "case.describe" in allowed(case, actor, rules, now_ms)]
