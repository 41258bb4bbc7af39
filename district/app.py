"""The ASGI application: routes, one error shape, and an OpenAPI document generated from the wire's own types (D25)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
from anyio import CapacityLimiter
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from district.api import doors, sync
from district.api.answers import Answer, ErrorBody
from district.centre import Centre
from models.wire import PullReply, PullRequest, PushReply, Sealed, SnapshotManifest, encode

_log = logging.getLogger("district")
_HASHERS_AT_ONCE = 2

_BODIES: dict[tuple[str, str], tuple[str, Any]] = {
    ("/v1/register", "post"): ("application/json", doors.RegisterBody),
    ("/v1/session", "post"): ("application/json", doors.SessionBody),
    ("/v1/password", "post"): ("application/json", doors.PasswordBody),
    ("/v1/push", "post"): ("application/x-ndjson", Sealed),
    ("/v1/pull", "post"): ("application/json", PullRequest),
    ("/v1/status", "post"): ("application/json", sync.StatusBody),
}
_ANSWERS: dict[tuple[str, str], Any] = {
    ("/v1/hello", "get"): doors.Hello,
    ("/v1/time", "get"): doors.Time,
    ("/v1/register", "post"): doors.Registered,
    ("/v1/session", "post"): doors.SessionOpened,
    ("/v1/push", "post"): PushReply,
    ("/v1/pull", "post"): PullReply,
    ("/v1/status", "post"): sync.StatusReply,
    ("/v1/snapshot", "get"): SnapshotManifest,
}


def create_app(centre: Centre) -> FastAPI:
    """The application for one centre."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        centre.loop = asyncio.get_running_loop()
        yield
        centre.loop = None

    app = FastAPI(title="District centre", version="1", lifespan=lifespan, docs_url=None, redoc_url=None)
    app.state.centre = centre
    app.state.hashing = CapacityLimiter(_HASHERS_AT_ONCE)
    app.include_router(doors.router)
    app.include_router(sync.router)

    def error(status: int, code: str, detail: str = "", retry_after_seconds: int = 0) -> Response:
        body = encode(ErrorBody(code, detail, centre.clock.wall_ms()))
        headers = {"retry-after": str(retry_after_seconds)} if retry_after_seconds else {}
        return Response(body, status_code=status, media_type="application/json", headers=headers)

    @app.exception_handler(Answer)
    async def on_answer(_request: Request, answer: Answer) -> Response:
        return error(answer.status, answer.code, answer.detail, answer.retry_after_seconds)

    @app.exception_handler(HTTPException)
    async def on_http(_request: Request, problem: HTTPException) -> Response:
        return error(problem.status_code, "no_such_call" if problem.status_code == 404 else "not_allowed")

    @app.exception_handler(RequestValidationError)
    async def on_invalid(_request: Request, _problem: RequestValidationError) -> Response:
        return error(400, "malformed")

    @app.exception_handler(Exception)
    async def on_bug(request: Request, problem: Exception) -> Response:
        _log.error("bug in %s %s: %s", request.method, request.url.path, type(problem).__name__, exc_info=problem)
        return error(500, "bug")

    app.openapi = lambda: openapi(app)  # type: ignore[method-assign]
    return app


def openapi(app: FastAPI) -> dict[str, Any]:
    """The OpenAPI document: paths from the routes, bodies and answers from the wire's structs."""
    document = FastAPI.openapi(app)
    kinds = [*{k: None for _, k in _BODIES.values()}, *dict.fromkeys(_ANSWERS.values()), ErrorBody]
    schemas, components = msgspec.json.schema_components(kinds, ref_template="#/components/schemas/{name}")
    named = dict(zip((k.__name__ for k in kinds), schemas, strict=True))
    document.setdefault("components", {}).setdefault("schemas", {}).update(components)
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            body = _BODIES.get((path, method))
            if body is not None:
                media, kind = body
                operation["requestBody"] = {"required": True, "content": {media: {"schema": named[kind.__name__]}}}
            answer = _ANSWERS.get((path, method))
            content = {"schema": named[answer.__name__]} if answer is not None else {}
            failed = {"description": "error", "content": {"application/json": {"schema": named["ErrorBody"]}}}
            operation["responses"] = {
                "201" if path == "/v1/register" else "200": {
                    "description": "ok",
                    "content": {"application/json": content},
                },
                "4XX": failed,
            }
    return document
