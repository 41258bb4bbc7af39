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


def people_with(connection: Connection, name: str) -> list[str]:
    """Who keeps a value by that name."""
    return list(connection.execute(select(setting.c.person).where(setting.c.name == name)).scalars())


def write(connection: Connection, person: str, name: str, value: str) -> None:
    """Put one value in place of an earlier one; "" takes it away."""
    connection.execute(delete(setting).where(setting.c.person == person, setting.c.name == name))
    if value:
        connection.execute(insert(setting).values(person=person, name=name, value=value))
