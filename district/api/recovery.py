"""After a restore: workstations tell what their acts had come to, and operators see how far it is (docs/decisions/0010)."""

from __future__ import annotations

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from district.api.answers import Answer, body_of, centre_of, device_of, in_turn, ok, operator_of
from district.api.contract import Call, Calls
from district.recovered import recovered
from district.recovery import end_now
from district.store.lost import note
from models.recovery import EndBody, LostBody, LostReply, Recovered

router = APIRouter()
MOST_AT_ONCE = 500
_LONGEST_ID = 64
LOST, RECOVERY = "/v1/lost", "/v1/recovery"

CALLS: Calls = {
    ("post", LOST): Call(LostReply, LostBody, by="device"),
    ("get", RECOVERY): Call(Recovered, by="session", errors=(403,)),
    ("post", RECOVERY): Call(Recovered, EndBody, by="session", errors=(403,)),
}


@router.post(LOST)
async def tell(request: Request) -> Response:
    """Note what acts had come to that this workstation will hand in again: they are decided in that order."""
    device = await device_of(request)
    body = await body_of(request, LostBody)
    if len(body.lost) > MOST_AT_ONCE:
        raise Answer(413, "too_many")
    if any(not _is_plausible(was.cmd_id, was.outcome, was.code, was.epoch, was.gseq) for was in body.lost):
        raise Answer(400, "malformed", "lost")
    centre = centre_of(request)

    def keep() -> LostReply:
        with centre.writing() as connection:
            note(connection, device.id, body.lost, centre.clock.wall_ms())
        return LostReply(centre.epoch, centre.clock.wall_ms())

    return ok(await in_turn(request, keep))


def _is_plausible(cmd_id: str, outcome: str, code: str, epoch: int, gseq: int) -> bool:
    named = 0 < len(cmd_id) <= _LONGEST_ID and len(code) <= _LONGEST_ID
    return named and outcome in ("accepted", "merged", "rejected") and 0 < epoch < 1 << 31 and 0 < gseq < 1 << 62


@router.get(RECOVERY)
async def listed(request: Request) -> Response:
    """Who is missing, how many acts wait, and what came to something else than before."""
    await operator_of(request)
    centre = centre_of(request)

    def read() -> Recovered:
        with centre.reading() as connection:
            return recovered(connection, centre.clock.wall_ms())

    return ok(await run_sync(read))


@router.post(RECOVERY)
async def ended(request: Request) -> Response:
    """Wait for nobody any more: what is here is decided now, in the old order."""
    person = await operator_of(request)
    body = await body_of(request, EndBody)
    centre = centre_of(request)
    if not body.reason.strip():
        raise Answer(400, "reason_missing")

    def end() -> Recovered:
        end_now(centre, person, body.reason.strip())
        with centre.reading() as connection:
            return recovered(connection, centre.clock.wall_ms())

    return ok(await in_turn(request, end))
