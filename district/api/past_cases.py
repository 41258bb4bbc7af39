"""Cases whose end is long past: workstations do not hold them, and ask for those they want (sync.md §3.11)."""

from __future__ import annotations

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from district.api.answers import Answer, asked, centre_of, device_of, lanes_of, ok
from district.api.contract import Call, Calls
from district.store import past_cases as rows
from district.store.feeds import end_of
from models.retention import surely_held_since
from models.wire import PastCases, decode_case

router = APIRouter()
MOST_CASES = 50
MOST_WORDS = 8

CALLS: Calls = {
    ("get", "/v1/past-cases"): Call(
        PastCases,
        by="device",
        query={"words": "each occurs in the number, the matter or the place of the case"},
        errors=(400,),
    ),
}


@router.get("/v1/past-cases")
async def past_cases(request: Request) -> Response:
    """Such cases of the workstation's own unit, found by words. One such search at a time: it may read far back."""
    device = await device_of(request)
    words = asked(request, "words").split()
    if not 0 < len(words) <= MOST_WORDS:
        raise Answer(400, "malformed", "words")
    centre = centre_of(request)
    now = centre.clock.wall_ms()

    def read() -> PastCases:
        with centre.reading() as connection:
            sseq = (end_of(connection, device.unit) or (0, ""))[0]
            found = rows.found(connection, device.unit, words, surely_held_since(now), MOST_CASES + 1)
        cases = [decode_case(raw) for raw in found[:MOST_CASES]]
        return PastCases(centre.epoch, sseq, cases, len(found) > MOST_CASES, now)

    return ok(await run_sync(read, limiter=lanes_of(request).searching))
