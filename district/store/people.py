"""Accounts, former desks and sessions, as rows."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from district.store.tables import account, former_desk, session
from models.people import Actor


def insert_account(connection: Connection, person: str, password_hash: str, *, must_change: bool, demo: bool) -> None:
    """A new account; the primary key refuses a second one."""
    values = {"person": person, "password_hash": password_hash, "must_change": must_change, "demo": demo}
    connection.execute(insert(account).values(**values, failures=0, locked_until=0, disabled_at=None))


def find_account(connection: Connection, person: str) -> Row[Any] | None:
    """The account of that person."""
    return connection.execute(select(account).where(account.c.person == person)).first()


def all_accounts(connection: Connection) -> list[Row[Any]]:
    """Every account, by name."""
    return list(connection.execute(select(account).order_by(account.c.person)).all())


def every_disabled(connection: Connection) -> dict[str, int]:
    """Whose account is disabled, since when (ms UTC)."""
    mine = select(account.c.person, account.c.disabled_at).where(account.c.disabled_at.is_not(None))
    return {str(row.person): int(row.disabled_at) for row in connection.execute(mine)}


def change_account(connection: Connection, person: str, **values: object) -> bool:
    """Set columns of an account; False when there is none."""
    return connection.execute(update(account).where(account.c.person == person).values(**values)).rowcount == 1


def keep_former_desk(connection: Connection, was: Actor, until_ms: int) -> None:
    """The person sat there like this until now. Of two changes at one instant the first counts: nothing was done between."""
    place = {"person": was.person, "unit": was.unit, "until_at": until_ms}
    there = select(former_desk).where(*(former_desk.c[name] == value for name, value in place.items()))
    if connection.execute(there).first() is None:
        roles = " ".join(sorted(role.value for role in was.roles))
        connection.execute(insert(former_desk).values(**place, roles=roles, capacity=was.capacity.value))


def insert_session(
    connection: Connection, token_hash: str, person: str, device: str, unit: str, expires_at: int
) -> None:
    """An open session, by the hash of its token."""
    values = {"token_hash": token_hash, "person": person, "device": device, "unit": unit, "expires_at": expires_at}
    connection.execute(insert(session).values(**values))


def find_session(connection: Connection, token_hash: str) -> Row[Any] | None:
    """The session with that token."""
    return connection.execute(select(session).where(session.c.token_hash == token_hash)).first()


def end_sessions(connection: Connection, person: str) -> None:
    """All sessions of a person are over."""
    connection.execute(delete(session).where(session.c.person == person))


def end_sessions_of_desk(connection: Connection, person: str, unit: str) -> None:
    """All sessions of a person at workstations of that unit are over."""
    connection.execute(delete(session).where(session.c.person == person, session.c.unit == unit))


def end_sessions_at(connection: Connection, device: str) -> None:
    """All sessions at a workstation are over."""
    connection.execute(delete(session).where(session.c.device == device))


def drop_expired_sessions(connection: Connection, now_ms: int) -> None:
    """Forget sessions that are over."""
    connection.execute(delete(session).where(session.c.expires_at <= now_ms))
