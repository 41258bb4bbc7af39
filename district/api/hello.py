"""Who is there, what time it is: asked before anything is trusted."""

from __future__ import annotations

import msgspec
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from district.api.answers import asked, centre_of, ok
from district.api.contract import Call, Calls
from models.compressed import ENCODING
from models.wire import OLDEST_PROTOCOL, PROTOCOL

router = APIRouter()
SERVICE = "joint-response-district"


class Hello(msgspec.Struct, frozen=True):
    """Who is speaking: the marker of our protocol, its range, and the district's history number.

    `centre_key` is what receipts are signed with; `authority` the certificate (PEM) of the centre's own authority, "" when
    the line has no TLS; `encodings` what bodies may be sent in; `next_authority` the one that will take the place of `authority`.
    Nothing of this proves itself: a workstation checks the certificate against its one-time code.
    """

    service: str
    protocol: int
    oldest_protocol: int
    district: str
    epoch: int
    now_ms: int
    units: list[tuple[str, str]]
    centre_key: str
    authority: str
    encodings: list[str]
    next_authority: str = ""


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
    keys = centre.keys
    said = (name, centre.epoch, centre.clock.wall_ms(), units, keys.signing.public, keys.authority)
    return ok(Hello(SERVICE, PROTOCOL, OLDEST_PROTOCOL, *said, [ENCODING], keys.next_authority))


@router.get("/v1/time")
async def time(request: Request) -> Response:
    """The centre's clock."""
    return ok(Time(asked(request, "nonce"), centre_of(request).clock.wall_ms()))
