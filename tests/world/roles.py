"""Somebody becomes something else at the centre while a workstation is cut off that holds what he did before: an edition of the
reference data (district/reference.py) gives him other roles, another unit, ends his secondment, or says that he has left."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

from msgspec.structs import replace
from sqlalchemy import select

from district import reference
from models.clock import MINUTE_MS
from models.people import Person, Role
from models.rules import Rules
from models.store import outbox
from models.store.console_tables import outbox as table
from models.store.work import Work
from tests.world.centre import Fallen, WorldCentre
from tests.world.console import WorldConsole
from tests.world.faults import Faults
from tests.world.hub import Hub
from tests.world.people import pause_ms

_WAITING = select(table.c.actor).where(table.c.state == outbox.PENDING).distinct().order_by(table.c.actor)


class Personnel:
    """Who says at the centre what people are."""

    def __init__(self, hub: Hub, chance: random.Random, faults: Faults, centre: WorldCentre) -> None:
        self._hub, self._chance, self._faults, self._centre = hub, chance, faults, centre

    def change(self, console: WorldConsole, acts_at: Callable[[WorldConsole], None]) -> None:
        """A workstation has no line for a while, people work on there, and meanwhile one of them becomes something else. Later
        he is again what he was."""
        for_ms = self._chance.randrange(20 * MINUTE_MS, 90 * MINUTE_MS)
        console.cable.cut(for_ms)
        for _ in range(4):
            self._hub.after(self._chance.randrange(for_ms // 2), partial(acts_at, console))
        self._hub.after(for_ms // 2, partial(self._reassign, console))
        for _ in range(2):
            self._hub.after(for_ms // 2 + self._chance.randrange(for_ms), partial(acts_at, console))

    def _reassign(self, console: WorldConsole) -> None:
        """Preferably somebody who did something there that has not been handed in."""
        if self._centre.app is None or not console.is_up or console.is_falling:
            return
        rules: Rules = self._centre.centre.rules
        unit = console.place.unit
        waiting = console.database(lambda work: [str(i) for i in _actors(work)])
        there = [person.id for person in rules.people_at(unit)]
        person = rules.people[self._chance.choice([i for i in waiting if i in there] or there)]
        if self._publish(self._otherwise(person, unit, rules)):
            self._hub.after(pause_ms(self._chance, 90), partial(self._is_again, person))

    def _is_again(self, person: Person) -> None:
        self._publish(person)

    def _otherwise(self, person: Person, unit: str, rules: Rules) -> Person:
        """He, as something else; nobody leaves a desk that would be empty then."""
        chance = self._chance
        found = [replace(person, roles=(chance.choice([role for role in Role if role not in person.roles]),))]
        desks = {*rules.units_of(person.id), unit}
        if all(len(rules.staff(code)) > 1 for code in (person.unit, *desks)):
            others = [code for code in rules.organisations if code not in desks]
            found += [replace(person, active=False), replace(person, unit=chance.choice(others))]
        if person.seconded_to:
            found += 2 * [replace(person, seconded_to=())]
        return chance.choice(found)

    def _publish(self, person: Person) -> bool:
        """`python -m district person add | move`; False while the centre is not there."""
        if self._centre.app is None:
            return False
        centre = self._centre.centre
        try:
            with centre.in_order() as journal:
                edition = reference.with_person(centre.rules.reference, person)
                reference.publish(journal.source.connection, journal, edition)
        except Fallen:
            self._centre.crash(MINUTE_MS)
            return False
        self._centre.desks_changed.add(person.id)
        try:
            centre.look_for_news()
        except Fallen:
            self._centre.crash(MINUTE_MS)  # it is in force, and the next start takes it in
        self._faults.played["desk changed"] += 1
        return True


def _actors(work: Work) -> list[str]:
    return list(work.connection.execute(_WAITING).scalars())
