"""Signing in, changing a password (sync.md §3.4, §3.9)."""

from __future__ import annotations

from typing import Annotated

import msgspec
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from district import accounts
from district.accounts import SignIn
from district.api.answers import (
    MAX_QUERY,
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
from district.centre import Centre
from district.devices import Device
from models.signed_time import SignedTime, signed_time

router = APIRouter()


class SessionBody(msgspec.Struct, frozen=True):
    """Somebody signs in at a registered workstation; `unit`, when given, must be the workstation's. With a `nonce` the answer says the
    time, signed."""

    name: str
    password: str
    unit: str = ""
    nonce: Annotated[str, msgspec.Meta(max_length=MAX_QUERY)] = ""


class SessionOpened(msgspec.Struct, frozen=True):
    """A session, until `expires_at` (ms UTC); an empty one with `must_change`: only the password may be changed now.
    `offline_days`: how long a kept verifier may stand in for the centre."""

    session: str
    person: str
    expires_at: int
    must_change: bool
    offline_days: int
    now_ms: int
    time: SignedTime | None = None


class PasswordBody(msgspec.Struct, frozen=True):
    """A new password for oneself."""

    name: str
    old: str
    new: str


CALLS: Calls = {
    ("post", "/v1/session"): Call(SessionOpened, SessionBody, by="device", errors=(403, 429)),
    ("post", "/v1/password"): Call(Done, PasswordBody, by="device", errors=(403, 429)),
}


def _refuse_elsewhere(centre: Centre, person: str, device: Device, unit: str = "") -> None:
    """Who sits where is no secret; a guess from a workstation where the person has no desk is not even counted, so nobody
    locks the accounts of another unit."""
    elsewhere = person in centre.rules.people and centre.rules.actor(person, device.unit) is None
    if elsewhere or unit not in ("", device.unit):
        raise Answer(403, "not_at_this_desk")


async def _fitting(request: Request, person: str, password: str) -> str:
    """The kept hash that the password fits; "" when it fits none. Outside the writers' lane: it is slow on purpose."""
    centre = centre_of(request)
    if len(password) > accounts.MAX_PASSWORD:
        raise Answer(400, "malformed", "password")

    def verify() -> str:
        with centre.reading() as connection:
            stored = accounts.stored_hash(connection, person)
        return stored if accounts.verify(stored, password) else ""

    return await run_sync(verify, limiter=lanes_of(request).hashing)


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
    _refuse_elsewhere(centre, body.name, device, body.unit)
    fits = await _fitting(request, body.name, body.password)
    token = centre.new_token()

    def write() -> tuple[SignIn, int]:
        # In one transaction: no reset, no disabling comes between the answer and the session.
        with centre.writing() as connection:
            now = centre.clock.wall_ms()
            found = accounts.settle_sign_in(connection, body.name, fits, now)
            if found is not SignIn.OK or centre.rules.actor(body.name, device.unit) is None:
                return found, 0
            return found, accounts.open_session(connection, body.name, device.id, device.unit, token, now)

    result, expires = await in_turn(request, write)
    _refuse(result)
    days = centre.rules.policy.offline_pass_days
    if result is SignIn.MUST_CHANGE:
        return ok(SessionOpened("", body.name, 0, True, days, *_now(centre, body)))
    if not expires:
        raise Answer(403, "not_at_this_desk")
    return ok(SessionOpened(token, body.name, expires, False, days, *_now(centre, body)))


def _now(centre: Centre, body: SessionBody) -> tuple[int, SignedTime | None]:
    now = centre.clock.wall_ms()
    return now, signed_time(centre.keys.signing, body.nonce, now) if body.nonce else None


@router.post("/v1/password")
async def password(request: Request) -> Response:
    """Change one's own password; forced after a first one. Ends every session of the person."""
    device = await device_of(request)
    body = await body_of(request, PasswordBody)
    centre = centre_of(request)
    _refuse_elsewhere(centre, body.name, device)
    fits = await _fitting(request, body.name, body.old)

    def settle() -> SignIn:
        with centre.writing() as connection:
            return accounts.settle_sign_in(connection, body.name, fits, centre.clock.wall_ms())

    _refuse(await in_turn(request, settle))
    if accounts.is_weak(body.new, body.name) or body.new == body.old:
        raise Answer(400, "password_too_weak")
    hashed = await run_sync(
        lambda: accounts.hash_password(body.new, centre.random_bytes), limiter=lanes_of(request).hashing
    )

    def write() -> bool:
        with centre.writing() as connection:
            is_still_that = accounts.stored_hash(connection, body.name) == fits
            return is_still_that and accounts.change_password(connection, body.name, hashed)

    if not await in_turn(request, write):
        _refuse(SignIn.WRONG)
    return ok(Done(centre.clock.wall_ms()))
