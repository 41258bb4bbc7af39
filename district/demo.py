"""演示数据: an account for every made-up person, all with one published password. Loopback only, marked in the data."""

from __future__ import annotations

from argon2 import PasswordHasher

from district import accounts
from district.store import Connection
from district.store.documents import read_meta, write_meta
from models.ids import SYSTEM_RANDOM, RandomBytes
from models.rules import Reference

PASSWORD = "demo-2026"
_CHEAP = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1)
_SALT_BYTES = 16


def open_accounts(connection: Connection, first: Reference, random_bytes: RandomBytes = SYSTEM_RANDOM) -> int:
    """Open the accounts; returns how many.

    All of them carry one and the same hash, made once with cheap parameters and one salt: the password is printed in the
    README, so there is nothing to protect, and four hundred honest hashes would take minutes. Each row says `demo`, and
    the first change of a password replaces the hash by an honest one and takes the mark away.
    """
    hashed = _CHEAP.hash(PASSWORD, salt=random_bytes(_SALT_BYTES))
    write_meta(connection, "demo", "1")
    have = {a.person for a in accounts.listed(connection)}
    for person in first.people:
        if person.id in have:
            accounts.change_password(connection, person.id, hashed, demo=True)
        else:
            accounts.create(connection, person.id, hashed, must_change=False, demo=True)
    return len(first.people)


def is_demo(connection: Connection) -> bool:
    """True for a district of made-up people with a published password."""
    return read_meta(connection, "demo") == "1"
