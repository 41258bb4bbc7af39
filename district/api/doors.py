"""Hello, time, registering a workstation, signing in, changing a password."""

from __future__ import annotations

import msgspec
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from district import accounts, devices
from district.accounts import SignIn
from district.api.answers import Answer, body_of, centre_of, device_of, ok
from models.people import Role
from models.wire import PROTOCOL

router = APIRouter()
SERVICE = "joint-response-district"


class Hello(msgspec.Struct, frozen=True):
    """Who is speaking: the marker of our protocol, its range, and the district's history number."""

    service: str
    protocol: int
    oldest_protocol: int
    district: str
    epoch: int
    now_ms: int
    units: list[tuple[str, str]]


class Time(msgspec.Struct, frozen=True):
    """The centre's clock, with the nonce repeated."""

    nonce: str
    now_ms: int


class RegisterBody(msgspec.Struct, frozen=True):
    """A district operator registers a workstation for a unit."""

    operator: str
    password: str
    unit: str
    label: str = ""


class Registered(msgspec.Struct, frozen=True):
    """The new workstation: its id, its token (shown once), the letter of its case numbers."""

    device: str
    token: str
    slot: str
    unit: str
    epoch: int
    now_ms: int


class SessionBody(msgspec.Struct, frozen=True):
    """Somebody signs in at a registered workstation."""

    name: str
    password: str


class SessionOpened(msgspec.Struct, frozen=True):
    """A session; `must_change` when only the password may be changed with it."""

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


@router.get("/v1/hello")
async def hello(request: Request) -> Response:
    """Who we are; asked before anything is trusted."""
    centre = centre_of(request)
    units = [(o.code, o.name) for o in centre.rules.reference.organisations]
    name = centre.rules.reference.district_name
    return ok(Hello(SERVICE, PROTOCOL, PROTOCOL, name, centre.epoch, centre.clock.wall_ms(), units))


@router.get("/v1/time")
async def time(request: Request) -> Response:
    """The centre's clock."""
    return ok(Time(request.query_params.get("nonce", "")[:64], centre_of(request).clock.wall_ms()))


async def _verified(request: Request, person: str, password: str) -> SignIn:
    centre = centre_of(request)

    def verify() -> SignIn:
        with centre.reading() as connection:
            stored = accounts.stored_hash(connection, person)
        right = accounts.verify(stored, password)
        with centre.writing() as connection:
            return accounts.settle_sign_in(connection, person, right, centre.clock.wall_ms())

    return await run_sync(verify, limiter=request.app.state.hashing)


def _refuse(result: SignIn) -> None:
    if result is SignIn.LOCKED:
        raise Answer(429, result.value, retry_after_seconds=accounts.LOCK_MS // 1000)
    if result in (SignIn.WRONG, SignIn.DISABLED):
        raise Answer(403, result.value)


@router.post("/v1/register")
async def register(request: Request) -> Response:
    """Register a workstation: needs a district operator's password, and loopback until enrolment exists."""
    body = await body_of(request, RegisterBody)
    centre = centre_of(request)
    result = await _verified(request, body.operator, body.password)
    _refuse(result)
    person = centre.rules.people.get(body.operator)
    if person is None or Role.DISTRICT_OPERATOR not in person.roles:
        raise Answer(403, "district_operators_only")
    if result is SignIn.MUST_CHANGE:
        raise Answer(403, "change_password_first")
    if body.unit not in centre.rules.organisations:
        raise Answer(400, "unknown_unit")
    token = centre.new_token()

    def write() -> devices.Device:
        with centre.writing() as connection:
            now = centre.clock.wall_ms()
            return devices.register(connection, body.unit, body.label, body.operator, token, now, centre.new_id)

    made = await run_sync(write)
    return ok(Registered(made.id, token, made.slot, made.unit, centre.epoch, centre.clock.wall_ms()), 201)


@router.post("/v1/session")
async def sign_in(request: Request) -> Response:
    """Open a session for a person of this unit, or one seconded to it."""
    device = await run_sync(device_of, request)
    body = await body_of(request, SessionBody)
    centre = centre_of(request)
    result = await _verified(request, body.name, body.password)
    _refuse(result)
    if centre.rules.actor(body.name, device.unit) is None:
        raise Answer(403, "not_at_this_desk")
    token = centre.new_token()

    def write() -> int:
        with centre.writing() as connection:
            return accounts.open_session(connection, body.name, device.id, device.unit, token, centre.clock.wall_ms())

    must_change = result is SignIn.MUST_CHANGE
    expires = 0 if must_change else await run_sync(write)
    days = centre.rules.policy.offline_pass_days
    given = "" if must_change else token
    return ok(SessionOpened(given, body.name, expires, must_change, days, centre.clock.wall_ms()))


@router.post("/v1/password")
async def password(request: Request) -> Response:
    """Change one's own password; forced after a first one."""
    await run_sync(device_of, request)
    body = await body_of(request, PasswordBody)
    _refuse(await _verified(request, body.name, body.old))
    if len(body.new) < accounts.MIN_PASSWORD or body.new == body.old:
        raise Answer(400, "password_too_weak")
    centre = centre_of(request)

    def write() -> None:
        hashed = accounts.hash_password(body.new)
        with centre.writing() as connection:
            accounts.change_password(connection, body.name, hashed)

    await run_sync(write, limiter=request.app.state.hashing)
    return ok({"changed": True, "now_ms": centre.clock.wall_ms()})
