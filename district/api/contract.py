"""What the OpenAPI document says of each call; the document itself is generated (D25)."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import msgspec
from fastapi import FastAPI

from district.api.answers import MAX_QUERY, ErrorBody
from models.wire import PROTOCOL

JSON = "application/json"
NDJSON = "application/x-ndjson"
ZIP = "application/zip"
OCTETS = "application/octet-stream"
PART = "application/offset+octet-stream"
"""The next bytes of an upload (tus 1.0)."""

MAX_LINES = 200
"""So many lines a body of NDJSON may have."""

_DEVICE: list[dict[str, list[str]]] = [{"deviceToken": [], "deviceName": []}]
_SESSION: list[dict[str, list[str]]] = [{"deviceToken": [], "deviceName": [], "session": []}]
_SCHEMES = {
    "deviceToken": {"type": "http", "scheme": "bearer"},
    "deviceName": {"type": "apiKey", "in": "header", "name": "X-Device"},
    "session": {"type": "apiKey", "in": "header", "name": "X-Session"},
}
_HASH: dict[str, Any] = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
CASE = re.compile("[0-9A-Za-z][0-9A-Za-z._:-]{0,63}")
"""A case as a path may name it."""

_IN_PATH: dict[str, dict[str, Any]] = {"case": {"type": "string", "pattern": f"^{CASE.pattern}$"}}
"""How a path parameter looks that is not, as the others are, the hash of what it names."""
_BYTES = {"type": "string", "format": "binary"}

_ASKED = {"type": "string", "maxLength": MAX_QUERY}
_RETRY_AFTER = {"description": "seconds", "required": True, "schema": {"type": "integer", "minimum": 1}}
_COME_AGAIN = (429, 503)
_WHY = {
    400: "malformed",
    401: "unknown workstation, or not signed in",
    403: "not yours, or the workstation is revoked",
    404: "not there, or not yours to know",
    409: "another epoch: take a snapshot; or no letter is left for the unit; or the upload stands elsewhere;"
    " or it was decided otherwise, or others must be decided first",
    410: "no longer in the feed: take a snapshot",
    413: "too large",
    415: "an encoding the centre does not know, or not the next bytes of an upload",
    416: "no such range",
    429: "too many attempts; Retry-After says when",
    503: "busy; Retry-After says when",
}


class Call(msgspec.Struct, frozen=True):
    """One call: how its body and answer look (NDJSON: lines of it), who may make it ("" anybody, "device" a registered
    workstation, "session" somebody signed in at one), its query parameters and the headers of its answer with their
    meaning, the errors it may answer with. `in_ranges`: it understands Range, and then answers 206. `raw`: its body is
    bytes of this type; `headers` it must have. An `answer` of None is bytes of `answer_media`, or nothing when that is
    JSON."""

    answer: type[msgspec.Struct] | None
    body: type[msgspec.Struct] | None = None
    by: str = ""
    query: dict[str, str] = {}
    answer_headers: dict[str, str] = {}
    errors: tuple[int, ...] = ()
    media: str = JSON
    answer_media: str = JSON
    status: int = 200
    in_ranges: bool = False
    raw: str = ""
    headers: dict[str, str] = {}


Calls = dict[tuple[str, str], Call]
"""Calls by (method in lower case, path)."""


def document(app: FastAPI, calls: Calls) -> dict[str, Any]:
    """The OpenAPI document: paths from the routes, bodies and answers from the wire's own structs."""
    found = FastAPI.openapi(app)
    shapes = {id(k): _shape(k) for c in calls.values() for k in (c.body, c.answer) if k is not None}
    shapes[id(ErrorBody)] = ErrorBody
    schemas, components = msgspec.json.schema_components(
        list(shapes.values()), ref_template="#/components/schemas/{name}"
    )
    named = dict(zip(shapes, schemas, strict=True))
    found["components"] = {"schemas": components, "securitySchemes": _SCHEMES}
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            _describe(operation, calls[(method, path)], named)
    found["info"]["x-protocol"] = PROTOCOL
    return found


