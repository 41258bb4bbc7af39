"""Verifiers of sign-ins the centre accepted, for days without the line.

One that was dropped leaves an empty verifier in its row: the salvage of a damaged store reads older pages before newer ones,
and a row that is only gone contradicts none of them.
"""

from __future__ import annotations

from sqlalchemy import Connection, select, update
from sqlalchemy.dialects.sqlite import insert

from models.store.console_tables import pass_


def keep(connection: Connection, person: str, verifier: str, expires_at: int) -> None:
    """The person's verifier, in place of an earlier one; no good after `expires_at`."""
    values = {"verifier": verifier, "expires_at": expires_at}
    row = insert(pass_).values(person=person, **values)
    connection.execute(row.on_conflict_do_update(index_elements=[pass_.c.person], set_=values))


def drop(connection: Connection, person: str) -> None:
    """The person has none any more."""
    connection.execute(update(pass_).where(pass_.c.person == person).values(verifier="", expires_at=0))


def find(connection: Connection, person: str) -> tuple[str, int] | None:
    """The person's verifier and the instant it expires."""
    row = connection.execute(select(pass_).where(pass_.c.person == person)).first()
    return None if row is None or not row.verifier else (str(row.verifier), int(row.expires_at))
