"""The centre's door: a request as bytes, an answer as bytes, through the shipped calls of district/api.

The calls are the service's own coroutines, driven here instead of by an event loop: what they hand to a worker runs at
once, sometimes after somebody else has got in between, and a held pull waits in simulated time.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Generator
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
from starlette.requests import Request
from starlette.responses import Response

from district import centre
from district.api import (
    answers,
    blobs,
    carried,
    devices,
    hello,
    past_cases,
    personal,
    pull,
    push,
    recovery,
    reference,
    snapshot,
    witness,
)
from district.api.answers import Answer, ErrorBody
from models.wire import encode
from services.sync import round
from tests.world.engines import rules_of

Handler = Callable[..., Awaitable[Response]]
LONGEST_WAIT_SECONDS = 2 * 3_600
"""How long a pull is held in simulated time: the service's 25 s would make quiet hours cost as much as busy ones."""

_CALLS: dict[tuple[str, str], Handler] = {
    ("GET", "/v1/hello"): hello.hello,
    ("GET", "/v1/time"): hello.time,
    ("GET", "/v1/reference"): reference.reference,
    ("GET", "/v1/snapshot"): snapshot.snapshot,
    ("POST", "/v1/push"): push.push,
    ("POST", "/v1/carried"): carried.carried,
    ("POST", "/v1/status"): push.status,
    ("POST", "/v1/pull"): pull.pull,
    ("POST", "/v1/checkpoint"): pull.checkpoint,
    ("POST", "/v1/witness"): witness.witness,
    ("POST", "/v1/lost"): recovery.tell,
    ("GET", "/v1/past-cases"): past_cases.past_cases,
    ("POST", "/v1/enrol"): devices.enrol,
}
_BLOB = re.compile(r"/v1/cases/([^/]+)/blobs/([^/]+)")
_BLOBS: dict[str, Handler] = {"HEAD": blobs.progress, "PATCH": blobs.append}
_NAMED: tuple[tuple[str, str, Handler], ...] = (
    ("GET", "/v1/snapshot/", snapshot.snapshot_part),
    ("PUT", "/v1/personal/", personal.put_personal),
)


class Question(NamedTuple):
    """What an answer answers."""

    method: str


class Reply(NamedTuple):
    """What travels back, as requests would show it."""

    status_code: int
    headers: dict[str, str]
    content: bytes
    request: Question


class _Step:
    """What a coroutine of the service waits for: a number of seconds for a bell, or nothing but its turn."""

    def __init__(self, bell: Any = None, seconds: float = 0) -> None:
        self.bell, self.seconds = bell, seconds

    def __await__(self) -> Generator[_Step, bool, bool]:
        return (yield self)


async def _on_a_worker(job: Callable[..., Any], *args: Any, limiter: object = None) -> Any:
    await _Step()
    return job(*args)


async def _wait_for(waiting: Any, seconds: float) -> None:
    bell = waiting.cr_frame.f_locals["self"]
    waiting.close()
    if not await _Step(bell, seconds):
        raise TimeoutError


async def _one_after_another(*jobs: Awaitable[Any]) -> list[Any]:
    return [await job for job in jobs]


def driven_by_hand(patch: pytest.MonkeyPatch) -> None:
    """The service's calls are driven by `answered` instead of an event loop."""
    for module in (
        answers,
        blobs,
        carried,
        devices,
        hello,
        past_cases,
        pull,
        push,
        recovery,
        reference,
        snapshot,
        witness,
    ):
        patch.setattr(module, "run_sync", _on_a_worker)
    for with_rules in (centre, round):
        patch.setattr(with_rules, "Rules", rules_of)
    patch.setattr(pull, "MAX_WAIT_SECONDS", LONGEST_WAIT_SECONDS)
    patch.setattr(push, "asyncio", SimpleNamespace(gather=_one_after_another))
    asyncio = pull.asyncio
    patch.setattr(pull, "asyncio", SimpleNamespace(wait_for=_wait_for, Event=asyncio.Event))


def answered(
    app: Any,
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes,
    wait: Callable[[Any, float], bool],
) -> Reply:
    """Let the centre answer. `wait` is asked to wait for a bell so many seconds (None: for its turn), and says whether it
    rang."""
    path, _, query = path.partition("?")
    handler, args = _found(method, path)
    scope = {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
        "client": ("127.0.0.1", 9),
        "app": app,
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    try:
        response = _driven(handler(Request(scope, receive), *args), wait)
        return Reply(response.status_code, dict(response.headers), bytes(response.body), Question(method))
    except Answer as answer:
        told = encode(ErrorBody(answer.code, answer.detail, app.state.centre.clock.wall_ms()))
        after = {"retry-after": str(answer.retry_after_seconds)} if answer.retry_after_seconds else {}
        return Reply(answer.status, {"content-type": "application/json", **after}, told, Question(method))


def _found(method: str, path: str) -> tuple[Handler, tuple[str, ...]]:
    plain = _CALLS.get((method, path))
    if plain is not None:
        return plain, ()
    for wanted, start, handler in _NAMED:
        if method == wanted and path.startswith(start):
            return handler, (path.removeprefix(start),)
    blob = _BLOB.fullmatch(path)
    if blob is not None:
        return _BLOBS[method], blob.groups()
    raise AssertionError(f"no such call: {method} {path}")


def _driven(call: Any, wait: Callable[[Any, float], bool]) -> Response:
    said: bool | None = None
    try:
        while True:
            step = call.send(said)
            said = wait(step.bell, step.seconds)
    except StopIteration as end:
        found = end.value
        assert isinstance(found, Response)
        return found
    finally:
        call.close()