def _describe(operation: dict[str, Any], call: Call, named: dict[int, Any]) -> None:
    def schema(kind: type[msgspec.Struct], media: str = JSON) -> dict[str, Any]:
        shape: dict[str, Any] = named[id(kind)]
        return {"type": "array", "items": shape} if media == NDJSON else shape

    operation["parameters"] = _parameters(operation, call)
    if call.body is not None:
        shape = schema(call.body, call.media)
        if call.media == NDJSON:
            shape["maxItems"] = MAX_LINES
        # No lines are a body of lines, too.
        operation["requestBody"] = {"required": call.media != NDJSON, "content": {call.media: {"schema": shape}}}
    if call.by:
        operation["security"] = _SESSION if call.by == "session" else _DEVICE
    if call.raw:
        operation["requestBody"] = {"required": True, "content": {call.raw: {"schema": _BYTES}}}
    shown = schema(call.answer, call.answer_media) if call.answer is not None else _BYTES
    good = _answer("ok", call.answer_media, shown, call.answer_headers)
    if call.answer is None and call.answer_media == JSON:
        good.pop("content")
    responses = {str(call.status): good}
    if call.in_ranges:
        # A range ends where it was asked to, in the middle of a line if need be: no schema holds for it.
        whole = {**call.answer_headers, "Content-Range": "which bytes, of how many"}
        responses["206"] = _answer("the range asked for", call.answer_media, {}, whole)
    bad = _answer("", JSON, schema(ErrorBody), {})
    for code in sorted(
        {*call.errors, 503, *((401, 403) if call.by else ()), *((400, 413, 415) if call.body is not None else ())}
    ):
        responses[str(code)] = {**bad, "description": _WHY[code]}
        if code in _COME_AGAIN:
            responses[str(code)]["headers"] = {"Retry-After": _RETRY_AFTER}
    operation["responses"] = responses


def _parameters(operation: dict[str, Any], call: Call) -> list[dict[str, Any]]:
    inside = (p for p in operation.get("parameters", []) if p["in"] == "path")
    found = [{**p, "schema": _IN_PATH.get(p["name"], _HASH)} for p in inside]
    found += [
        {
            "name": name,
            "in": "header",
            "required": True,
            "description": meaning,
            "schema": {"type": "integer", "minimum": 0},
        }
        for name, meaning in call.headers.items()
    ]
    asked = [("query", name, meaning, _ASKED) for name, meaning in call.query.items()]
    if call.in_ranges:
        asked.append(("header", "Range", "bytes=first-last, either may be left out", {"type": "string"}))
    return found + [
        {"name": name, "in": place, "required": False, "description": meaning, "schema": kind}
        for place, name, meaning, kind in asked
    ]


def _answer(meaning: str, media: str, shape: dict[str, Any], headers: dict[str, str]) -> dict[str, Any]:
    told = {name: {"description": d, "required": True, "schema": {"type": "string"}} for name, d in headers.items()}
    found = {"description": meaning, "content": {media: {"schema": shape}}}
    return {**found, "headers": told} if told else found


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


@cache
def _shape(kind: Any) -> Any:
    """The struct as the document shows it: where the wire passes JSON on byte for byte, any JSON. One for each, however many
    calls name it."""
    if not _is_struct(kind):
        return kind
    fields: list[Any] = []
    for field in msgspec.structs.fields(kind):
        if field.type is msgspec.Raw:
            fields.append((field.name, Any, None))
        else:
            fields.append((field.name, _shape_of_type(field.type), *_default(field)))
    return msgspec.defstruct(kind.__name__, fields, kw_only=True, namespace={"__doc__": kind.__doc__})


def _shape_of_type(kind: Any) -> Any:
    inner = getattr(kind, "__args__", None)
    if hasattr(kind, "__metadata__"):
        return kind  # a number or a text with bounds
    if inner and hasattr(kind, "__origin__"):
        return kind.__origin__[tuple(_shape_of_type(k) for k in inner)]
    carries_raw = _is_struct(kind) and any(
        f.type is msgspec.Raw or _is_struct(f.type) for f in msgspec.structs.fields(kind)
    )
    return _shape(kind) if carries_raw else kind


def _default(field: msgspec.structs.FieldInfo) -> tuple[Any, ...]:
    if field.default is not msgspec.NODEFAULT:
        return (field.default,)
    if field.default_factory is not msgspec.NODEFAULT:
        return (msgspec.field(default_factory=field.default_factory),)
    return ()
