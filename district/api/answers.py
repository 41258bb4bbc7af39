"""Requests and answers: who is asking, what the body says, and one shape of error for everything."""

from __future__ import annotations

from typing import TypeVar

import msgspec
from fastapi import Request, Response

from district.accounts import session_person
from district.centre import Centre
from district.devices import Device, authenticate
from models.wire import Malformed, decode, encode

MAX_BODY = 256 * 1024
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
    """What every error answer carries."""

    error: str
    detail: str
    now_ms: int


def ok(value: object, status: int = 200) -> Response:
    """A JSON answer."""
    return Response(encode(value), status_code=status, media_type="application/json")


async def body_of(request: Request, kind: type[Value], limit: int = MAX_BODY) -> Value:
    """The request's body as a value; 413 when too large, 400 when it is not what it should be."""
    raw = await raw_body(request, limit)
    try:
        return decode(raw, kind)
    except Malformed as error:
        raise Answer(400, "malformed", error.where) from error


async def raw_body(request: Request, limit: int = MAX_BODY) -> bytes:
    """The request's bytes, never more than `limit`."""
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > limit:
            raise Answer(413, "too_large")
    return bytes(received)


def centre_of(request: Request) -> Centre:
    """The centre this application serves."""
    found = request.app.state.centre
    assert isinstance(found, Centre)
    return found


def device_of(request: Request) -> Device:
    """The workstation that asks, by its token; 401 otherwise."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    name = request.headers.get("x-device", "")
    if scheme.lower() != "bearer" or not token or not name:
        raise Answer(401, "unknown_device")
    with centre_of(request).reading() as connection:
        found = authenticate(connection, name, token)
    if found is None:
        raise Answer(401, "unknown_device")
    return found


def person_of(request: Request, device: Device) -> str:
    """Who is signed in at this workstation; 401 otherwise."""
    centre = centre_of(request)
    with centre.reading() as connection:
        found = session_person(connection, request.headers.get("x-session", ""), device.id, centre.clock.wall_ms())
    if found is None:
        raise Answer(401, "session_expired")
    return found
