"""Signing in: by the centre when the line is up, by a kept verifier when it is not (D4, sync.md §3.9).

A verifier is an Argon2id hash made at the last sign-in with the line; it expires after as many days as the centre says, and goes
with the first sign-in that the centre refuses for good (`drop_pass`).
Wrong passwords that no centre counts are slowed (models/guesses.py). Neither that nor the expiry goes by the wall clock.
Signing out never throws anything away: unsent acts belong to the device.
"""

from __future__ import annotations

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from models.clock import DAY_MS, SECOND_MS
from models.errors import Refused
from models.guesses import Guesses, one_more, restarted, wait_ms
from models.store import offline_pass, present_mark
from models.store.work import Work
from services.sync.kept_anchor import keep_anchor
from services.sync.line import Line
from services.sync.proved_time import Told, counts

_REFUSED_FOR_GOOD = frozenset({"account_disabled", "not_at_this_desk", "change_password_first"})
"""What the centre says of the person, whatever was typed, or only to whoever typed the right password."""

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class Entered(msgspec.Struct, frozen=True):
    """Somebody signed in. `session` is empty when it was done offline; it ends at `expires_at` (ms UTC)."""

    person: str
    session: str
    offline: bool
    expires_at: int = 0


def sign_in_online(line: Line, person: str, password: str, new_password: str) -> Entered:
    """Ask the centre. Refused("change_password_first") when a first password must be changed and none is given. When the line
    went just after it had been changed, the same answers given again let the person in."""
    return sign_in_with(line, person, password, new_password)[0]


def sign_in_with(line: Line, person: str, password: str, new_password: str) -> tuple[Entered, str]:
    """The same, and which of the two passwords the centre took: no verifier is kept of one that was not needed."""
    taken = password
    try:
        opened = line.sign_in(person, password)
    except Refused as error:
        if error.code != "wrong_password" or not new_password:
            raise
        opened = line.sign_in(person, taken := new_password)
    if opened.must_change:
        if not new_password:
            raise Refused("change_password_first")
        line.change_password(person, password, new_password)
        opened = line.sign_in(person, taken := new_password)
    return Entered(opened.person, opened.session, False, opened.expires_at), taken


def keep_pass(work: Work, person: str, password: str, days: int) -> None:
    """Keep the verifier of a sign-in that the centre accepted, count no wrong guesses any more, and commit."""
    expires = work.present().shown_at + days * DAY_MS
    offline_pass.keep(work.connection, person, _HASHER.hash(password), expires)
    present_mark.keep_guesses(work, person, Guesses())
    work.commit()


def keep_sign_in(work: Work, line: Line, person: str, password: str) -> None:
    """After a sign-in that the centre accepted: its clock, and a verifier for days without the line."""
    if line.anchor is not None and counts(work, Told(*line.signed, line.anchor)):
        keep_anchor(work, line.anchor)
    keep_pass(work, person, password, work.rules.policy.offline_pass_days)


def drop_pass(work: Work, person: str, password: str, code: str) -> None:
    """The centre has refused this sign-in with that code: what it no longer lets in, the kept verifier does not let in either once
    the line is unplugged. An account that is disabled, a desk that is no longer his, a password that was reset drop it. A wrong
    password drops it only when it is the very one the verifier opens to: then it was changed elsewhere. Any other wrong
    password, and an account locked after five, anybody can bring about by typing nonsense in a colleague's name, who would be
    kept from working without the line. Commits."""
    is_over = code in _REFUSED_FOR_GOOD
    if code == "wrong_password":
        kept = offline_pass.find(work.connection, person)
        is_over = kept is not None and _opens(kept[0], password)
    if is_over:
        offline_pass.drop(work.connection, person)
        work.commit()


def sign_in_offline(work: Work, person: str, password: str) -> Entered:
    """Refused("no_offline_pass"), ("offline_pass_expired"), ("wrong_password"), or ("offline_guesses") with how many there were in a
    row and the time that is left to wait; the password is not looked at then. Commits what is counted."""
    kept = offline_pass.find(work.connection, person)
    if kept is None:
        raise Refused("no_offline_pass")
    verifier, expires_at = kept
    sure_ms = present_mark.surely(work)
    if expires_at < max(sure_ms, work.present().shown_at):
        raise Refused("offline_pass_expired")
    guesses = restarted(present_mark.guesses(work, person), sure_ms)
    waits = wait_ms(guesses, sure_ms) > 0
    opens = not waits and _opens(verifier, password)
    found = guesses if waits else Guesses() if opens else one_more(guesses, sure_ms)
    present_mark.raise_mark(work)  # a wait that goes on in another boot goes on from here
    present_mark.keep_guesses(work, person, found)
    work.commit()
    if not opens:
        raise _wrong(found, sure_ms)
    return Entered(person, "", True)


def _wrong(guesses: Guesses, sure_ms: int) -> Refused:
    left = -(-wait_ms(guesses, sure_ms) // SECOND_MS)
    if not left:
        return Refused("wrong_password")
    return Refused("offline_guesses", count=guesses.count, minutes=left // 60, seconds=left % 60)


def _opens(verifier: str, password: str) -> bool:
    try:
        return _HASHER.verify(verifier, password)
    except (VerificationError, InvalidHashError):
        return False
