"""What a district operator looks after: acts the centre keeps undecided (sync.md §3.3 deferred, D12)."""

from __future__ import annotations

import msgspec
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from district.api.answers import centre_of, ok, operator_of
from district.api.contract import Call, Calls
from district.store.feeds import open_deferrals

router = APIRouter()


class Deferred(msgspec.Struct, frozen=True):
    """An act that waits: for a newer centre, or for another act on its case. `since` in ms UTC."""

    cmd_id: str
    kind: str
    case: str
    unit: str
    device: str
    since: int


class DeferredReply(msgspec.Struct, frozen=True):
    """All of them, oldest first."""

    deferred: list[Deferred]
    now_ms: int


CALLS: Calls = {("get", "/v1/deferred"): Call(DeferredReply, by="session", errors=(403,))}


@router.get("/v1/deferred")
async def deferred(request: Request) -> Response:
    """Acts still undecided, for a district operator."""
    await operator_of(request)
    centre = centre_of(request)

    def read() -> list[Deferred]:
        with centre.reading() as connection:
            rows = open_deferrals(connection)
        return [Deferred(r.cmd_id, r.kind, r.case_id, r.unit, r.device, int(r.received_at)) for r in rows]

    return ok(DeferredReply(await run_sync(read), centre.clock.wall_ms()))
