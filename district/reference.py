"""The reference data in force: one document per edition, addressed by its hash, published through the order (D13)."""

from __future__ import annotations

import hashlib
import re

from msgspec.structs import replace

from district.journal import Journal
from district.store import Connection
from district.store import documents as rows
from models.errors import Refused
from models.people import Person
from models.rules import Reference
from models.wire import decode, encode

_IN_FORCE = "reference"
_EDITION = re.compile(r"(.*?)(?:\+(\d+))?")


def publish(connection: Connection, journal: Journal, reference: Reference) -> str:
    """Put an edition into force, by an entry of the centre in everybody's feed; returns the hash of its document."""
    body = encode(reference)
    name = hashlib.sha256(body).hexdigest()
    rows.put_document(connection, name, body)
    rows.write_meta(connection, _IN_FORCE, name)
    journal.publish(reference.version, name)
    return name


def name_in_force(connection: Connection) -> str:
    """The hash of the edition in force; "" before the first."""
    return rows.read_meta(connection, _IN_FORCE)


def in_force(connection: Connection) -> tuple[str, bytes]:
    """The hash and the document of the edition in force; ("", b"") before the first."""
    name = name_in_force(connection)
    body = rows.get_document(connection, name)
    return (name, body) if body is not None else ("", b"")


def load(connection: Connection) -> Reference:
    """The edition in force as a value. Refused("not_initialised") when there is none."""
    body = in_force(connection)[1]
    if not body:
        raise Refused("not_initialised")
    return decode(body, Reference)


def with_person(reference: Reference, person: Person) -> Reference:
    """The next edition, in which this person stands as given. Refused("unknown_unit") for a unit it does not have."""
    units = {o.code for o in reference.organisations}
    for unit in (person.unit, *person.seconded_to):
        if unit not in units:
            raise Refused("unknown_unit", unit=unit)
    known = any(p.id == person.id for p in reference.people)
    people = tuple(person if p.id == person.id else p for p in reference.people)
    return replace(reference, version=_next(reference.version), people=people if known else (*people, person))


def _next(version: str) -> str:
    found = _EDITION.fullmatch(version)
    assert found is not None
    return f"{found[1]}+{int(found[2] or 0) + 1}"
