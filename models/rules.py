"""The reference data of one district in one edition, and the questions the rule book asks of it (D13, D18).

`Reference` is the document that travels; `Rules` is the same, indexed. Both are immutable: a new edition is a new value.
"""

from __future__ import annotations

from copy import copy

import msgspec

from models.calendar import CalendarData, working_calendar
from models.category import Category, Channel, ResponsibilityRule
from models.organisation import DISTRICT_CODE, Organisation, OrganisationKind
from models.people import DISTRICT_ITSELF, Actor, Person, Role
from models.policy import Policy
from models.rota import Rota

RULE_BOOK = "1"
"""Version of the code in models/: named by every verdict beside the data versions."""


class Reference(msgspec.Struct, frozen=True):
    """Everything a console must know to decide alone, in one edition (scope `reference`). `former_policies` are those
    before `policy`: clocks run on under the one they started by (D13)."""

    version: str
    district_name: str
    organisations: tuple[Organisation, ...]
    people: tuple[Person, ...]
    categories: tuple[Category, ...]
    channels: tuple[Channel, ...]
    responsibilities: tuple[ResponsibilityRule, ...]
    calendar: CalendarData
    policy: Policy
    source: str = ""
    former_policies: tuple[Policy, ...] = ()
    station_rota: Rota | None = None


