"""Who may sign in: Argon2id passwords, forced change of the first one, lock-out, disabling (sync.md §3.9)."""

from __future__ import annotations

import hashlib
from enum import Enum

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import Connection, delete, insert, select, update

from district.store.tables import account, session

MAX_FAILURES = 5
LOCK_MS = 15 * 60_000
SESSION_MS = 12 * 3_600_000
MIN_PASSWORD = 8

_HASHER = PasswordHasher()
_DEMO_HASHER = PasswordHasher(time_cost=1, memory_cost=8 * 1024, parallelism=1)


class SignIn(str, Enum):
    """What a sign-in came to."""

    OK = "ok"
    MUST_CHANGE = "must_change"
    WRONG = "wrong_password"
    LOCKED = "account_locked"
    DISABLED = "account_disabled"


class Account(msgspec.Struct, frozen=True):
    """An account as the administrator sees it."""

    person: str
    must_change: bool
    locked_until: int
    disabled_at: int | None


def hash_password(password: str, *, demo: bool = False) -> str:
    """The Argon2id hash to keep. `demo` uses cheap parameters, for made-up accounts with a published password only."""
    return (_DEMO_HASHER if demo else _HASHER).hash(password)


def create(connection: Connection, person: str, password_hash: str, *, must_change: bool = True) -> None:
    """Open an account; replaces nothing (the primary key refuses a second one)."""
    values = {"person": person, "password_hash": password_hash, "must_change": must_change, "failures": 0}
    connection.execute(insert(account).values(**values, locked_until=0))


def stored_hash(connection: Connection, person: str) -> str:
    """The hash to verify against; "" when nobody has that name."""
    found = connection.execute(select(account.c.password_hash).where(account.c.person == person)).scalar()
    return "" if found is None else str(found)


def verify(stored: str, password: str) -> bool:
    """Costly on purpose; call it outside the order lock. An unknown name costs the same time as a wrong password."""
    try:
        return _HASHER.verify(stored or _NOBODY, password) and bool(stored)
    except (VerificationError, InvalidHashError):
        return False


_NOBODY = _HASHER.hash("nobody has this password")


def settle_sign_in(connection: Connection, person: str, right: bool, now_ms: int) -> SignIn:
    """Count the attempt and answer. After five failures the account is locked for fifteen minutes."""
    row = connection.execute(select(account).where(account.c.person == person)).first()
    if row is None:
        return SignIn.WRONG
    if row.disabled_at is not None:
        return SignIn.DISABLED
    if row.locked_until > now_ms:
        return SignIn.LOCKED
    mine = update(account).where(account.c.person == person)
    if not right:
        failures = row.failures + 1
        locked = now_ms + LOCK_MS if failures >= MAX_FAILURES else 0
        connection.execute(mine.values(failures=0 if locked else failures, locked_until=locked))
        return SignIn.LOCKED if locked else SignIn.WRONG
    connection.execute(mine.values(failures=0, locked_until=0))
    return SignIn.MUST_CHANGE if row.must_change else SignIn.OK


def change_password(connection: Connection, person: str, password_hash: str, *, must_change: bool = False) -> bool:
    """Set a new password (own change, or reset by the administrator). Every open session of the person ends."""
    values = {"password_hash": password_hash, "must_change": must_change, "failures": 0, "locked_until": 0}
    done = connection.execute(update(account).where(account.c.person == person).values(**values))
    connection.execute(delete(session).where(session.c.person == person))
    return done.rowcount == 1


def set_disabled(connection: Connection, person: str, at_ms: int | None) -> bool:
    """Disable (acts made after `at_ms` are refused, earlier ones still count: sync.md §3.6) or enable again (None)."""
    done = connection.execute(update(account).where(account.c.person == person).values(disabled_at=at_ms))
    if at_ms is not None:
        connection.execute(delete(session).where(session.c.person == person))
    return done.rowcount == 1


def listed(connection: Connection) -> list[Account]:
    """Every account, by name."""
    rows = connection.execute(select(account).order_by(account.c.person)).all()
    return [Account(r.person, r.must_change, r.locked_until, r.disabled_at) for r in rows]


# Sessions


def token_hash(token: str) -> str:
    """What is kept of a random token: enough to recognise it, not to use it."""
    return hashlib.sha256(token.encode()).hexdigest()


def open_session(connection: Connection, person: str, device: str, unit: str, token: str, now_ms: int) -> int:
    """Open a session; returns when it expires."""
    expires = now_ms + SESSION_MS
    values = {"token_hash": token_hash(token), "person": person, "device": device, "unit": unit, "expires_at": expires}
    connection.execute(insert(session).values(**values))
    return expires


def session_person(connection: Connection, token: str, device: str, now_ms: int) -> str | None:
    """Whose session this is, on this device; None when unknown or expired."""
    row = connection.execute(select(session).where(session.c.token_hash == token_hash(token))).first()
    if row is None or row.device != device or row.expires_at <= now_ms:
        return None
    return str(row.person)
