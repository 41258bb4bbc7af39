"""Push, pull, status, snapshot, reference, personal records (sync.md §3.4)."""

from __future__ import annotations

import asyncio
import contextlib

import msgspec
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response
from sqlalchemy import select

from district import personal_records, snapshots
from district.api.answers import Answer, body_of, centre_of, device_of, ok, person_of, raw_body
from district.centre import Centre
from district.devices import Device
from district.feeds import Compacted, items_after
from district.journal import parse
from district.store.tables import device as device_table
from district.store.tables import log
from models.wire import FeedItem, Malformed, PullReply, PullRequest, split_lines

router = APIRouter()
MAX_COMMANDS = 200
MAX_WAIT_SECONDS = 25
MAX_ITEMS = 1_000


class StatusBody(msgspec.Struct, frozen=True):
    """Ids the console is in doubt about."""

    ids: list[str]


class StatusReply(msgspec.Struct, frozen=True):
    """What the centre knows of them, and the head of this device's chain."""

    known: list[tuple[str, str, int]]
    head_dseq: int
    head_hash: str
    epoch: int
    now_ms: int


@router.post("/v1/push")
async def push(request: Request) -> Response:
    """Take up to 200 sealed commands of this device, in their order. Parsed before the lock, judged under it."""
    device = await run_sync(device_of, request)
    raw = await raw_body(request)
    try:
        batch = [parse(sealed) for sealed in split_lines(raw)]
    except Malformed as error:
        raise Answer(400, "malformed", error.where) from error
    if len(batch) > MAX_COMMANDS:
        raise Answer(413, "too_many")
    centre = centre_of(request)

    def write() -> object:
        with centre.journal() as journal:
            return journal.push(device.id, batch)

    return ok(await run_sync(write))


@router.post("/v1/pull")
async def pull(request: Request) -> Response:
    """The unit's feed after a place; waits for something new when there is nothing. Delivers what it hands out."""
    device = await run_sync(device_of, request)
    asked = await body_of(request, PullRequest)
    centre = centre_of(request)
    if asked.epoch != centre.epoch:
        raise Answer(409, "epoch")
    if any(scope != device.unit for scope in asked.cursors):
        raise Answer(403, "not_your_scope")
    limit = max(1, min(asked.limit, MAX_ITEMS))
    sseq = asked.cursors.get(device.unit, 0)
    bell = asyncio.Event()
    centre.waiting.setdefault(device.unit, set()).add(bell)
    try:
        reply = await run_sync(_pulled, centre, device, asked, sseq, limit)
        stale = asked.reference_version != centre.reference_name
        if not reply.items and not stale and asked.wait_seconds > 0:
            seconds = min(asked.wait_seconds, MAX_WAIT_SECONDS)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(bell.wait(), seconds)
            reply = await run_sync(_pulled, centre, device, asked, sseq, limit)
    finally:
        centre.waiting[device.unit].discard(bell)
    return ok(reply)


def _pulled(centre: Centre, device: Device, asked: PullRequest, sseq: int, limit: int) -> PullReply:
    items, more = _items(centre, device, sseq, limit)
    if items:
        with centre.journal() as journal:
            delivered = journal.deliver(device.unit, items[-1].entry.gseq, centre.new_id)
        if delivered and not more:
            items, more = _items(centre, device, sseq, limit)
    found = {device.unit: items} if items else {}
    now = centre.clock.wall_ms()
    return PullReply(centre.epoch, dict(asked.cursors), found, now, more, centre.reference_name)


def _items(centre: Centre, device: Device, sseq: int, limit: int) -> tuple[list[FeedItem], bool]:
    try:
        with centre.reading() as connection:
            return items_after(connection, device.unit, sseq, limit)
    except Compacted as error:
        raise Answer(410, "compacted") from error


@router.post("/v1/status")
async def status(request: Request) -> Response:
    """What became of these ids, as far as they are this device's own."""
    device = await run_sync(device_of, request)
    body = await body_of(request, StatusBody)
    if len(body.ids) > 1_000:
        raise Answer(413, "too_many")
    centre = centre_of(request)

    def read() -> StatusReply:
        with centre.reading() as connection:
            mine = select(log.c.cmd_id, log.c.outcome, log.c.gseq).where(log.c.device == device.id)
            known = connection.execute(mine.where(log.c.cmd_id.in_(body.ids))).all()
            head = connection.execute(select(device_table).where(device_table.c.id == device.id)).one()
        listed = [(str(r.cmd_id), str(r.outcome), int(r.gseq)) for r in known]
        return StatusReply(listed, int(head.head_dseq), str(head.head_hash), centre.epoch, centre.clock.wall_ms())

    return ok(await run_sync(read))


@router.get("/v1/snapshot")
async def snapshot(request: Request) -> Response:
    """The unit's state at one place of its feed. What it hands out counts as delivered."""
    device = await run_sync(device_of, request)
    if request.query_params.get("scope", device.unit) != device.unit:
        raise Answer(403, "not_your_scope")
    centre = centre_of(request)

    def write() -> object:
        with centre.journal() as journal:
            journal.deliver(device.unit, 1 << 60, centre.new_id)
        with centre.writing() as connection:
            return snapshots.take(connection, device.unit, centre.clock.wall_ms())

    return ok(await run_sync(write))


@router.get("/v1/snapshot/{sha256}")
async def snapshot_part(request: Request, sha256: str) -> Response:
    """One part, by its hash, of this unit's last snapshot."""
    device = await run_sync(device_of, request)

    def read() -> bytes | None:
        with centre_of(request).reading() as connection:
            return snapshots.part(connection, device.unit, sha256)

    body = await run_sync(read)
    if body is None:
        raise Answer(404, "no_such_part")
    return Response(body, media_type="application/x-ndjson")


@router.get("/v1/reference")
async def reference(request: Request) -> Response:
    """The reference data in force, whole; its hash stands in the header."""
    await run_sync(device_of, request)
    centre = centre_of(request)
    headers = {"x-reference": centre.reference_name}
    return Response(centre.reference_body, media_type="application/json", headers=headers)


@router.put("/v1/personal/{digest}")
async def put_personal(request: Request, digest: str) -> Response:
    """Keep a requester's record under its hash; before or after the command that names it."""
    device = await run_sync(device_of, request)
    record = await raw_body(request, 16 * 1024)
    centre = centre_of(request)

    def write() -> bool:
        with centre.writing() as connection:
            return personal_records.store(connection, digest, record, device.unit, centre.clock.wall_ms())

    try:
        stored = await run_sync(write)
    except Malformed as error:
        raise Answer(400, "malformed", error.where) from error
    if not stored:
        raise Answer(400, "wrong_hash")
    return ok({"stored": True, "now_ms": centre.clock.wall_ms()})


@router.get("/v1/personal/{digest}")
async def get_personal(request: Request, digest: str) -> Response:
    """A requester's record, for a signed-in person of a unit that may read it; the reading is recorded."""
    device = await run_sync(device_of, request)
    person = await run_sync(person_of, request, device)
    case_id = request.query_params.get("case", "")
    centre = centre_of(request)

    def write() -> bytes | None:
        with centre.writing() as connection:
            now = centre.clock.wall_ms()
            return personal_records.read(connection, digest, case_id, person, device.id, device.unit, now)

    record = await run_sync(write)
    if record is None:
        raise Answer(404, "no_such_record")
    return Response(record, media_type="application/json")
