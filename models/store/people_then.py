"""The people of acts that wait for their verdict, as they were when these were made: an edition that comes meanwhile may have made
something else of them, and no act of a clerk disappears from his screen before the centre has answered (I14).

The centre knows former desks by itself (district/store/former_desks.py); here the people are kept beside the acts they made or are named in.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection

from models.commands import Command, named_in
from models.people import Person
from models.store import carried, documents, outbox
from models.wire import decode, encode

_NAME = "people_then"

PeopleThen = Mapping[str, tuple[Person, ...]]
"""By the id of the act."""


def people_then(connection: Connection) -> PeopleThen:
    """Whoever is something else by now, of the acts that wait."""
    body = documents.read(connection, _NAME)
    return decode(body, dict[str, tuple[Person, ...]]) if body is not None else {}


def keep(connection: Connection, before: Iterable[Person], after: Iterable[Person]) -> None:
    """Another edition is about to come into force here. Of an act that waits longer than one, the first counts."""
    was, now = ({person.id: person for person in people} for people in (before, after))
    known = people_then(connection)
    cases = {*outbox.waiting_cases(connection), *carried.cases_on_top(connection)}
    found: dict[str, tuple[Person, ...]] = {}
    for command in (c for commands in carried.all_waiting(connection, cases).values() for c in commands):
        kept = {person.id: person for person in known.get(command.cmd_id, ())}
        kept |= {i: was[i] for i in _of(command) if i not in kept and i in was and was[i] != now.get(i)}
        if kept:
            found[command.cmd_id] = tuple(kept.values())
    if found:
        documents.put(connection, _NAME, encode(found))
    elif known:
        documents.forget(connection, _NAME)


def _of(command: Command) -> tuple[str, ...]:
    return command.actor, *named_in(command.args)
