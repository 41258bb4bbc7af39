"""The reference data in force (D13); published by `python -m district reference`, never over the line."""

from __future__ import annotations

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request, Response

from district import reference as editions
from district.api.answers import Answer, asked, centre_of, device_of
from district.api.contract import Call, Calls
from district.store.documents import get_document
from models.rules import Reference

router = APIRouter()
CALLS: Calls = {
    ("get", "/v1/reference"): Call(
        Reference,
        by="device",
        query={"version": "the hash of an edition; the one in force when empty"},
        errors=(400, 404),
        answer_headers={"X-Reference": "the hash of the edition"},
    ),
}


@router.get("/v1/reference")
async def reference(request: Request) -> Response:
    """An edition of the reference data, whole; its hash stands in the header x-reference."""
    await device_of(request)
    wanted = asked(request, "version")
    centre = centre_of(request)

    def read() -> tuple[str, bytes]:
        with centre.reading() as connection:
            name = wanted or editions.name_in_force(connection)
            if name == centre.reference_name:
                return name, centre.reference_body
            return name, get_document(connection, name) or b""

    name, body = await run_sync(read)
    if not body:
        raise Answer(404, "no_such_edition")
    return Response(body, media_type="application/json", headers={"x-reference": name})
