"""Making this workstation one of the district's, with the one-time code that was read out (sync.md §3.4; D21).

The key is made here and its private half never leaves: it goes to the vault (services/vault.py), the public half goes
to the centre together with the code. On an encrypted line the centre's authority is compared with the code's pin before
the code's secret is said to anybody.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from msgspec.structs import asdict

from models.clock import Clock
from models.enrolment_code import read_code
from models.errors import Refused
from models.ids import SYSTEM_RANDOM, RandomBytes
from models.signing import SigningKey, new_key
from models.store.identity import Identity
from models.store.rechain import CHAIN_UNSURE, begin_anew
from models.store.work import Work
from models.wire import PROTOCOL, Malformed
from services.secrets import Secrets
from services.sync import trust
from services.sync.line import Credentials, Line, offered_authority
from services.sync.replies import Registered


class Enrolled(msgspec.Struct, frozen=True):
    """A workstation just let in: what the centre gave it, its key, and the authority it trusts from now on with the one that may take
    its place ("" on a line within this machine)."""

    registered: Registered
    key: SigningKey
    authority: str = ""
    next_authority: str = ""


def enrol(
    address: str,
    typed: str,
    clock: Clock,
    unit: str = "",
    random_bytes: RandomBytes = SYSTEM_RANDOM,
    former: Credentials | None = None,
    why: str = "",
    before: Callable[[], None] = lambda: None,
) -> Enrolled:
    """Come in with a code; for this unit, or for whichever the code is for; again, when this workstation was the device
    `former` until now, which is then taken out (`why`: a code of words). `before` may refuse when the centre has answered
    and the code is not used up yet. Takes a few seconds. Weather, and Refused:
    ("code_incomplete"), ("code_mistyped"), ("code_without_pin"), ("other_authority"), ("plain_line"), ("console_older"), and what the centre
    says of the code."""
    code = read_code(typed)
    authority = _authority(address, code.pin) if trust.is_encrypted(address) else ""
    line = Line(address, clock, None, authority)
    try:
        found = line.hello()
        if not found.speaks_ours:
            raise Refused("console_older", centre=found.oldest_protocol, console=PROTOCOL)
        before()
        key = new_key(random_bytes)
        following = found.next_authority if authority else ""
        return Enrolled(line.enrol(code.secret, key, unit, former, why), key, authority, following)
    finally:
        line.close()


def _authority(address: str, pin: str) -> str:
    """The authority of whoever answers, if it is the one the code speaks of."""
    if not pin:
        raise Refused("code_without_pin")
    found = offered_authority(address)
    if not trust.fits_pin(found, pin):
        raise Refused("other_authority", address=address)
    return found


def identity_of(made: Enrolled) -> Identity:
    """Who the store is from now on, and whom it trusts."""
    told = made.registered
    trusted = (made.authority, made.next_authority)
    return Identity(told.device, told.unit, told.slot, made.key.public, told.centre_key, *trusted)


def keep_secrets(secrets: Secrets, made: Enrolled) -> None:
    """Token and private key, under the device's id. Refused("no_keyring")."""
    secrets.store(made.registered.device, made.registered.token)
    secrets.store(key_name(made.registered.device), made.key.secret)


def keep(work: Work, made: Enrolled, address: str) -> None:
    """Write into the store who it is, and whom it trusts; the caller commits."""
    for name, value in asdict(identity_of(made)).items():
        work.write_meta(name, value)
    work.write_meta("address", address)


def keep_anew(work: Work, made: Enrolled, address: str) -> None:
    """The store becomes this device's, with everything it holds; what the centre has not got is handed in by it, once. The
    caller commits."""
    begin_anew(work.connection)
    keep(work, made, address)
    work.write_meta(CHAIN_UNSURE, "let_in_again")


def credentials(secrets: Secrets, device: str, public_key: str) -> Credentials:
    """What the device proves itself with; may take seconds. Refused("token_unreadable") when the keyring does not give its
    token, or its key if it has one."""
    token = secrets.read(device)
    secret = secrets.read(key_name(device)) if public_key else ""
    try:
        key = SigningKey(secret) if secret else None
    except Malformed:
        key = None
    if not token or (public_key and (key is None or key.public != public_key)):
        raise Refused("token_unreadable")
    return Credentials(device, token, key)


def key_name(device: str) -> str:
    """The name a device's private key lies under."""
    return f"{device}.key"
