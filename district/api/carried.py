"""Acts of one workstation that another one of the same unit hands in for it (交接包, sync.md §3.10; docs/decisions/0016)."""

from __future__ import annotations

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from district.api.answers import Answer, centre_of, device_of, in_turn, ok, raw_body
from district.api.contract import NDJSON, Call, Calls
from district.api.push import read_batch, take, verify
from district.centre import Centre
from district.devices import Device, known_device
from district.parsing import Parsed
from models.people import CENTRE_DEVICE
from models.wire import PushReply, Sealed

router = APIRouter()

CALLS: Calls = {("post", "/v1/carried"): Call(PushReply, Sealed, by="device", errors=(403,), media=NDJSON)}


@router.post("/v1/carried")
async def carried(request: Request) -> Response:
    """Take up to 200 acts of one other workstation of the sender's unit, signed with its key, in their order: as if it had
    pushed them itself. Of a revoked one they are kept apart."""
    sender = await device_of(request)
    raw = await raw_body(request)
    centre = centre_of(request)
    maker, batch = await run_sync(_read, centre, sender, raw)
    return ok(await in_turn(request, lambda: take(centre, maker, batch)))


def _read(centre: Centre, sender: Device, raw: bytes) -> tuple[Device, list[Parsed]]:
    batch = read_batch(raw)
    if len({parsed.device for parsed in batch}) != 1:
        raise Answer(400, "malformed", "one workstation at a time")
    name = batch[0].device
    with centre.reading() as connection:
        maker = known_device(connection, name)
    if maker is None or maker.unit != sender.unit or name == CENTRE_DEVICE:
        raise Answer(403, "not_your_device")
    if not maker.public_key:
        raise Answer(403, "signature_required")
    verify(batch, maker.public_key)
    return maker, batch
