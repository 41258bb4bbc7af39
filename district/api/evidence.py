"""The evidence file of a case (R78): for whoever is signed in where the case is seen; that it was given out is recorded."""

from __future__ import annotations

import re

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from district import evidence
from district.api.answers import Answer, asked, centre_of, device_of, in_turn, lanes_of, person_of, refuse_if_taken_out
from district.api.contract import CASE, ZIP, Call, Calls
from district.store.documents import scope_has_case

router = APIRouter()
_PLACE = re.compile(r"[0-9]{1,15}")

CALLS: Calls = {
    ("get", "/v1/evidence/{case}"): Call(
        None,
        by="session",
        query={"seen": "a place of the district's order, from a receipt: its head is to be in the file"},
        errors=(400, 404),
        answer_media=ZIP,
    ),
}


@router.get("/v1/evidence/{case}")
async def evidence_of(request: Request, case: str) -> Response:
    """Everything that proves what happened in a case, in one signed file."""
    device = await device_of(request)
    person = await person_of(request, device)
    seen = asked(request, "seen", "0")
    if not _PLACE.fullmatch(seen):
        raise Answer(400, "malformed", "seen")
    centre = centre_of(request)
    may = CASE.fullmatch(case) is not None and centre.rules.actor(person, device.unit) is not None
    wanted = evidence.Asked(case, person, device.unit, device.id, int(seen))
    now = centre.clock.wall_ms()

    def make() -> evidence.Made | None:
        with centre.reading() as connection:
            refuse_if_taken_out(connection, device)
            if not scope_has_case(connection, device.unit, case):
                return None
            return evidence.make(connection, centre.keys.signing, centre.rules, centre.blobs, wanted, now)

    # One at a time: the whole file, with its photographs, lies in memory while it is made.
    made = await run_sync(make, limiter=lanes_of(request).proving) if may else None
    if made is None:
        raise Answer(404, "no_such_case")

    def write() -> None:
        with centre.writing() as connection:
            evidence.record(connection, wanted, made, now)

    await in_turn(request, write)
    return Response(made.raw, media_type=ZIP)
