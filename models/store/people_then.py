"""The people of acts as they were when these were made: an edition that comes before the verdict may have made something else of them,
and no act of a clerk disappears from his screen before the centre has answered (I14).

The centre knows former desks by itself (district/store/people.py); here the people are kept beside the acts they made or are named
in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from models.commands import named_in
from models.people import Person
from models.store import carried, documents, outbox
from models.wire import decode, encode

_NAME = "people_then"

PeopleThen = Mapping[str, tuple[Person, ...]]
"""By the id of the act."""


def people_then(connection: Connection) -> PeopleThen:
    """Whoever is something else by now, of the acts that are kept here."""
    body = documents.read(connection, _NAME)
    return decode(body, dict[str, tuple[Person, ...]]) if body is not None else {}


def keep(connection: Connection, before: Iterable[Person], after: Iterable[Person]) -> None:
    """Another edition is about to come into force here. Also of acts that were decided: a centre that is put back may have to decide
    them again. Of one that sees more than one edition, the first counts."""
    known = people_then(connection)
    now = {person.id: person for person in after}
    moved = {person.id: person for person in before if _desk(person) != _desk(now.get(person.id))}
    if not (known or moved):
        return
    found: dict[str, tuple[Person, ...]] = {}
    for command in (*outbox.every_command(connection), *carried.every_command(connection)):
        kept = {person.id: person for person in known.get(command.cmd_id, ())}
        kept |= {i: moved[i] for i in (command.actor, *named_in(command.args)) if i in moved and i not in kept}
        if kept:
            found[command.cmd_id] = tuple(kept.values())
    documents.put(connection, _NAME, encode(found))


def _desk(person: Person | None) -> object:
    """What decides where he may sit and what he may do there."""
    return None if person is None else (person.unit, person.roles, person.active, person.seconded_to)
