"""Requesters' records, beside the log (D2): handed in by their hash, read by few, every reading recorded."""

from __future__ import annotations

import re

import msgspec
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from district import personal_records
from district.api.answers import (
    Answer,
    Done,
    asked,
    centre_of,
    device_of,
    in_turn,
    ok,
    operator_of,
    person_of,
    raw_body,
)
from district.api.contract import Call, Calls
from models.limits import RECORD_BYTES
from models.record_reads import RecordReads
from models.wire import Malformed, decode

router = APIRouter()
_NO_END_MS = (1 << 53) - 1
_INSTANT = re.compile("[0-9]{1,16}")


class PersonalRecord(msgspec.Struct, frozen=True):
    """A record: its salt, and whatever the clerk was told beside it."""

    salt: str
    name: str = ""
    phone: str = ""
    note: str = ""


CALLS: Calls = {
    ("put", "/v1/personal/{digest}"): Call(Done, PersonalRecord, by="device", errors=(400,)),
    ("get", "/v1/personal/{digest}"): Call(
        PersonalRecord, by="session", query={"case": "the case that names the record"}, errors=(400, 404)
    ),
    ("get", "/v1/record-reads"): Call(
        RecordReads, by="session", query={"before": "only what was read before, ms UTC"}, errors=(400, 403)
    ),
}


@router.put("/v1/personal/{digest}")
async def put_personal(request: Request, digest: str) -> Response:
    """Keep a requester's record under its hash; before or after the command that names it."""
    device = await device_of(request)
    record = await raw_body(request, RECORD_BYTES)
    centre = centre_of(request)

    def write() -> bool:
        with centre.writing() as connection:
            now_ms, kept_days = centre.clock.wall_ms(), centre.rules.policy.personal_kept_days
            return personal_records.store(connection, digest, record, device.unit, now_ms, kept_days)

    try:
        decode(record, PersonalRecord)
        stored = await in_turn(request, write)
    except Malformed as error:
        raise Answer(400, "malformed", error.where) from error
    if not stored:
        raise Answer(400, "wrong_hash")
    return ok(Done(centre.clock.wall_ms()))


@router.get("/v1/personal/{digest}")
async def get_personal(request: Request, digest: str) -> Response:
    """A requester's record, for a signed-in person who may read it at this desk; the reading is recorded."""
    device = await device_of(request)
    person = await person_of(request, device)
    case_id = asked(request, "case")
    centre = centre_of(request)

    actor = centre.rules.actor(person, device.unit)

    def write() -> bytes | None:
        if actor is None:
            return None
        with centre.writing() as connection:
            now_ms, kept_days = centre.clock.wall_ms(), centre.rules.policy.personal_kept_days
            return personal_records.read(connection, digest, case_id, actor, device, now_ms, kept_days)

    record = await in_turn(request, write) if "\x00" not in digest else None
    if record is None:
        raise Answer(404, "no_such_record")
    return Response(record, media_type="application/json")


@router.get("/v1/record-reads")
async def record_reads(request: Request) -> Response:
    """Who read requesters' records, newest first, for a district operator; nothing of any record."""
    await operator_of(request)
    before, centre = asked(request, "before", str(_NO_END_MS)), centre_of(request)
    if not _INSTANT.fullmatch(before):
        raise Answer(400, "malformed", "before")

    def read() -> RecordReads:
        with centre.reading() as connection:
            return personal_records.who_read(connection, int(before), centre.clock.wall_ms())

    return ok(await run_sync(read))
