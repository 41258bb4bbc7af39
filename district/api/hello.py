"""Who is there, what time it is: asked before anything is trusted."""

from __future__ import annotations

import msgspec
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from district.api.answers import asked, centre_of, ok
from district.api.contract import Call, Calls
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
    """The centre's clock (ms UTC), with the nonce repeated."""

    nonce: str
    now_ms: int


CALLS: Calls = {
    ("get", "/v1/hello"): Call(Hello),
    ("get", "/v1/time"): Call(Time, query={"nonce": "repeated in the answer"}, errors=(400,)),
}


@router.get("/v1/hello")
async def hello(request: Request) -> Response:
    """Who we are; asked before anything is trusted."""
    centre = centre_of(request)
    await run_sync(centre.look_for_news)
    units = [(o.code, o.name) for o in centre.rules.reference.organisations]
    name = centre.rules.reference.district_name
    return ok(Hello(SERVICE, PROTOCOL, PROTOCOL, name, centre.epoch, centre.clock.wall_ms(), units))


@router.get("/v1/time")
async def time(request: Request) -> Response:
    """The centre's clock."""
    return ok(Time(asked(request, "nonce"), centre_of(request).clock.wall_ms()))