class Rules:
    """A Reference, indexed. Cheap to ask, made once per edition."""

    def __init__(self, reference: Reference) -> None:
        self.reference = reference
        self.calendar = working_calendar(reference.calendar)
        self.policy = reference.policy
        self._policies = {p.version: p for p in (*reference.former_policies, reference.policy)}
        self.organisations = {o.code: o for o in reference.organisations}
        self.short_names = {o.code: o.short_name for o in reference.organisations}
        self.people = {p.id: p for p in reference.people}
        self.categories = {c.key: c for c in reference.categories}
        self.channels = {c.code: c for c in reference.channels}
        self.version = f"{RULE_BOOK}/{reference.version}"
        self._responsibilities = sorted(reference.responsibilities, key=lambda r: -len(r.key_prefix))
        self._by_town: dict[str, list[Organisation]] = {}
        for organisation in reference.organisations:
            if organisation.town:
                self._by_town.setdefault(organisation.town, []).append(organisation)
        self._staff: dict[str, list[Person]] = {}
        for person in reference.people:
            if person.active:
                self._staff.setdefault(person.unit, []).append(person)
        self._liaised = [o for o in reference.organisations if o.liaised and not o.town]

    def with_people(self, people: tuple[Person, ...]) -> Rules:
        """These rules, in which whoever is asked for by name is as given; themselves when nobody is."""
        if not people:
            return self
        found = copy(self)
        found.people = {**self.people, **{person.id: person for person in people}}
        return found

    def policy_of(self, version: str) -> Policy:
        """The policy of that version; the one in force for a clock that has none yet, or one nobody remembers."""
        return self._policies.get(version, self.policy)

    def kind(self, code: str) -> OrganisationKind | None:
        """What the organisation is; None when nobody has that code."""
        found = self.organisations.get(code)
        return found.kind if found else None

    def town_of(self, code: str) -> str:
        """The sub-centre a unit belongs to; "" for a district-wide unit."""
        found = self.organisations.get(code)
        return (found.town or "") if found else ""

    def stations(self, town: str) -> list[Organisation]:
        """The village workstations of a sub-centre."""
        return [o for o in self._by_town.get(town, []) if o.kind is OrganisationKind.STATION]

    def neighbours(self, station: str) -> list[Organisation]:
        """Whose people may check in a station's place (异站核查, D17): the other stations and the patrol of its town."""
        town = self.town_of(station)
        kinds = (OrganisationKind.STATION, OrganisationKind.SQUAD)
        return [o for o in self._by_town.get(town, []) if o.kind in kinds and o.code != station]

    def reference_towns(self) -> list[str]:
        """Codes of all sub-centres, in the order of the reference data."""
        return [o.code for o in self.reference.organisations if o.kind is OrganisationKind.SUB_CENTRE]

    def staff(self, unit: str) -> list[Person]:
        """The active persons of a unit."""
        return list(self._staff.get(unit, ()))

    def on_duty(self, station: str, at_ms: int) -> Person | None:
        """Who answers at a village workstation at an instant (ms UTC): by the rota; without one the deputy head, whom
        the plan makes every village name (二, R14)."""
        staff, rota = self.staff(station), self.reference.station_rota
        if rota is not None:
            codes = [found.code for found in self.stations(self.town_of(station))]
            return rota.on_duty(staff, codes.index(station), at_ms)
        return next((p for p in staff if Role.STATION_DEPUTY in p.roles), None)

    def people_at(self, unit: str) -> list[Person]:
        """Who may sit at a unit's desk: its staff, and officers seconded to it."""
        return self.staff(unit) + [p for p in self.reference.people if unit in p.seconded_to and p.active]

    def units_of(self, person_id: str) -> list[str]:
        """Where a person may sit: the own unit first, then where he is seconded to."""
        person = self.people.get(person_id)
        return [person.unit, *person.seconded_to] if person is not None and person.active else []

    def assignable_units(self, level: str) -> list[Organisation]:
        """Whom an organisation may name as lead or co-handler (D18, practice.md §1.9).

        A sub-centre: its stations, squad and offices, and district-wide units that are liaised with the towns. The
        district centre: towns, departments, contractors. Anybody else: nobody.
        """
        kind = self.kind(level)
        if kind is OrganisationKind.SUB_CENTRE:
            return [o for o in self._by_town.get(level, []) if o.code != level] + self._liaised
        if kind is OrganisationKind.DISTRICT_CENTRE:
            wide = (OrganisationKind.SUB_CENTRE, OrganisationKind.DEPARTMENT, OrganisationKind.CONTRACTOR)
            return [o for o in self.reference.organisations if o.kind in wide]
        return []

    def may_name(self, level: str, unit: str) -> bool:
        """True when `level` may dispatch to `unit`."""
        found = self.organisations.get(unit)
        if found is None or unit == level:
            return False
        kind = self.kind(level)
        if kind is OrganisationKind.SUB_CENTRE:
            return found.town == level or (found.liaised and not found.town)
        wide = (OrganisationKind.SUB_CENTRE, OrganisationKind.DEPARTMENT, OrganisationKind.CONTRACTOR)
        return kind is OrganisationKind.DISTRICT_CENTRE and found.kind in wide

    def rulable_units(self, town: str) -> list[Organisation]:
        """Whom the district may name in a ruling: departments, contractors and the own units of the town (D18, R44)."""
        return [o for o in self.reference.organisations if self.may_rule(o.code, town)]

    def may_rule(self, unit: str, town: str) -> bool:
        """True when the district may name `unit` in a ruling about a case of `town`."""
        found = self.organisations.get(unit)
        if found is None:
            return False
        wide = found.kind in (OrganisationKind.DEPARTMENT, OrganisationKind.CONTRACTOR)
        return wide or (found.town == town and found.code != town)

    def responsibility(self, category: str) -> ResponsibilityRule | None:
        """The rule for a category: the longest key prefix that matches."""
        for rule in self._responsibilities:
            if category.startswith(rule.key_prefix):
                return rule
        return None

    def unit_for(self, function: str, town: str, station: str) -> Organisation | None:
        """The unit that has a function at a place: the station itself, the town's own unit, else a district-wide one."""
        if function == "station":
            return self.organisations.get(station)
        for organisation in self._by_town.get(town, []):
            if organisation.function == function:
                return organisation
        for organisation in self.reference.organisations:
            if organisation.function == function and not organisation.town:
                return organisation
        return None

    def actor(self, person_id: str, unit: str) -> Actor | None:
        """The person at a desk of `unit`: of the unit itself, or seconded to it; None when neither or inactive."""
        if person_id == DISTRICT_ITSELF and unit == DISTRICT_CODE:
            return Actor(DISTRICT_ITSELF, DISTRICT_CODE, frozenset())
        person = self.people.get(person_id)
        return person.actor_at(unit) if person is not None else None
