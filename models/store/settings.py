"""Small values a person keeps on this workstation, by name: what he likes, what he has begun to type."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from models.store.console_tables import setting


def read(connection: Connection, person: str, name: str) -> str | None:
    """The value, or None when there is none."""
    kept = connection.execute(
        select(setting.c.value).where(setting.c.person == person, setting.c.name == name)
    ).scalar()
    return None if kept is None else str(kept)


def beginning_with(connection: Connection, beginning: str) -> list[tuple[str, str]]:
    """Who keeps a value by a name that begins so, and that name, in the order of names."""
    found = (
        select(setting.c.person, setting.c.name).where(setting.c.name.startswith(beginning)).order_by(setting.c.name)
    )
    return [(str(person), str(name)) for person, name in connection.execute(found)]


def write(connection: Connection, person: str, name: str, value: str) -> None:
    """Put one value in place of an earlier one; "" takes it away."""
    connection.execute(delete(setting).where(setting.c.person == person, setting.c.name == name))
    if value:
        connection.execute(insert(setting).values(person=person, name=name, value=value))
