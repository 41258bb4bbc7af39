"""The feeds: one long-poll over what a workstation may see, and the heads it witnessed (sync.md §3.4)."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from functools import partial
from typing import Annotated

import msgspec
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from district import reference
from district.api.answers import Answer, body_of, centre_of, device_of, in_turn, ok, refuse_if_taken_out
from district.api.contract import Call, Calls
from district.backed_up import backed_up
from district.breaches import hear
from district.centre import Centre
from district.devices import Device
from district.feeds import Compacted, items_after
from district.judge import REFERENCE_SCOPE
from district.store import Connection, wall_steps
from district.store.devices import chain_at, keep_checkpoint
from district.store.feeds import come_undelivered
from district.store.personal import awaited_from
from district.store.reader import Reader
from models.wall_step import MOST_AT_ONCE, WallStep
from models.wire import FeedItem, PullReply, PullRequest

router = APIRouter()
MAX_WAIT_SECONDS = 25
MAX_ITEMS = 1_000
MAX_AWAITED = 100
_LAST_PLACE = (1 << 53) - 1


Steps = Annotated[list[WallStep], msgspec.Meta(max_length=MOST_AT_ONCE)]


class CheckpointBody(msgspec.Struct, frozen=True):
    """The feed heads a workstation holds, as {scope: [sseq, chain]}; steps of its wall clock that it has not told yet, as
    [when, by how much] (ms)."""

    epoch: int
    heads: dict[str, tuple[int, str]]
    wall_steps: Steps = []


class CheckpointReply(msgspec.Struct, frozen=True):
    """Whether the centre's own feeds say the same; the scopes where they do not. The steps are kept. Where the order ends; up to where
    it stands in verified copies, and up to where these hold every file that had come (sync-R7; 0: there is none)."""

    agrees: bool
    differ: list[str]
    now_ms: int
    steps_kept: bool = True
    gseq: int = 0
    backup_gseq: int = 0
    files_gseq: int = 0


_log = logging.getLogger("district")

CALLS: Calls = {
    ("post", "/v1/pull"): Call(PullReply, PullRequest, by="device", errors=(403, 409, 410)),
    ("post", "/v1/checkpoint"): Call(CheckpointReply, CheckpointBody, by="device", errors=(403, 409)),
}


class _Page(msgspec.Struct):
    items: dict[str, list[FeedItem]]
    more: bool
    undelivered_up_to: int
    reference: str
    awaited: list[str]


@router.post("/v1/pull")
async def pull(request: Request) -> Response:
    """The unit's feed after a place, and the reference feed if asked; waits for something new when there is nothing.
    What lies up to that place has come to the unit, and counts as delivered now (R43): an answer may be lost on its way."""
    device = await device_of(request)
    wanted = await body_of(request, PullRequest)
    centre = centre_of(request)
    if wanted.epoch != centre.epoch:
        raise Answer(409, "epoch")
    if any(scope not in (device.unit, REFERENCE_SCOPE) for scope in wanted.cursors):
        raise Answer(403, "not_your_scope")
    if not all(0 <= sseq <= _LAST_PLACE for sseq in wanted.cursors.values()):
        raise Answer(400, "malformed", "cursors")
    if wanted.up_ms is not None and not 0 <= wanted.up_ms <= _LAST_PLACE:
        raise Answer(400, "malformed", "up_ms")
    awake_at = None if wanted.up_ms is None else max(0, centre.clock.wall_ms() - wanted.up_ms)
    bell = centre.bell((device.unit, REFERENCE_SCOPE))
    try:
        page = await run_sync(_look, centre, device, wanted)
        if page.undelivered_up_to:
            await in_turn(request, partial(_deliver, centre, device, page.undelivered_up_to, awake_at))
            page = await run_sync(_look, centre, device, wanted)
        if device.unit not in page.items:
            # What has not come to it yet it cannot have acted on, and may move its clocks.
            hear(centre, device, wanted.held)
        seconds = min(wanted.wait_seconds, MAX_WAIT_SECONDS)
        if not page.items and page.reference == wanted.reference_version and seconds > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(bell.wait(), seconds)
            page = await run_sync(_look, centre, device, wanted, True)
    finally:
        centre.take_down(bell, (device.unit, REFERENCE_SCOPE))
    now = centre.clock.wall_ms()
    return ok(PullReply(centre.epoch, dict(wanted.cursors), page.items, now, page.more, page.reference, page.awaited))


def _deliver(centre: Centre, device: Device, up_to_gseq: int, awake_at: int | None) -> int:
    with centre.in_order() as journal:
        if isinstance(journal.source, Reader) and journal.source.is_revoked(device.id):
            raise Answer(403, "device_revoked")
        return journal.deliver(device.unit, up_to_gseq, awake_at)


def _look(centre: Centre, device: Device, wanted: PullRequest, has_waited: bool = False) -> _Page:
    limit = max(1, min(wanted.limit, MAX_ITEMS))
    found: dict[str, list[FeedItem]] = {}
    more = False
    with centre.reading() as connection:
        if has_waited:
            refuse_if_taken_out(connection, device)
        for scope, sseq in {device.unit: 0, **wanted.cursors}.items():
            items, rest = _items(connection, scope, sseq, limit)
            if items:
                found[scope] = items
            more = more or rest
        up_to = 0 if has_waited else come_undelivered(connection, device.unit, wanted.cursors.get(device.unit, 0))
        awaited = awaited_from(connection, device.unit, MAX_AWAITED)
        return _Page(found, more, up_to, reference.name_in_force(connection), awaited)


def _items(connection: Connection, scope: str, sseq: int, limit: int) -> tuple[list[FeedItem], bool]:
    try:
        return items_after(connection, scope, sseq, limit)
    except Compacted as error:
        raise Answer(410, "compacted") from error


@router.post("/v1/checkpoint")
async def checkpoint(request: Request) -> Response:
    """A workstation reports where its feeds end: the centre compares and keeps it, a witness against a rewritten past."""
    device = await device_of(request)
    body = await body_of(request, CheckpointBody)
    centre = centre_of(request)
    if body.epoch != centre.epoch:
        raise Answer(409, "epoch")
    if any(scope not in (device.unit, REFERENCE_SCOPE) for scope in body.heads):
        raise Answer(403, "not_your_scope")
    if not all(0 <= sseq <= _LAST_PLACE for sseq, _ in body.heads.values()):
        raise Answer(400, "malformed", "heads")

    def write() -> CheckpointReply:
        now = centre.clock.wall_ms()
        differ = []
        with centre.writing() as connection:
            wall_steps.keep(connection, device.id, body.wall_steps, now)
            for scope, (sseq, chain) in sorted(body.heads.items()):
                agrees = chain_at(connection, scope, sseq) == chain
                keep_checkpoint(connection, device.id, scope, sseq, chain[:64], agrees, now)
                if not agrees:
                    differ.append(scope)
            (gseq, _chain), copies = Reader(connection).log_head(), backed_up(connection)
        now = centre.clock.wall_ms()
        return CheckpointReply(not differ, differ, now, True, gseq, copies.gseq, copies.files_gseq)

    told = await in_turn(request, write)
    if told.differ:
        _log.warning("workstation %s holds another past of %s", device.id, ", ".join(told.differ))
    return ok(told)
