"""Signing in, changing a password (sync.md §3.4, §3.9)."""

from __future__ import annotations

import msgspec
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from district import accounts
from district.accounts import SignIn
from district.api.answers import (
    Answer,
    Done,
    body_of,
    centre_of,
    device_of,
    in_turn,
    lanes_of,
    ok,
)
from district.api.contract import Call, Calls

router = APIRouter()


class SessionBody(msgspec.Struct, frozen=True):
    """Somebody signs in at a registered workstation; `unit`, when given, must be the workstation's."""

    name: str
    password: str
    unit: str = ""


class SessionOpened(msgspec.Struct, frozen=True):
    """A session, until `expires_at` (ms UTC); an empty one with `must_change`: only the password may be changed now.
    `offline_days`: how long a kept verifier may stand in for the centre."""

    session: str
    person: str
    expires_at: int
    must_change: bool
    offline_days: int
    now_ms: int


class PasswordBody(msgspec.Struct, frozen=True):
    """A new password for oneself."""

    name: str
    old: str
    new: str


CALLS: Calls = {
    ("post", "/v1/session"): Call(SessionOpened, SessionBody, by="device", errors=(403, 429)),
    ("post", "/v1/password"): Call(Done, PasswordBody, by="device", errors=(403, 429)),
}


async def _verified(request: Request, person: str, password: str) -> SignIn:
    """Verify outside the writers' lane (it is slow on purpose), then count the attempt inside it."""
    centre = centre_of(request)
    if len(password) > accounts.MAX_PASSWORD:
        raise Answer(400, "malformed", "password")

    def verify() -> bool:
        with centre.reading() as connection:
            stored = accounts.stored_hash(connection, person)
        return accounts.verify(stored, password)

    right = await run_sync(verify, limiter=lanes_of(request).hashing)

    def settle() -> SignIn:
        with centre.writing() as connection:
            return accounts.settle_sign_in(connection, person, right, centre.clock.wall_ms())

    return await in_turn(request, settle)


def _refuse(result: SignIn) -> None:
    if result is SignIn.LOCKED:
        raise Answer(429, result.value, retry_after_seconds=accounts.LOCK_MS // 1000)
    if result in (SignIn.WRONG, SignIn.DISABLED):
        raise Answer(403, result.value)


@router.post("/v1/session")
async def sign_in(request: Request) -> Response:
    """Open a session for a person of this unit, or one seconded to it."""
    device = await device_of(request)
    body = await body_of(request, SessionBody)
    centre = centre_of(request)
    result = await _verified(request, body.name, body.password)
    _refuse(result)
    if body.unit not in ("", device.unit) or centre.rules.actor(body.name, device.unit) is None:
        raise Answer(403, "not_at_this_desk")
    days = centre.rules.policy.offline_pass_days
    if result is SignIn.MUST_CHANGE:
        return ok(SessionOpened("", body.name, 0, True, days, centre.clock.wall_ms()))
    token = centre.new_token()

    def write() -> int:
        with centre.writing() as connection:
            return accounts.open_session(connection, body.name, device.id, device.unit, token, centre.clock.wall_ms())

    expires = await in_turn(request, write)
    return ok(SessionOpened(token, body.name, expires, False, days, centre.clock.wall_ms()))


@router.post("/v1/password")
async def password(request: Request) -> Response:
    """Change one's own password; forced after a first one. Ends every session of the person."""
    await device_of(request)
    body = await body_of(request, PasswordBody)
    _refuse(await _verified(request, body.name, body.old))
    if accounts.is_weak(body.new, body.name) or body.new == body.old:
        raise Answer(400, "password_too_weak")
    centre = centre_of(request)
    hashed = await run_sync(
        lambda: accounts.hash_password(body.new, centre.random_bytes), limiter=lanes_of(request).hashing
    )

    def write() -> None:
        with centre.writing() as connection:
            accounts.change_password(connection, body.name, hashed)

    await in_turn(request, write)
    return ok(Done(centre.clock.wall_ms()))
