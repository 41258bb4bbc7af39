"""A scope's state at one place of its feed, in parts that can be fetched again and in ranges (sync.md §3.4)."""

from __future__ import annotations

import re

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from district import snapshots
from district.api.answers import Answer, asked, centre_of, device_of, lanes_of, ok
from district.api.contract import NDJSON, Call, Calls
from district.api.ranges import span_asked
from models.case import Case
from models.wire import SnapshotManifest

router = APIRouter()
MAX_WAITING = 4
"""So many workstations may wait for a snapshot being made; the others come again (sync.md §3.9)."""

_NAME = re.compile(r"[0-9a-f]{64}")

CALLS: Calls = {
    ("get", "/v1/snapshot"): Call(
        SnapshotManifest, by="device", query={"scope": "the workstation's own unit"}, errors=(400, 403)
    ),
    ("get", "/v1/snapshot/{sha256}"): Call(
        Case,
        by="device",
        errors=(404, 416),
        answer_media=NDJSON,
        answer_headers={"Accept-Ranges": "bytes", "ETag": "the hash"},
        in_ranges=True,
    ),
}


@router.get("/v1/snapshot")
async def snapshot(request: Request) -> Response:
    """The unit's state at one place of its feed. It counts as delivered when a pull goes on from there: then it has come, and
    the workstation says since when it runs (D6)."""
    device = await device_of(request)
    if asked(request, "scope", device.unit) != device.unit:
        raise Answer(403, "not_your_scope")
    centre = centre_of(request)
    lanes = lanes_of(request)
    if lanes.snapshots_waiting >= MAX_WAITING:
        raise Answer(503, "busy", retry_after_seconds=3)
    lanes.snapshots_waiting += 1
    try:
        manifest = await run_sync(snapshots.take, centre, device.unit, centre.clock.wall_ms(), limiter=lanes.snapshots)
    finally:
        lanes.snapshots_waiting -= 1
    return ok(manifest)


@router.get("/v1/snapshot/{sha256}")
async def snapshot_part(request: Request, sha256: str) -> Response:
    """One part, by its hash, of this unit's kept snapshots; a byte range of it if asked."""
    device = await device_of(request)

    def read() -> bytes | None:
        with centre_of(request).reading() as connection:
            return snapshots.part(connection, device.unit, sha256)

    body = await run_sync(read) if _NAME.fullmatch(sha256) else None
    if body is None:
        raise Answer(404, "no_such_part")
    headers = {"accept-ranges": "bytes", "etag": f'"{sha256}"'}
    span = span_asked(request, len(body))
    if span is None:
        return Response(body, media_type=NDJSON, headers=headers)
    first, last = span
    headers["content-range"] = f"bytes {first}-{last}/{len(body)}"
    return Response(body[first : last + 1], status_code=206, media_type=NDJSON, headers=headers)
