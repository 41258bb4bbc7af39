"""Who is there, what time it is: asked before anything is trusted."""

from __future__ import annotations

import msgspec
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from district.api.answers import asked, centre_of, ok
from district.api.contract import Call, Calls
from models.compressed import ENCODING
from models.signed_time import SignedTime, signed_time
from models.wire import OLDEST_PROTOCOL, PROTOCOL

router = APIRouter()
SERVICE = "joint-response-district"


class Hello(msgspec.Struct, frozen=True):
    """Who is speaking: the marker of our protocol, its range, and the district's history number.

    `centre_key` is what receipts are signed with; `authority` the certificate (PEM) of the centre's own authority, "" when
    the line has no TLS; `encodings` what bodies may be sent in; `next_authority` the one that will take the place of `authority`;
    `time`: `now_ms`, signed with `centre_key` for the nonce it was asked with.
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
    time: SignedTime | None = None


CALLS: Calls = {
    ("get", "/v1/hello"): Call(Hello, query={"nonce": "signed in the answer's time"}, errors=(400,)),
    ("get", "/v1/time"): Call(SignedTime, query={"nonce": "repeated in the answer"}, errors=(400,)),
}


@router.get("/v1/hello")
async def hello(request: Request) -> Response:
    """Who we are; asked before anything is trusted."""
    centre = centre_of(request)
    await run_sync(centre.look_for_news)
    units = [(o.code, o.name) for o in centre.rules.reference.organisations]
    name = centre.rules.reference.district_name
    keys = centre.keys
    now, nonce = centre.clock.wall_ms(), asked(request, "nonce")
    told = signed_time(keys.signing, nonce, now) if nonce else None
    said = (name, centre.epoch, now, units, keys.signing.public, keys.authority)
    return ok(Hello(SERVICE, PROTOCOL, OLDEST_PROTOCOL, *said, [ENCODING], keys.next_authority, told))


@router.get("/v1/time")
async def time(request: Request) -> Response:
    """The centre's clock, signed."""
    centre = centre_of(request)
    return ok(signed_time(centre.keys.signing, asked(request, "nonce"), centre.clock.wall_ms()))
