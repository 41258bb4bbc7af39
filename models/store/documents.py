"""Whole documents the centre gave this store: the reference data (D13)."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from models.store.console_tables import document

REFERENCE = "reference"


def read(connection: Connection, name: str) -> bytes | None:
    """The document as it came, or None."""
    body = connection.execute(select(document.c.body).where(document.c.name == name)).scalar()
    return None if body is None else bytes(body)


def beginning(connection: Connection, letters: str) -> list[bytes]:
    """The documents whose names begin so, by name."""
    named = document.c.name.startswith(letters, autoescape=True)
    return [
        bytes(b) for b in connection.execute(select(document.c.body).where(named).order_by(document.c.name)).scalars()
    ]


def put(connection: Connection, name: str, body: bytes) -> None:
    """Keep a document in place of an earlier one."""
    forget(connection, name)
    connection.execute(insert(document).values(name=name, body=body))


def forget(connection: Connection, name: str) -> None:
    """The store no longer has it."""
    connection.execute(delete(document).where(document.c.name == name))
