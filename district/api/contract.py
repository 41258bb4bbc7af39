"""What the OpenAPI document says of each call; the document itself is generated (D25)."""

from __future__ import annotations

from typing import Any

import msgspec
from fastapi import FastAPI

from district.api.answers import ErrorBody
from models.wire import PROTOCOL

JSON = "application/json"
NDJSON = "application/x-ndjson"

_DEVICE: list[dict[str, list[str]]] = [{"deviceToken": [], "deviceName": []}]
_SESSION: list[dict[str, list[str]]] = [{"deviceToken": [], "deviceName": [], "session": []}]
_SCHEMES = {
    "deviceToken": {"type": "http", "scheme": "bearer"},
    "deviceName": {"type": "apiKey", "in": "header", "name": "X-Device"},
    "session": {"type": "apiKey", "in": "header", "name": "X-Session"},
}
_WHY = {
    400: "malformed",
    401: "unknown workstation, or not signed in",
    403: "not yours",
    404: "not there, or not yours to know",
    409: "another epoch: take a snapshot",
    410: "no longer in the feed: take a snapshot",
    413: "too large",
    416: "no such range",
    429: "too many attempts; Retry-After says when",
    503: "busy; Retry-After says when",
}


class Call(msgspec.Struct, frozen=True):
    """One call: how its body and answer look (None: no body; bytes: any), who may make it ("" anybody, "device" a
    registered workstation, "session" somebody signed in at one), its query parameters with their meaning, the errors it
    may answer with."""

    answer: Any
    body: Any = None
    by: str = ""
    query: dict[str, str] = {}
    errors: tuple[int, ...] = ()
    media: str = JSON
    answer_media: str = JSON
    status: int = 200


Calls = dict[tuple[str, str], Call]
"""Calls by (method in lower case, path)."""


def document(app: FastAPI, calls: Calls) -> dict[str, Any]:
    """The OpenAPI document: paths from the routes, bodies and answers from the wire's own structs."""
    found = FastAPI.openapi(app)
    shapes = {id(k): _shape(k) for c in calls.values() for k in (c.body, c.answer) if _is_struct(k)}
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
    def schema(kind: Any) -> dict[str, Any]:
        return dict(named[id(kind)]) if _is_struct(kind) else {}

    path_parameters = [p for p in operation.get("parameters", []) if p["in"] == "path"]
    operation["parameters"] = path_parameters + [
        {"name": name, "in": "query", "required": False, "description": meaning, "schema": {"type": "string"}}
        for name, meaning in call.query.items()
    ]
    if call.body is not None:
        shape = schema(call.body)
        if call.media == NDJSON:
            shape = {"type": "array", "items": shape, "maxItems": 200}
        operation["requestBody"] = {"required": True, "content": {call.media: {"schema": shape}}}
    if call.by:
        operation["security"] = _SESSION if call.by == "session" else _DEVICE
    good = {"description": "ok", "content": {call.answer_media: {"schema": schema(call.answer)}}}
    bad = {JSON: {"schema": schema(ErrorBody)}}
    errors = {*call.errors, 503, *((401,) if call.by else ()), *((400, 413) if call.body is not None else ())}
    operation["responses"] = {
        str(call.status): good,
        **{str(code): {"description": _WHY[code], "content": bad} for code in sorted(errors)},
    }


def _is_struct(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, msgspec.Struct)


def _shape(kind: Any) -> Any:
    """The struct as the document shows it: where the wire passes JSON on byte for byte, any JSON."""
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
