"""Requests and answers: who is asking, what the body says, and one shape of error for everything."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import msgspec
from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import Request, Response

from district.accounts import session_person
from district.centre import Centre
from district.devices import Device, authenticate
from district.store import Connection
from district.store.devices import find_device
from models.compressed import ENCODING, plain
from models.errors import Refused
from models.organisation import DISTRICT_CODE
from models.people import Role
from models.wire import Malformed, decode, encode

MAX_BODY = 256 * 1024
MAX_QUERY = 200
LOOPBACK = ("127.0.0.1", "::1")
_HASHERS_AT_ONCE = 2
Value = TypeVar("Value")


class Answer(Exception):
    """An answer other than success: an HTTP status, a code for the console to word, and when to come again."""

    def __init__(self, status: int, code: str, detail: str = "", retry_after_seconds: int = 0) -> None:
        super().__init__(code)
        self.status = status
        self.code = code
        self.detail = detail
        self.retry_after_seconds = retry_after_seconds


class ErrorBody(msgspec.Struct, frozen=True):
    """What every error answer carries: a code to word, a detail for a developer, the centre's clock (ms UTC)."""

    error: str
    detail: str
    now_ms: int


class Done(msgspec.Struct, frozen=True):
    """It is done; the centre's clock (ms UTC)."""

    now_ms: int


class Lanes:
    """How many of each costly kind of work run at once. One writer: requests queue here, in their order, instead of
    fighting for the database's lock; files are received beside them."""

    def __init__(self) -> None:
        self.writing = CapacityLimiter(1)
        self.hashing = CapacityLimiter(_HASHERS_AT_ONCE)
        self.receiving = CapacityLimiter(1)
        self.snapshots = CapacityLimiter(1)
        self.searching = CapacityLimiter(1)
        self.proving = CapacityLimiter(1)
        self.snapshots_waiting = 0


def ok(value: object, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(encode(value), status_code=status, media_type="application/json")


# Bodies


async def body_of(request: Request, kind: type[Value], limit: int = MAX_BODY) -> Value:
    """The request's body as a value; 413 when too large, 400 when it is not what it should be."""
    raw = await raw_body(request, limit)
    if b"\\u0000" in raw:
        raise Answer(400, "malformed", "NUL character")
    try:
        return decode(raw, kind)
    except Malformed as error:
        raise Answer(400, "malformed", error.where) from error


async def raw_body(request: Request, limit: int = MAX_BODY) -> bytes:
    """The request's bytes, never more than `limit`; what came compressed is made plain (415 for another encoding)."""
    encoding = request.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", ENCODING):
        raise Answer(415, "encoding_unknown", encoding[:20])
    received = await _received(request, limit)
    if encoding == "identity":
        return received
    try:
        return plain(received, limit)
    except Malformed as error:
        raise Answer(400, "malformed", error.where) from error
    except Refused as error:
        raise Answer(413, error.code) from error


async def _received(request: Request, limit: int) -> bytes:
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit:
        raise Answer(413, "too_large")
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > limit:
            raise Answer(413, "too_large")
    return bytes(received)


def asked(request: Request, name: str, default: str = "") -> str:
    """A query parameter; 400 when it cannot be text of ours."""
    found = request.query_params.get(name, default)
    if "\x00" in found or len(found) > MAX_QUERY:
        raise Answer(400, "malformed", name)
    return found


# Who asks


def centre_of(request: Request) -> Centre:
    """The centre this application serves."""
    found = request.app.state.centre
    assert isinstance(found, Centre)
    return found


def lanes_of(request: Request) -> Lanes:
    """The lanes of this application."""
    found = request.app.state.lanes
    assert isinstance(found, Lanes)
    return found


def is_loopback(request: Request) -> bool:
    """True when the peer is this very machine."""
    return request.client is not None and request.client.host in LOOPBACK


async def device_of(request: Request, *, or_revoked: bool = False) -> Device:
    """The workstation that asks, by its token; 401 otherwise. A revoked one may only hand in what it still has: 403."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    name = request.headers.get("x-device", "")
    if scheme.lower() != "bearer" or not token or not name:
        raise Answer(401, "unknown_device")

    def look() -> Device | None:
        with centre_of(request).asking() as connection:
            return authenticate(connection, name, token)

    found = await run_sync(look)
    if found is None:
        raise Answer(401, "unknown_device")
    if found.is_revoked and not or_revoked:
        raise Answer(403, "device_revoked")
    return found


def refuse_if_taken_out(connection: Connection, device: Device) -> None:
    """It may have been revoked, or forgotten by a restore, while it waited."""
    found = find_device(connection, device.id)
    if found is None:
        raise Answer(401, "unknown_device")
    if found.revoked_at is not None:
        raise Answer(403, "device_revoked")


async def person_of(request: Request, device: Device) -> str:
    """Who is signed in at this workstation; 401 otherwise."""
    centre = centre_of(request)
    token = request.headers.get("x-session", "")

    def look() -> str | None:
        with centre.reading() as connection:
            return session_person(connection, token, device.id, centre.clock.wall_ms())

    found = await run_sync(look) if token else None
    if found is None:
        raise Answer(401, "session_expired")
    return found


async def operator_of(request: Request) -> str:
    """A district operator, signed in at a workstation of the district itself; 403 for anybody else."""
    device = await device_of(request)
    person = await person_of(request, device)
    rules = centre_of(request).rules
    actor = rules.actor(person, DISTRICT_CODE) if device.unit == DISTRICT_CODE else None
    if actor is None or not actor.has(Role.DISTRICT_OPERATOR):
        raise Answer(403, "district_operators_only")
    return person


# Work


async def in_turn(request: Request, job: Callable[[], Value]) -> Value:
    """Run a writing job on a worker, one at a time, in the order the requests came."""
    return await run_sync(job, limiter=lanes_of(request).writing)
