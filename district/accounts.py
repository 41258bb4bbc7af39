"""Who may sign in: Argon2id passwords, forced change of the first one, lock-out, disabling, moving (sync.md §3.9)."""

from __future__ import annotations

import hashlib
import math
from enum import Enum

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from district.store import Connection, people
from models.ids import SYSTEM_RANDOM, RandomBytes
from models.people import Person

MAX_FAILURES = 5
LOCK_MS = 15 * 60_000
SESSION_MS = 12 * 3_600_000
MIN_PASSWORD = 8
MAX_PASSWORD = 200
_SALT_BYTES = 16

_HASHER = PasswordHasher()


class SignIn(str, Enum):
    """What a sign-in came to."""

    OK = "ok"
    MUST_CHANGE = "must_change"
    WRONG = "wrong_password"
    LOCKED = "account_locked"
    DISABLED = "account_disabled"


class Account(msgspec.Struct, frozen=True):
    """An account as the administrator sees it. Instants in ms UTC; `demo` marks 演示数据."""

    person: str
    must_change: bool
    failures: int
    locked_until: int
    disabled_at: int | None
    demo: bool


# Passwords


def is_weak(password: str, person: str) -> bool:
    """True for a password nobody should use: too short, absurdly long, or the name itself."""
    return not MIN_PASSWORD <= len(password) <= MAX_PASSWORD or password.lower() == person.lower()


def hash_password(password: str, random_bytes: RandomBytes = SYSTEM_RANDOM) -> str:
    """The Argon2id hash to keep. Costly on purpose: call it on a worker, outside the order lock."""
    return _HASHER.hash(password, salt=random_bytes(_SALT_BYTES))


def stored_hash(connection: Connection, person: str) -> str:
    """The hash to verify against; "" when nobody has that name."""
    found = people.find_account(connection, person)
    return "" if found is None else str(found.password_hash)


def verify(stored: str, password: str) -> bool:
    """Costly on purpose, like hash_password. An unknown name costs as much as a wrong password."""
    try:
        return _HASHER.verify(stored or _of_nobody(), password) and bool(stored)
    except (VerificationError, InvalidHashError):
        return False


def _of_nobody() -> str:
    """A hash that no password is known to have and that costs what a real one costs; made of nothing, as every start of the
    program would wait for a real one."""
    cost = f"m={_HASHER.memory_cost},t={_HASHER.time_cost},p={_HASHER.parallelism}"
    salt, digest = ("A" * math.ceil(count * 8 / 6) for count in (_HASHER.salt_len, _HASHER.hash_len))
    return f"$argon2id$v=19${cost}${salt}${digest}"


def settle_sign_in(connection: Connection, person: str, fits: str, now_ms: int) -> SignIn:
    """Count the attempt and answer. `fits`: the hash that the password was found to fit ("": none); verifying it took its
    time, and a password that was replaced meanwhile opens nothing. After five failures the account is locked for fifteen
    minutes; whoever does not know the password learns nothing else about the account."""
    row = people.find_account(connection, person)
    if row is None:
        return SignIn.WRONG
    if row.locked_until > now_ms:
        return SignIn.LOCKED
    if not fits or fits != row.password_hash:
        failures = row.failures + 1
        locked = now_ms + LOCK_MS if failures >= MAX_FAILURES else 0
        people.change_account(connection, person, failures=0 if locked else failures, locked_until=locked)
        return SignIn.LOCKED if locked else SignIn.WRONG
    if row.disabled_at is not None:
        return SignIn.DISABLED
    people.change_account(connection, person, failures=0, locked_until=0)
    return SignIn.MUST_CHANGE if row.must_change else SignIn.OK


# Accounts


def create(
    connection: Connection, person: str, password_hash: str, *, must_change: bool = True, demo: bool = False
) -> bool:
    """Open an account; False when the person has one already."""
    if people.find_account(connection, person) is not None:
        return False
    people.insert_account(connection, person, password_hash, must_change=must_change, demo=demo)
    return True


def change_password(
    connection: Connection, person: str, password_hash: str, *, must_change: bool = False, demo: bool = False
) -> bool:
    """Set a new password: one's own change, or a reset by the administrator (`must_change`), which also unlocks. Every
    open session of the person ends. False when there is no such account."""
    people.end_sessions(connection, person)
    values = {"password_hash": password_hash, "must_change": must_change, "failures": 0, "locked_until": 0}
    return people.change_account(connection, person, **values, demo=demo)


def set_disabled(connection: Connection, person: str, at_ms: int | None) -> bool:
    """Disable (acts made from `at_ms` on are refused, earlier ones still count: sync.md §3.6) or enable again (None). Who is
    disabled already stays so since then: said once more, it lets nothing in that was refused before."""
    found = people.find_account(connection, person)
    if found is None:
        return False
    if at_ms is not None:
        people.end_sessions(connection, person)
        at_ms = at_ms if found.disabled_at is None else min(at_ms, found.disabled_at)
    return people.change_account(connection, person, disabled_at=at_ms)


def change_desks(connection: Connection, was: Person, now: Person | None, now_ms: int) -> None:
    """What is said of a person changes: each desk where he sat otherwise until now is kept, so that what he did there
    before counts as it would have then. Sessions end at desks that he leaves."""
    for unit in (was.unit, *was.seconded_to):
        before, after = was.actor_at(unit), now.actor_at(unit) if now is not None else None
        if before is None or before == after:
            continue
        people.keep_former_desk(connection, before, now_ms)
        if after is None:
            people.end_sessions_of_desk(connection, was.id, unit)


def listed(connection: Connection) -> list[Account]:
    """Every account, by name."""
    return [
        Account(r.person, r.must_change, r.failures, r.locked_until, r.disabled_at, r.demo)
        for r in people.all_accounts(connection)
    ]


# Sessions


def token_hash(token: str) -> str:
    """What is kept of a random token: enough to recognise it, not to use it."""
    return hashlib.sha256(token.encode()).hexdigest()


def open_session(connection: Connection, person: str, device: str, unit: str, token: str, now_ms: int) -> int:
    """Open a session; returns when it expires (ms UTC)."""
    people.drop_expired_sessions(connection, now_ms)
    people.insert_session(connection, token_hash(token), person, device, unit, now_ms + SESSION_MS)
    return now_ms + SESSION_MS


def session_person(connection: Connection, token: str, device: str, now_ms: int) -> str | None:
    """Whose session this is, on this device; None when unknown or expired."""
    row = people.find_session(connection, token_hash(token))
    if row is None or row.device != device or row.expires_at <= now_ms:
        return None
    return str(row.person)
