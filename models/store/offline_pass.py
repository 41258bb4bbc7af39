"""Verifiers of sign-ins the centre accepted, for days without the line."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from models.store.console_tables import pass_


def keep(connection: Connection, person: str, verifier: str, expires_at: int) -> None:
    """The person's verifier, in place of an earlier one; no good after `expires_at`."""
    drop(connection, person)
    connection.execute(insert(pass_).values(person=person, verifier=verifier, expires_at=expires_at))


def drop(connection: Connection, person: str) -> None:
    """The person has none any more."""
    connection.execute(delete(pass_).where(pass_.c.person == person))


def find(connection: Connection, person: str) -> tuple[str, int] | None:
    """The person's verifier and the instant it expires."""
    row = connection.execute(select(pass_).where(pass_.c.person == person)).first()
    return None if row is None else (str(row.verifier), int(row.expires_at))
