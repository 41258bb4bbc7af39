"""Making and opening a district's database: migrate, first reference data, first administrator, the centre's device."""

from __future__ import annotations

import secrets
from pathlib import Path

from sqlalchemy import Connection, Engine, select

from district import accounts, reference
from district.centre import HEAD, SCRIPTS, Centre
from district.devices import register_centre
from district.journal import CENTRE_DEVICE
from district.store.tables import device
from models.clock import Clock
from models.errors import Refused
from models.ids import NewId, id_source
from models.people import Role
from models.rules import Reference
from models.store.engine import open_engine
from models.store.migrate import migrate


def open_database(url: str) -> Engine:
    """Open and bring up to date; Refused("store_newer") for a newer database."""
    if url.startswith("sqlite:///"):
        Path(url.removeprefix("sqlite:///")).parent.mkdir(parents=True, exist_ok=True)
    engine = open_engine(url)
    migrate(engine, SCRIPTS, HEAD)
    return engine


def initialise(engine: Engine, first: Reference, administrator: str, password: str, now_ms: int) -> None:
    """A new district: its reference data, its own device, and one administrator who must change the password.

    Refused("already_initialised") when it is one already, Refused("not_an_operator") for a person who is none.
    """
    person = next((p for p in first.people if p.id == administrator), None)
    if person is None or Role.DISTRICT_OPERATOR not in person.roles:
        raise Refused("not_an_operator", person=administrator)
    with engine.begin() as connection:
        if connection.execute(select(device).where(device.c.id == CENTRE_DEVICE)).first() is not None:
            raise Refused("already_initialised")
        reference.publish(connection, first)
        reference.write_meta(connection, "epoch", "1")
        register_centre(connection, now_ms)
        accounts.create(connection, administrator, accounts.hash_password(password))


def add_demo_accounts(connection: Connection, first: Reference, password: str) -> None:
    """An account for every made-up person, all with the one published demo password (演示数据, loopback only)."""
    hashed = accounts.hash_password(password, demo=True)
    have = {a.person for a in accounts.listed(connection)}
    for person in first.people:
        if person.id not in have:
            accounts.create(connection, person.id, hashed, must_change=False)
        else:
            accounts.change_password(connection, person.id, hashed)


def open_centre(engine: Engine, clock: Clock, new_id: NewId | None = None) -> Centre:
    """The centre over an initialised database. Malformed when it has no reference data yet."""
    return Centre(engine, clock, new_id or id_source(clock), lambda: secrets.token_urlsafe(32))
