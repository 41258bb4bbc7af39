"""The reference data in force: one document per edition, addressed by its hash (D13)."""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection, insert, select, update

from district.store.tables import document, meta
from models.rules import Reference
from models.wire import decode, encode


def publish(connection: Connection, reference: Reference) -> str:
    """Put an edition into force; returns the hash of its document."""
    body = encode(reference)
    name = hashlib.sha256(body).hexdigest()
    if connection.execute(select(document.c.sha256).where(document.c.sha256 == name)).first() is None:
        connection.execute(insert(document).values(sha256=name, body=body))
    write_meta(connection, "reference", name)
    return name


def in_force(connection: Connection) -> tuple[str, bytes]:
    """The hash and the document of the edition in force; ("", b"") before the first."""
    name = read_meta(connection, "reference")
    found = connection.execute(select(document.c.body).where(document.c.sha256 == name)).scalar()
    return (name, bytes(found)) if found is not None else ("", b"")


def load(connection: Connection) -> Reference:
    """The edition in force as a value. Malformed when there is none."""
    return decode(in_force(connection)[1], Reference)


def read_meta(connection: Connection, name: str) -> str:
    """A named fact of the district's store."""
    return str(connection.execute(select(meta.c.value).where(meta.c.name == name)).scalar() or "")


def write_meta(connection: Connection, name: str, value: str) -> None:
    """Set a named fact of the district's store."""
    if connection.execute(update(meta).where(meta.c.name == name).values(value=value)).rowcount == 0:
        connection.execute(insert(meta).values(name=name, value=value))
