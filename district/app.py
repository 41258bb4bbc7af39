"""The ASGI application: the calls, one error shape, and an OpenAPI document generated from the wire's own types (D25)."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path

from anyio.to_thread import run_sync
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from district import personal_records
from district.api import (
    admin,
    blobs,
    carried,
    check_review,
    devices,
    evidence,
    hello,
    past_cases,
    personal,
    pull,
    push,
    quarantine,
    recovery,
    reference,
    session,
    snapshot,
    witness,
)
from district.api.answers import Answer, ErrorBody, Lanes
from district.api.contract import Calls, document
from district.api.smaller import SmallerAnswers
from district.blobs import drop_old_parts
from district.breaches import findings, record
from district.centre import Centre
from district.deferred import can_settle, settle_deferred
from district.nightly import Nightly
from district.recovery import advance
from district.restored import watch_head
from district.store import UNAVAILABLE
from models.errors import Refused
from models.wire import encode

_log = logging.getLogger("district")
_PARTS = (
    hello,
    session,
    push,
    pull,
    snapshot,
    reference,
    past_cases,
    personal,
    blobs,
    admin,
    carried,
    check_review,
    devices,
    evidence,
    quarantine,
    recovery,
    witness,
)
_LOOK_EVERY_SECONDS = 1.0
"""The command line publishes in a process of its own: workstations that wait hear of it so soon."""

_DUE_TIMES_EVERY_SECONDS = _HEAD_EVERY_SECONDS = _AUDIT_EVERY_SECONDS = 5.0
_ERASE_EVERY_SECONDS = 24 * 3_600.0
"""A service runs for months: once a day it does what it does when it opens (district/opening.py)."""

CALLS: Calls = {key: call for part in _PARTS for key, call in part.CALLS.items()}


def create_app(
    centre: Centre,
    watches_due_times: bool = False,
    head_folder: Path | None = None,
    nightly: Nightly | None = None,
) -> FastAPI:
    """The application for one centre, which brings clock, ids and salts with it. `watches_due_times`: it also notices by
    itself what is missed (district/breaches.py), as the service does; `head_folder`: it writes down there how far the
    order has come (district/restored.py); `nightly`: it has its record audited at night."""

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        centre.loop = asyncio.get_running_loop()
        ending = asyncio.Event()
        jobs: list[tuple[float, Callable[[], Awaitable[object]]]] = [
            (_LOOK_EVERY_SECONDS, partial(run_sync, centre.look_for_news)),
            (_LOOK_EVERY_SECONDS, partial(_watch_recovery, centre, app.state.lanes)),
            (_LOOK_EVERY_SECONDS, partial(_watch_undecided, centre, app.state.lanes)),
            (_ERASE_EVERY_SECONDS, partial(_erase_expired, centre, app.state.lanes)),
        ]
        if watches_due_times:
            jobs.append((_DUE_TIMES_EVERY_SECONDS, partial(_watch_due_times, centre, app.state.lanes)))
        if head_folder is not None:
            jobs.append((_HEAD_EVERY_SECONDS, partial(run_sync, watch_head, centre, head_folder)))
        if nightly is not None:
            jobs.append((_AUDIT_EVERY_SECONDS, partial(nightly.look, ending)))
        watches = [asyncio.create_task(_every(ending, seconds, job)) for seconds, job in jobs]
        yield
        # Not cancelled: a thread that is at work would go on, and hold the database open when all others have let go of it.
        ending.set()
        await asyncio.gather(*watches)
        centre.loop = None
        if head_folder is not None:
            await _tried(partial(run_sync, watch_head, centre, head_folder))
            # Ended in order, a SQLite file is whole by itself: whoever copies it copies everything.
            centre.engine.dispose()

    # No redirects: a call that is not there is answered 404 in our own shape, never sent on to another one.
    app = FastAPI(
        title="District centre",
        version="1",
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
    )
    app.state.centre = centre
    app.state.lanes = Lanes()
    app.state.sheets = nightly.folder if nightly is not None else None
    for part in _PARTS:
        app.include_router(part.router)
    _answer_errors(app, centre)
    app.add_middleware(SmallerAnswers)
    app.openapi = lambda: document(app, CALLS)  # type: ignore[method-assign]
    return app


async def _watch_due_times(centre: Centre, lanes: Lanes) -> None:
    """Looking holds nobody up; only what was found waits its turn among the writers."""
    found = await run_sync(findings, centre)
    if found:
        await run_sync(record, centre, found, limiter=lanes.writing)


async def _watch_recovery(centre: Centre, lanes: Lanes) -> None:
    if centre.recovery is not None:
        await run_sync(advance, centre, limiter=lanes.writing)


async def _watch_undecided(centre: Centre, lanes: Lanes) -> None:
    """What waited for an act that was taken back must not wait until the service is started anew."""
    if await run_sync(can_settle, centre):
        await run_sync(settle_deferred, centre, limiter=lanes.writing)


async def _erase_expired(centre: Centre, lanes: Lanes) -> None:
    def erase() -> None:
        with centre.writing() as connection:
            personal_records.erase_expired(connection, centre.clock.wall_ms(), centre.rules.policy.personal_kept_days)

    await run_sync(erase, limiter=lanes.writing)
    await run_sync(drop_old_parts, centre.blobs, centre.clock.wall_ms())


async def _every(ending: asyncio.Event, seconds: float, job: Callable[[], Awaitable[object]]) -> None:
    while not ending.is_set():
        with suppress(TimeoutError):
            await asyncio.wait_for(ending.wait(), seconds)
            return
        await _tried(job)


async def _tried(job: Callable[[], Awaitable[object]]) -> None:
    """Whatever goes wrong is logged, and the job is done again next time: a disk that is full for a minute must not end a
    watch for as long as the service runs."""
    try:
        await job()
    except UNAVAILABLE as problem:
        _log.warning("database unavailable: %s", type(problem).__name__)
    except Exception as problem:
        code = f" ({problem.code})" if isinstance(problem, Refused) else ""
        _log.error("a watch failed and goes on: %s%s", type(problem).__name__, code, exc_info=problem)


def _answer_errors(app: FastAPI, centre: Centre) -> None:
    def error(status: int, code: str, detail: str = "", retry_after_seconds: int = 0) -> Response:
        body = encode(ErrorBody(code, detail, centre.clock.wall_ms()))
        headers = {"retry-after": str(retry_after_seconds)} if retry_after_seconds else {}
        return Response(body, status_code=status, media_type="application/json", headers=headers)

    @app.exception_handler(Answer)
    async def on_answer(_request: Request, answer: Answer) -> Response:
        return error(answer.status, answer.code, answer.detail, answer.retry_after_seconds)

    @app.exception_handler(HTTPException)
    async def on_http(request: Request, problem: HTTPException) -> Response:
        found = error(problem.status_code, "no_such_call" if problem.status_code == 404 else "not_allowed")
        found.headers.update(problem.headers or {})
        if problem.status_code == 405:
            # Of a path with several methods the router names those of the first only.
            path = getattr(request.scope.get("route"), "path", "")
            methods = sorted(method.upper() for method, p in CALLS if p == path)
            found.headers["allow"] = ", ".join(methods) or found.headers["allow"]
        return found

    @app.exception_handler(RequestValidationError)
    async def on_invalid(_request: Request, _problem: RequestValidationError) -> Response:
        return error(400, "malformed")

    @app.exception_handler(ClientDisconnect)
    async def on_gone(_request: Request, _problem: ClientDisconnect) -> Response:
        return error(400, "malformed", "the request ended early")

    async def on_weather(request: Request, problem: Exception) -> Response:
        _log.warning("database unavailable in %s: %s", request.method, type(problem).__name__)
        return error(503, "store_unavailable", retry_after_seconds=3)

    for kind in UNAVAILABLE:
        app.add_exception_handler(kind, on_weather)

    @app.exception_handler(Exception)
    async def on_bug(request: Request, problem: Exception) -> Response:
        _log.error("bug in %s: %s", request.method, type(problem).__name__)
        return error(500, "bug")
