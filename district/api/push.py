"""Handing acts in, and asking what became of them (sync.md §3.3–3.5)."""

from __future__ import annotations

import asyncio

import msgspec
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response
from msgspec.structs import replace

from district import devices
from district.api.answers import Answer, body_of, centre_of, device_of, in_turn, is_loopback, ok, raw_body
from district.api.contract import MAX_LINES, NDJSON, Call, Calls
from district.centre import Centre
from district.devices import Device
from district.parsing import Parsed, parse
from district.past import FIRST_EPOCH
from district.receipts import receipt
from district.receipts_shown import came_before
from district.recovery import advance
from district.store import Connection
from district.store.devices import find_device
from district.store.reader import Reader, said_of, seen_of_unit
from models.errors import Refused
from models.evidence import NO_END_MS, Anchor, with_later
from models.signing import is_signed
from models.wire import READINGS, Malformed, PushReply, Reason, Sealed, decode, split_lines

router = APIRouter()
MAX_IDS = 1_000
MAX_READINGS_LETTERS = 4_000
_FEW = 10
"""So many acts are read and verified by the worker that judges them, just before it takes the lock: to hand them from one to
another takes longer than the work. More are verified beside each other, while the writer serves somebody else."""


class StatusBody(msgspec.Struct, frozen=True):
    """Ids the console is in doubt about."""

    ids: list[str]


class StatusReply(msgspec.Struct, frozen=True):
    """What the centre knows of them as [id, outcome, reason, gseq] (an id that is not listed is unknown), and the head of
    this device's chain; `said`: what the unit said of those that came to nothing, in the order (models/tray_acts.py)."""

    known: list[tuple[str, str, Reason | None, int]]
    head_dseq: int
    head_hash: str
    epoch: int
    now_ms: int
    said: list[str] = []


CALLS: Calls = {
    ("post", "/v1/push"): Call(PushReply, Sealed, by="device", errors=(403,), media=NDJSON),
    ("post", "/v1/status"): Call(StatusReply, StatusBody, by="device"),
}


Readings = dict[str, Anchor]
"""By boot."""


def _readings(request: Request) -> Readings:
    """What the workstation has learnt of the time since it acted."""
    told = request.headers.get(READINGS, "")
    if len(told) > MAX_READINGS_LETTERS:
        raise Answer(400, "malformed", READINGS)
    try:
        found = decode(told.encode(), list[Anchor]) if told else []
    except Malformed as error:
        raise Answer(400, "malformed", READINGS) from error
    if any(not 0 <= n < NO_END_MS for a in found for n in (a.server_ms, a.sent_mono_ms, a.round_trip_ms)):
        raise Answer(400, "malformed", READINGS)
    return {anchor.boot: anchor for anchor in found}


def _read(raw: bytes, device: Device, readings: Readings) -> list[Parsed]:
    """The batch, each act said to come from this device."""
    batch = read_batch(raw)
    if any(parsed.device != device.id for parsed in batch):
        raise Answer(403, "not_your_device")
    return [replace(p, time=with_later(p.time, readings)) for p in batch] if readings else batch


async def _verified(raw: bytes, device: Device, readings: Readings) -> list[Parsed]:
    """The batch, each act known to come from this device: its signatures checked on two workers at once."""
    batch = await run_sync(_read, raw, device, readings)
    half = len(batch) // 2
    parts = (batch[:half], batch[half:])
    await asyncio.gather(*(run_sync(verify, part, device.public_key) for part in parts))
    return batch


def _parsed(raw: bytes, device: Device, readings: Readings | None = None) -> list[Parsed]:
    """The same on the worker that calls."""
    batch = _read(raw, device, readings or {})
    verify(batch, device.public_key)
    return batch


def read_batch(raw: bytes) -> list[Parsed]:
    """The acts of a body of lines, whoever made them."""
    if raw.count(b"\n") > MAX_LINES + 1:
        raise Answer(413, "too_many")
    try:
        batch = [parse(sealed) for sealed in split_lines(raw)]
    except Malformed as error:
        raise Answer(400, "malformed", error.where) from error
    if len(batch) > MAX_LINES:
        raise Answer(413, "too_many")
    return batch


def verify(batch: list[Parsed], public_key: str) -> None:
    """Every act is signed with that key."""
    for parsed in batch:
        if not is_signed(parsed.sealed, public_key):
            raise Answer(403, "signature_wrong" if parsed.sealed.sig else "signature_required")


@router.post("/v1/push")
async def push(request: Request) -> Response:
    """Take up to 200 sealed commands of this device, in their order. Parsed and verified before the lock, judged under
    it; the receipt is signed after it. What a revoked device hands in is kept in quarantine."""
    device = await device_of(request, or_revoked=True)
    if not device.public_key and not is_loopback(request):
        # Registered before there were keys: its acts are proved by nothing but this machine's walls.
        raise Answer(403, "signature_required")
    raw, readings = await raw_body(request), _readings(request)
    centre = centre_of(request)
    if raw.count(b"\n") <= _FEW:
        return ok(await in_turn(request, lambda: take(centre, device, _parsed(raw, device, readings))))
    batch = await _verified(raw, device, readings)
    return ok(await in_turn(request, lambda: take(centre, device, batch)))


def take(centre: Centre, device: Device, batch: list[Parsed]) -> PushReply:
    """Give the acts of one device their places and verdicts, with a receipt; or keep them apart when it is revoked."""
    with centre.in_order() as journal:
        reader = journal.source
        assert isinstance(reader, Reader)
        if reader.is_revoked(device.id):
            return _set_apart(reader.connection, centre, device, batch)
        if centre.epoch > int(FIRST_EPOCH):  # never put back: nothing comes again
            journal.came_in.update(came_before(reader.connection, device.id, batch, journal.now_ms))
        reply = journal.push(device.id, batch)
    advance(centre)
    signed = receipt(centre.keys.signing, device.id, reply, journal.gseq, journal.chain)
    return msgspec.structs.replace(reply, receipt=signed)


def _set_apart(connection: Connection, centre: Centre, device: Device, batch: list[Parsed]) -> PushReply:
    now = centre.clock.wall_ms()
    try:
        want = devices.quarantine(connection, device.id, [parsed.sealed for parsed in batch], now)
    except Refused as error:
        raise Answer(403, error.code) from error
    head = find_device(connection, device.id)
    assert head is not None
    return PushReply(centre.epoch, int(head.head_dseq), str(head.head_hash), now, "revoked", want)


@router.post("/v1/status")
async def status(request: Request) -> Response:
    """What became of these ids, as far as workstations of this unit made them, and where this one's chain ends."""
    device = await device_of(request, or_revoked=True)
    body = await body_of(request, StatusBody)
    if len(body.ids) > MAX_IDS:
        raise Answer(413, "too_many")
    centre = centre_of(request)

    def read() -> StatusReply:
        with centre.reading() as connection:
            known = [(s.cmd_id, s.outcome, s.reason, s.gseq) for s in seen_of_unit(connection, body.ids, device.unit)]
            head = find_device(connection, device.id)
            assert head is not None
            now, said = centre.clock.wall_ms(), said_of(connection, [k[0] for k in known])
            return StatusReply(known, int(head.head_dseq), str(head.head_hash), centre.epoch, now, said)

    return ok(await run_sync(read))
