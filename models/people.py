"""Who acts: persons, what they may do, and the two capacities of a seconded officer (practice.md §2, R11–R14, R28)."""

from __future__ import annotations

from enum import Enum

import msgspec


class Role(str, Enum):
    """A desk a person may sit at. Rights follow the desk and the unit, never the name."""

    DUTY_CLERK = "duty_clerk"
    CONFIRMER = "confirmer"
    DEPUTY_DIRECTOR = "deputy_director"
    UNIT_OFFICER = "unit_officer"
    UNIT_LEADER = "unit_leader"
    STATION_HEAD = "station_head"
    STATION_DEPUTY = "station_deputy"
    GRID_MEMBER = "grid_member"
    DISTRICT_OPERATOR = "district_operator"
    DISTRICT_INTAKE = "district_intake"


class Capacity(str, Enum):
    """For whom a person acts: the own unit, or the sub-centre he is seconded to. Shown and printed."""

    OWN_UNIT = "own_unit"
    SECONDED = "seconded"


class Person(msgspec.Struct, frozen=True):
    """A member of staff. `seconded_to` lists sub-centres where the person also sits (派驻)."""

    id: str
    name: str
    unit: str
    roles: tuple[Role, ...]
    phone: str = ""
    title: str = ""
    seconded_to: tuple[str, ...] = ()
    active: bool = True
    pinyin_initials: str = ""

    def actor_at(self, unit: str) -> Actor | None:
        """The person at a desk of `unit`: of the own unit, or seconded to it; None when neither or inactive."""
        if not self.active:
            return None
        if self.unit == unit:
            return Actor(self.id, unit, frozenset(self.roles))
        if unit in self.seconded_to:
            return Actor(self.id, unit, frozenset(self.roles), Capacity.SECONDED)
        return None


class Actor(msgspec.Struct, frozen=True):
    """A person at a desk: who, for which unit, in which capacity, with which roles."""

    person: str
    unit: str
    roles: frozenset[Role]
    capacity: Capacity = Capacity.OWN_UNIT

    def has(self, *roles: Role) -> bool:
        """True when the actor sits at any of these desks."""
        return any(role in self.roles for role in roles)


DISTRICT_ITSELF = "district-centre"
"""The actor of what the district centre observes by itself: deliveries, breaches, settlements (sync.md §3.1)."""

CENTRE_DEVICE = "D-centre"
"""The device those acts are made on; nobody signs in at it."""
