"""What a district operator looks after: acts the centre keeps undecided (sync.md §3.3 deferred, D12)."""

from __future__ import annotations

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from district.api.answers import centre_of, ok, operator_of
from district.api.contract import Call, Calls
from district.deferred import waiting
from models.undecided_acts import DeferredActs

router = APIRouter()


CALLS: Calls = {("get", "/v1/deferred"): Call(DeferredActs, by="session", errors=(403,))}


@router.get("/v1/deferred")
async def deferred(request: Request) -> Response:
    """Acts still undecided, for a district operator."""
    await operator_of(request)
    centre = centre_of(request)

    def read() -> DeferredActs:
        with centre.reading() as connection:
            return waiting(connection, centre.clock.wall_ms())

    return ok(await run_sync(read))
