"""Whole documents the centre gave this store: the reference data (D13)."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, delete, insert, select

from models.store.console_tables import document

REFERENCE = "reference"
# Made once: every exchange and every page of the feed asks what is carried here.
_NAMED = document.c.name >= bindparam("first"), document.c.name < bindparam("beyond")
_BEGINNING = select(document.c.body).where(*_NAMED).order_by(document.c.name)


def read(connection: Connection, name: str) -> bytes | None:
    """The document as it came, or None."""
    body = connection.execute(select(document.c.body).where(document.c.name == name)).scalar()
    return None if body is None else bytes(body)


def beginning(connection: Connection, letters: str) -> list[bytes]:
    """The documents whose names begin so, by name."""
    names = {"first": letters, "beyond": letters[:-1] + chr(ord(letters[-1]) + 1)}
    return [bytes(body) for body in connection.execute(_BEGINNING, names).scalars()]


def put(connection: Connection, name: str, body: bytes) -> None:
    """Keep a document in place of an earlier one."""
    forget(connection, name)
    connection.execute(insert(document).values(name=name, body=body))


def forget(connection: Connection, name: str) -> None:
    """The store no longer has it."""
    connection.execute(delete(document).where(document.c.name == name))
