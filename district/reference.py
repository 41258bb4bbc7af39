"""The reference data in force: one document per edition, addressed by its hash, published through the order (D13).

No two editions of a district have the same version: one that comes again under a name already used gets the number of
editions before it, e.g. "2026-11-demo+3". So do its policy and its calendar when they changed and their names did not.
"""

from __future__ import annotations

import hashlib
from typing import TypeVar

from msgspec.structs import replace

from district import accounts
from district.edition_check import checked
from district.journal import Journal
from district.store import Connection
from district.store import documents as rows
from district.store.devices import units_at_work
from district.store.feeds import published_versions
from models.calendar import CalendarData
from models.errors import Refused
from models.people import Person
from models.policy import Policy
from models.rules import Reference
from models.wire import Malformed, decode, encode

IN_FORCE = "reference"
"""The named fact that holds the hash of the edition in force."""

_FOLDER = "reference_folder"
Versioned = TypeVar("Versioned", Policy, CalendarData)


def publish(connection: Connection, journal: Journal, edition: Reference) -> str:
    """Put an edition into force, by an entry of the centre in everybody's feed; returns the hash of its document. One
    that says nothing new changes nothing. What it changes of people's desks is so from now on; a changed calendar moves
    running clocks. Malformed, Refused("unit_has_workstations") for an edition that must not be (district/edition_check.py)."""
    before = _found(connection)
    edition = _named(connection, edition, before)
    if before is not None and replace(edition, version=before.version) == before:
        return name_in_force(connection)
    rules = checked(edition, units_at_work(connection), journal.now_ms)
    try:
        name = _keep(connection, edition)
        rows.write_meta(connection, IN_FORCE, name)
        journal.publish(edition.version, name, rules)
        if before is not None and before.calendar != edition.calendar:
            journal.recalculate(before.calendar.version)
    except ValueError as error:
        raise Malformed(f"reference data: {error}") from error
    for person in before.people if before is not None else ():
        accounts.change_desks(connection, person, rules.people.get(person.id), journal.now_ms)
    return name


def publish_folder(connection: Connection, journal: Journal, folder: Reference) -> str:
    """Put the reference data of a folder into force; returns the hash of the edition.

    People the command line added or moved stay as it left them, unless the folder says something else of them than the
    folder before it did. Refused("person_without_unit") when one of them would sit in a unit the folder no longer has.
    """
    before = _found(connection)
    last = rows.get_document(connection, rows.read_meta(connection, _FOLDER))
    rows.write_meta(connection, _FOLDER, _keep(connection, folder))
    if before is None:
        return publish(connection, journal, folder)
    said = decode(last, Reference).people if last is not None else folder.people
    people = _kept(folder.people, {p.id: p for p in said}, before.people)
    units = {o.code for o in folder.organisations}
    for person in people:
        if person.unit not in units:
            raise Refused("person_without_unit", person=person.id, unit=person.unit)
    return publish(connection, journal, replace(folder, people=people))


def _kept(folder: tuple[Person, ...], said: dict[str, Person], in_force: tuple[Person, ...]) -> tuple[Person, ...]:
    by_hand = {p.id: p for p in in_force if said.get(p.id) != p}
    named = {p.id for p in folder}
    people = [by_hand[p.id] if p.id in by_hand and said.get(p.id) == p else p for p in folder]
    return (*people, *(p for p in by_hand.values() if p.id not in named))


def name_in_force(connection: Connection) -> str:
    """The hash of the edition in force; "" before the first."""
    return rows.read_meta(connection, IN_FORCE)


def in_force(connection: Connection) -> tuple[str, bytes]:
    """The hash and the document of the edition in force; ("", b"") before the first."""
    name = name_in_force(connection)
    body = rows.get_document(connection, name)
    return (name, body) if body is not None else ("", b"")


def load(connection: Connection) -> Reference:
    """The edition in force as a value. Refused("not_initialised") when there is none."""
    found = _found(connection)
    if found is None:
        raise Refused("not_initialised")
    return found


def with_person(reference: Reference, person: Person) -> Reference:
    """The edition in which this person stands as given. Refused("unknown_unit") for a unit it does not have."""
    units = {o.code for o in reference.organisations}
    for unit in (person.unit, *person.seconded_to):
        if unit not in units:
            raise Refused("unknown_unit", unit=unit)
    known = any(p.id == person.id for p in reference.people)
    people = tuple(person if p.id == person.id else p for p in reference.people)
    return replace(reference, people=people if known else (*people, person))


def _found(connection: Connection) -> Reference | None:
    body = in_force(connection)[1]
    return decode(body, Reference) if body else None


def _keep(connection: Connection, edition: Reference) -> str:
    body = encode(edition)
    name = hashlib.sha256(body).hexdigest()
    rows.put_document(connection, name, body)
    return name


# Names


def _named(connection: Connection, edition: Reference, before: Reference | None) -> Reference:
    if before is None:
        return edition
    used = published_versions(connection)
    policy = _apart(edition.policy, before.policy, len(used))
    former = before.former_policies
    if policy != before.policy:
        former = (*(p for p in former if p.version != policy.version), before.policy)
    calendar = _apart(edition.calendar, before.calendar, len(used))
    version = edition.version
    if version in used:
        version = f"{_stem(version)}+{len(used)}"
    return replace(edition, version=version, policy=policy, former_policies=former, calendar=calendar)


def _apart(new: Versioned, old: Versioned, number: int) -> Versioned:
    """What is in force when nothing changed; a name of its own for what did."""
    if _stem(new.version) != _stem(old.version):
        return new
    if replace(new, version=old.version) == old:
        return old
    return replace(new, version=f"{_stem(new.version)}+{number}")


def _stem(version: str) -> str:
    stem, plus, number = version.rpartition("+")
    return stem if plus and number.isdigit() else version
