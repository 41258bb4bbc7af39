"""After a restore: workstations tell what their acts had come to, and operators see how far it is (docs/decisions/0010)."""

from __future__ import annotations

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from district.api.answers import Answer, Done, body_of, centre_of, device_of, in_turn, ok, operator_of
from district.api.contract import Call, Calls
from district.centre import Centre
from district.recovered import recovered
from district.recovery import end_now
from district.store.lost import note
from models.case import Verdict
from models.policy import Stage
from models.recovery import DECIDED, EndBody, LostBody, Recovered, Was, WasClock

router = APIRouter()
MOST_AT_ONCE = 500
_LONGEST_ID = 64
_MOST_CLOCKS = 32
_VERDICTS = {"", *(verdict.value for verdict in Verdict)}
_STAGES = {stage.value for stage in Stage}
LOST, RECOVERY = "/v1/lost", "/v1/recovery"

CALLS: Calls = {
    ("post", LOST): Call(Done, LostBody, by="device"),
    ("get", RECOVERY): Call(Recovered, by="session", errors=(403,)),
    ("post", RECOVERY): Call(Recovered, EndBody, by="session", errors=(403,)),
}


@router.post(LOST)
async def tell(request: Request) -> Response:
    """Note what acts had come to that this workstation will hand in again: they are decided in that order. Of a revoked one
    nothing is noted; it is answered all the same, or it would stop here and hand in nothing of what it has."""
    device = await device_of(request, or_revoked=True)
    body = await body_of(request, LostBody)
    if len(body.lost) > MOST_AT_ONCE:
        raise Answer(413, "too_many")
    if not all(_is_plausible(was) for was in body.lost):
        raise Answer(400, "malformed", "lost")
    centre = centre_of(request)

    def keep() -> Done:
        if device.is_revoked:
            return Done(centre.clock.wall_ms())
        with centre.writing() as connection:
            note(connection, device.id, body.lost, centre.clock.wall_ms())
        return Done(centre.clock.wall_ms())

    return ok(await in_turn(request, keep))


def _is_plausible(was: Was) -> bool:
    named = 0 < len(was.cmd_id) <= _LONGEST_ID and len(was.code) <= _LONGEST_ID
    counted = len(was.clocks) <= _MOST_CLOCKS and all(_is_clock(*named) for named in was.clocks.items())
    return named and counted and was.outcome in DECIDED and 0 < was.epoch < 1 << 31 and 0 < was.gseq < 1 << 62


def _is_clock(name: str, told: WasClock) -> bool:
    return 0 < len(name) <= 2 * _LONGEST_ID and told.verdict in _VERDICTS and told.stage in _STAGES


@router.get(RECOVERY)
async def listed(request: Request) -> Response:
    """Who is missing, how many acts wait, and what came to something else than before."""
    await operator_of(request)
    return ok(await run_sync(_told, centre_of(request)))


@router.post(RECOVERY)
async def ended(request: Request) -> Response:
    """Wait for nobody any more: what is here is decided now, in the old order."""
    person = await operator_of(request)
    reason = (await body_of(request, EndBody)).reason.strip()
    centre = centre_of(request)
    if not reason:
        raise Answer(400, "reason_missing")

    def end() -> Recovered:
        end_now(centre, person, reason)
        return _told(centre)

    return ok(await in_turn(request, end))


def _told(centre: Centre) -> Recovered:
    with centre.reading() as connection:
        return recovered(connection, centre.clock.wall_ms())
