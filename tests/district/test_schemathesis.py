"""Schemathesis finds no 5xx, no skipped operation, and no answer that the OpenAPI document does not show (issue).

Before anything lands every role asks everything of a district on SQLite; in every run two of them do. PostgreSQL is asked by
those two with fewer examples: what may differ there is how rows are kept, not who may see them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI, Request, Response

from district import accounts, demo
from district import app as application
from district.api import pull
from district.api.answers import Answer, Done, device_of, ok
from district.api.contract import Call
from district.api.push import StatusBody
from district.centre import Centre
from tests.district import parties
from tests.district.examination import FORGER, NOBODY, ROLES, Examination
from tests.district.parties import District, open_district
from tests.real import postgres

EXAMPLES = 10
CLERK = "a clerk of the sub-centre"
DAILY = [CLERK, "a district operator"]
"""Who asks in every run: between them everything is done for somebody."""


@contextmanager
def _examined(url: str, examples: int, only: str = "") -> Iterator[tuple[District, Examination]]:
    """A district whose waits and password hashes cost next to nothing: neither is what is looked at here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pull, "MAX_WAIT_SECONDS", 0.02)
        patch.setattr(accounts, "_HASHER", demo._CHEAP)
        with open_district(url) as district:
            examination = Examination(district, examples, only)
            yield district, examination
            examination.close()


@pytest.fixture(scope="module")
def examined(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[District, Examination]]:
    with _examined(f"sqlite:///{tmp_path_factory.mktemp('examined')}/district.sqlite", EXAMPLES) as found:
        yield found


@pytest.fixture(scope="module")
def examination(examined: tuple[District, Examination]) -> Examination:
    return examined[1]


@pytest.mark.parametrize("role", [r if r in DAILY else pytest.param(r, marks=pytest.mark.landing) for r in ROLES])
def test_every_operation_answers_as_the_document_says(examination: Examination, role: str) -> None:
    found = examination.ask_as(role)
    assert found.complaints == {}
    assert set(+found.made_up) == set(examination.operations), "a skipped operation is no finding, but a failure"


def test_the_document_holds_every_call(examination: Examination) -> None:
    assert set(examination.operations) == {f"{method.upper()} {path}" for method, path in application.CALLS}


@pytest.mark.parametrize(
    ("roles", "all_but"),
    [(DAILY, {"deferred"}), pytest.param(list(ROLES), set(), marks=pytest.mark.landing)],
    ids=["daily", "all"],
)
def test_behind_every_operation_somebody_got(
    examined: tuple[District, Examination], roles: list[str], all_but: set[str]
) -> None:
    """Refusals alone would prove little: each was done for somebody, and acts came to everything an act can come to."""
    district, examination = examined
    found = [examination.ask_as(role) for role in roles]
    assert examination.never_done() == set()
    outcomes = {outcome for findings in found for outcome in findings.outcomes}
    assert outcomes | all_but == {"accepted", "merged", "rejected", "deferred"}
    district.audited()


@pytest.mark.parametrize("role", [NOBODY, pytest.param(FORGER, marks=pytest.mark.landing)])
def test_whoever_holds_no_token_got_nowhere(examination: Examination, role: str) -> None:
    for operation, statuses in examination.ask_as(role).answers.items():
        if "security" in examination.operations[operation]:
            assert set(statuses) == {401}, operation


@pytest.mark.landing
def test_on_postgresql(postgres_server: postgres.Server) -> None:
    with postgres_server.lent() as url, _examined(url, EXAMPLES // 2) as (district, examination):
        for role in DAILY:
            found = examination.ask_as(role)
            assert found.complaints == {}
            assert set(+found.made_up) == set(examination.operations)
        assert examination.never_done() == set()
        district.audited()


# That it would be seen


async def _raises(_request: Request) -> Response:
    raise ZeroDivisionError


async def _shapes_otherwise(_request: Request) -> Response:
    return Response(b'{"now_ms":"noon"}', media_type="application/json")


async def _is_a_teapot(_request: Request) -> Response:
    raise Answer(418, "teapot")


async def _is_plain(_request: Request) -> Response:
    return Response("done", media_type="text/plain")


async def _takes_anything(request: Request) -> Response:
    await device_of(request)
    return ok(Done(0))


async def _refuses(_request: Request) -> Response:
    raise Answer(401, "unknown_device")


BROKEN: dict[str, tuple[Callable[..., object], Call]] = {
    "500: Server error": (_raises, Call(Done)),
    "200: Custom check failed: `answer_fits_the_document`": (_shapes_otherwise, Call(Done)),
    "418: Undocumented status code": (_is_a_teapot, Call(Done)),
    "200: Undocumented Content-Type": (_is_plain, Call(Done)),
    "200: Schema-violating request accepted": (_takes_anything, Call(Done, StatusBody, by="device")),
}


def _with(patch: pytest.MonkeyPatch, broken: Callable[..., object], call: Call) -> None:
    shipped = application.create_app

    def create_app(centre: Centre) -> FastAPI:
        app = shipped(centre)
        app.add_api_route("/v1/broken", broken, methods=["POST"])
        return app

    patch.setattr(parties, "create_app", create_app)
    patch.setitem(application.CALLS, ("post", "/v1/broken"), call)


@pytest.mark.parametrize("complaint", BROKEN)
def test_a_broken_call_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, complaint: str) -> None:
    _with(monkeypatch, *BROKEN[complaint])
    with _examined(f"sqlite:///{tmp_path}/d.sqlite", 5, "/v1/broken") as (_, examination):
        found = examination.ask_as(CLERK)
    assert f"POST /v1/broken {complaint}" in found.complaints


def test_a_call_that_nothing_can_be_sent_to_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _with(monkeypatch, _takes_anything, Call(Done, StatusBody, media="application/x-unheard-of"))
    with _examined(f"sqlite:///{tmp_path}/d.sqlite", 5, "/v1/broken") as (_, examination):
        found = examination.ask_as(CLERK)
    assert found.complaints and not +found.made_up


def test_a_call_that_only_refuses_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    _with(monkeypatch, _refuses, Call(Done, by="device"))
    with _examined(f"sqlite:///{tmp_path}/d.sqlite", 5, "/v1/broken") as (_, examination):
        assert examination.ask_as(CLERK).complaints == {}
        assert examination.never_done() == {"POST /v1/broken"}
