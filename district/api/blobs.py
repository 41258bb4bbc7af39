"""Photographs and files of a case, in the manner of tus 1.0: HEAD says how far an upload has come, PATCH goes on, GET gives
out in ranges (sync.md §3.4). Named by case and hash; the act that names the hash is what creates an upload."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response
from starlette.responses import StreamingResponse

from district import blobs
from district.api.answers import MAX_BODY, Answer, centre_of, device_of, in_turn, lanes_of, raw_body
from district.api.contract import CASE, OCTETS, PART, Call, Calls
from district.api.ranges import span_asked
from district.blobs import Upload
from district.centre import Centre
from district.devices import Device
from models.attachment import SHA256, Attachment, AttachmentArrived
from models.blob_folder import PIECE
from models.errors import Refused

router = APIRouter()
PATH = "/v1/cases/{case}/blobs/{sha256}"
_OFFSET = re.compile(r"\d{1,12}")
_STATUS = {"offset_differs": 409, "too_large": 413, "wrong_hash": 400}
_PROGRESS = {
    "Upload-Offset": "how many bytes are here",
    "Upload-Length": "of how many",
    "Upload-Complete": "?1 once the case has the file, else ?0",
}

CALLS: Calls = {
    ("head", PATH): Call(None, by="device", errors=(404,), answer_headers=_PROGRESS),
    ("patch", PATH): Call(
        None,
        by="device",
        raw=PART,
        headers={"Upload-Offset": "where these bytes begin: as many as are here"},
        errors=(400, 404, 409, 413, 415),
        status=204,
        answer_headers=_PROGRESS,
    ),
    ("get", PATH): Call(
        None,
        by="device",
        errors=(404, 416),
        answer_media=OCTETS,
        answer_headers={"Accept-Ranges": "bytes", "ETag": "the hash"},
        in_ranges=True,
    ),
}


@router.head(PATH)
async def progress(request: Request, case: str, sha256: str) -> Response:
    """How far this workstation's upload of the file has come."""
    device = await device_of(request)
    wanted = await run_sync(_to_receive, centre_of(request), device, case, sha256)
    here = await run_sync(blobs.stands_at, centre_of(request).blobs, device, wanted)
    return Response(headers=_told(here))


@router.patch(PATH)
async def append(request: Request, case: str, sha256: str) -> Response:
    """The next bytes. With the last of them the whole is verified, and the order says that the case has it."""
    device = await device_of(request)
    if request.headers.get("content-type", "") != PART:
        raise Answer(415, "malformed", "content-type")
    offset = request.headers.get("upload-offset", "")
    if not _OFFSET.fullmatch(offset):
        raise Answer(400, "malformed", "upload-offset")
    body = await raw_body(request, MAX_BODY)
    centre = centre_of(request)
    wanted = await run_sync(_to_receive, centre, device, case, sha256)

    def take() -> Upload:
        try:
            return blobs.take(centre.blobs, device, wanted, int(offset), body)
        except Refused as error:
            if error.code == "store_full":
                raise Answer(503, "centre_full", retry_after_seconds=60) from error
            raise Answer(_STATUS[error.code], error.code) from error

    here = await run_sync(take, limiter=lanes_of(request).receiving)
    if not here.complete and here.offset == here.size:
        await in_turn(request, lambda: _arrived(centre, device, case, wanted))
        here = Upload(here.size, here.size, True)
    return Response(status_code=204, headers=_told(here))


@router.get(PATH)
async def give(request: Request, case: str, sha256: str) -> Response:
    """The file, or a range of it, for a workstation whose unit has the case. Never with a type a browser would open."""
    device = await device_of(request)
    centre = centre_of(request)

    def find() -> Attachment | None:
        with centre.reading() as connection:
            return blobs.to_give(connection, device, case, sha256)

    found = await run_sync(find) if _is_name(case, sha256) else None
    if found is None or not await run_sync(centre.blobs.has, sha256):
        raise Answer(404, "no_such_attachment")
    headers = {"accept-ranges": "bytes", "etag": f'"{sha256}"', "x-content-type-options": "nosniff"}
    span = span_asked(request, found.size)
    first, last = span or (0, found.size - 1)
    headers["content-length"] = str(last + 1 - first)
    if span is not None:
        headers["content-range"] = f"bytes {first}-{last}/{found.size}"
    pieces = _pieces(centre.blobs.file_of(sha256), first, last)
    return StreamingResponse(pieces, 206 if span else 200, headers, media_type=OCTETS)


def _pieces(file: Path, first: int, last: int) -> Iterator[bytes]:
    with file.open("rb") as opened:
        opened.seek(first)
        left = last + 1 - first
        while left and (piece := opened.read(min(PIECE, left))):
            left -= len(piece)
            yield piece


def _is_name(case: str, sha256: str) -> bool:
    return bool(CASE.fullmatch(case) and SHA256.fullmatch(sha256))


def _to_receive(centre: Centre, device: Device, case: str, sha256: str) -> Attachment:
    found: Attachment | None = None
    if _is_name(case, sha256):
        with centre.reading() as connection:
            found = blobs.to_receive(connection, device, case, sha256)
    if found is None:
        raise Answer(404, "no_such_attachment")
    return found


def _arrived(centre: Centre, device: Device, case: str, wanted: Attachment) -> None:
    with centre.in_order() as journal:
        journal.observe(case, AttachmentArrived(wanted.sha256))
        blobs.keep(journal.source.connection, wanted, device, centre.clock.wall_ms())
    centre.blobs.drop_part(wanted.sha256, device.id)


def _told(here: Upload) -> dict[str, str]:
    return {
        "upload-offset": str(here.offset),
        "upload-length": str(here.size),
        "upload-complete": "?1" if here.complete else "?0",
        "cache-control": "no-store",
    }
