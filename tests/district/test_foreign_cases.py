"""Every endpoint × role asks for a foreign case in every way that endpoint can name one, and gets nothing (issue, I18).

`WAYS` has a row for every call of the application: a new call without a row fails the first test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import msgspec
import pytest
from fastapi.routing import APIRoute
from requests import Response
from starlette.routing import BaseRoute, Route

from district.app import CALLS, create_app
from district.store.tables import personal_read
from models import commands as c
from models.wire import SnapshotManifest, decode, encode, personal_hash, seal
from tests.district.parties import DISTRICT, PASSWORD, REPORT, District, Station
from tests.models.small_town import DEPARTMENT, MARKET, OTHER_TOWN, SMALL_VILLAGE, SQUAD, TOWN, VILLAGE

MARKS = ("密案题目", "密案地点", "密案描述", "密号-001", "某甲", "0559-0000999", "密记退回")
ROLES = {
    "a squad": (SQUAD, "squad-officer"),
    "an office whose officer is seconded": (MARKET, "market-deputy"),
    "the station of the place, before any check": (VILLAGE, "vice"),
    "another station": (SMALL_VILLAGE, "lone-head"),
    "a department": (DEPARTMENT, "water-officer"),
    "another sub-centre": (OTHER_TOWN, "other-clerk"),
    "a workstation nobody signed in at": (OTHER_TOWN, ""),
}


class Secret(msgspec.Struct):
    """A case of the sub-centre, and every name by which one might ask for it."""

    case_id: str
    cmd_ids: list[str]
    digest: str
    part: str
    chain: str
    town: Station


@pytest.fixture
def secret(district: District) -> Secret:
    town = district.station(TOWN)
    record = encode({"salt": "s", "name": "某甲", "phone": "0559-0000999"})
    digest = personal_hash("s", record)
    assert town.ask("PUT", f"/v1/personal/{digest}", data=record).status_code == 200
    report = msgspec.structs.replace(
        REPORT, number="密号-001", title="密案题目", place="密案地点", words="密案描述", personal=digest
    )
    case_id = town.new_id()
    acts = [town.command("clerk", report, case_id)]
    town.sealed(seal(acts[0]))
    acts.append(town.command("clerk", c.File(), case_id))
    town.sealed(seal(acts[1]))
    acts.append(town.command("clerk", c.Note("密记退回"), case_id))
    town.sealed(seal(acts[2]))
    assert [k[1] for k in town.push(*map(seal, acts)).known] == ["accepted"] * 3
    manifest = decode(town.ask("GET", "/v1/snapshot").content, SnapshotManifest)
    chain = town.pull()[-1].scope_chain
    return Secret(case_id, [a.cmd_id for a in acts], digest, manifest.parts[0].sha256, chain, town)


@pytest.fixture(params=ROLES)
def intruder(request: pytest.FixtureRequest, district: District) -> Station:
    unit, person = ROLES[request.param]
    found = district.station(unit)
    if person:
        assert found.sign_in(person).status_code == 200
    return found


def _acts(s: Secret) -> list[c.Args]:
    """One act of every kind a console can name a case with."""
    assignment = f"{s.cmd_ids[0].replace('-', '')[-12:]}.0"
    return [
        c.File(),
        c.Dispatch(SQUAD),
        c.Redispatch(SQUAD, "x"),
        c.Describe(title="改"),
        c.AskRuling("x"),
        c.Rule(SQUAD, limit=c.Limit(1, "work_day")),  # type: ignore[arg-type]
        c.LogCall(SQUAD, "answered", assignment=assignment),
        c.Acknowledge(assignment),
        c.Arrive(assignment, on_behalf="member-1"),
        c.Feedback(assignment, "x"),
        c.NoteProgress("x"),
        c.NameChecker("member-1"),
        c.CheckOnSite("member-1", True, "x"),
        c.SubmitCheck(),
        c.Confirm(),
        c.AskVoid("x"),
        c.AnswerVoid(s.cmd_ids[0], True),
        c.Ratify(s.cmd_ids[0]),
        c.Note("x"),
        c.Merge(s.case_id),
        c.Deliver(assignment),
        c.Retract(s.cmd_ids[2]),
        c.Settle(s.cmd_ids[2], "accepted"),
        c.Publish("x", "0" * 64),
        msgspec.structs.replace(REPORT, town=OTHER_TOWN, station="", personal=s.digest),
    ]


def _pushes(i: Station, s: Secret) -> Iterator[Response]:
    for args in _acts(s):
        for actor in ("squad-officer", "other-clerk", "clerk", "operator", "district-centre"):
            yield i.push_raw([i.act(actor, args, s.case_id)])
    yield i.push_raw([i.act("clerk", c.Note("x"), s.case_id, unit=TOWN)])
    yield i.push_raw([i.act("other-clerk", c.Note("x"), s.case_id, cmd_id=s.cmd_ids[2])])
    yield i.push_raw([seal(i.command("clerk", c.Note("x"), s.case_id, device=s.town.device))])
    yield i.push_raw([seal(i.command("clerk", c.Note("x"), s.case_id, prev=s.town.head, dseq=4))])


def _pulls(i: Station, s: Secret) -> Iterator[Response]:
    yield i.pull_raw(0)
    yield i.pull_raw(0, cursors={})
    for cursors in ({TOWN: 0}, {i.unit: 0, TOWN: 0}, {DISTRICT: 0}, {s.case_id: 0}):
        yield i.pull_raw(0, cursors=cursors)
    yield i.pull_raw(0, cursors={"reference": 0})


def _personal(i: Station, s: Secret) -> Iterator[Response]:
    for query in (f"?case={s.case_id}", "", "?case=", f"?case={s.cmd_ids[0]}", "?case=%25", "?case=%00"):
        yield i.ask("GET", f"/v1/personal/{s.digest}{query}")
    own = i.new_id()
    quoting = msgspec.structs.replace(REPORT, town=OTHER_TOWN, station="", personal=s.digest)
    yield i.push_raw([i.act("other-clerk", quoting, own)])
    yield i.ask("GET", f"/v1/personal/{s.digest}?case={own}")
    yield i.ask("GET", f"/v1/personal/%25?case={s.case_id}")


def _snapshots(i: Station, s: Secret) -> Iterator[Response]:
    for scope in (TOWN, DISTRICT, "", "%25", s.case_id, "reference"):
        yield i.ask("GET", f"/v1/snapshot?scope={scope}")
    yield i.ask("GET", "/v1/snapshot")


def _parts(i: Station, s: Secret) -> Iterator[Response]:
    yield i.ask("GET", f"/v1/snapshot/{s.part}")
    yield i.ask("GET", f"/v1/snapshot/{s.part}", headers={"Range": "bytes=0-99"})
    yield i.ask("GET", f"/v1/snapshot/{s.part.upper()}")


def _sessions(i: Station, s: Secret) -> Iterator[Response]:
    for name in ("clerk", "operator", "other-clerk"):
        yield i.ask("POST", "/v1/session", json={"name": name, "password": PASSWORD, "unit": TOWN})


def _checkpoints(i: Station, s: Secret) -> Iterator[Response]:
    for scope in (TOWN, DISTRICT, "reference", i.unit):
        yield i.ask("POST", "/v1/checkpoint", data=encode({"epoch": 1, "heads": {scope: (3, s.chain)}}))


Way = Callable[[Station, Secret], Iterator[Response]]


def _one(method: str, path: str, **options: object) -> Way:
    return lambda i, s: iter([i.ask(method, path.format(case=s.case_id), **options)])


WAYS: dict[tuple[str, str], Way] = {
    ("get", "/openapi.json"): _one("GET", "/openapi.json"),
    ("get", "/v1/hello"): _one("GET", "/v1/hello?case={case}"),
    ("get", "/v1/time"): _one("GET", "/v1/time?nonce=1"),
    ("post", "/v1/register"): _one(
        "POST", "/v1/register", json={"operator": "clerk", "password": PASSWORD, "unit": TOWN}
    ),
    ("post", "/v1/session"): _sessions,
    ("post", "/v1/password"): _one("POST", "/v1/password", json={"name": "clerk", "old": "x", "new": "y" * 9}),
    ("post", "/v1/push"): _pushes,
    ("post", "/v1/status"): lambda i, s: iter([i.ask("POST", "/v1/status", json={"ids": [*s.cmd_ids, s.case_id]})]),
    ("post", "/v1/pull"): _pulls,
    ("post", "/v1/checkpoint"): _checkpoints,
    ("get", "/v1/snapshot"): _snapshots,
    ("get", "/v1/snapshot/{sha256}"): _parts,
    ("get", "/v1/reference"): lambda i, s: iter(
        [i.ask("GET", f"/v1/reference?version={s.part}"), i.ask("GET", "/v1/reference")]
    ),
    ("put", "/v1/personal/{digest}"): lambda i, s: iter(
        [
            i.ask("PUT", f"/v1/personal/{s.digest}", data=b'{"salt":"s","name":"x"}'),
            i.ask("PUT", f"/v1/personal/{s.digest}", data=b"{}"),
        ]
    ),
    ("get", "/v1/personal/{digest}"): _personal,
    ("get", "/v1/deferred"): _one("GET", "/v1/deferred"),
}


def _calls(routes: Iterable[BaseRoute]) -> Iterator[tuple[str, str]]:
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from _calls(inner.routes)
        else:
            assert isinstance(route, Route | APIRoute), f"{route} is no call this test understands"
            yield from ((method.lower(), route.path) for method in (route.methods or ()) if method != "HEAD")


def test_every_call_has_a_row(district: District) -> None:
    calls = set(_calls(create_app(district.centre).routes))
    assert calls == set(WAYS)
    assert calls - {("get", "/openapi.json")} == set(CALLS), "what the document says is what there is"


def test_a_foreign_case_is_nowhere(district: District, secret: Secret, intruder: Station) -> None:
    before = _held(secret.town)
    for way in WAYS.values():
        for answer in way(intruder, secret):
            _says_nothing(answer)
    assert _held(secret.town) == before, "nothing of it changed either"
    assert district.rows(personal_read) == []
    for answer in (*_pulls(intruder, secret), *_snapshots(intruder, secret)):
        _says_nothing(answer)
        if answer.status_code == 200 and "parts" in answer.json():
            assert all(p["sha256"] != secret.part for p in answer.json()["parts"])
    district.audited()


def test_strangers_get_nothing_at_all(district: District, secret: Secret) -> None:
    """No token, a wrong one, another workstation's, a session of somebody else's workstation."""
    town = secret.town
    for device, token in (("", ""), (town.device, ""), (town.device, "x"), ("D-centre", ""), ("D-centre", "x")):
        stranger = Station(district.ask, district.clock, device, token, TOWN)
        stranger.dseq, stranger.head = town.dseq, town.head
        for (method, path), way in WAYS.items():
            for answer in way(stranger, secret):
                _says_nothing(answer)
                call = CALLS.get((method, path))
                if call is not None and call.by:
                    assert answer.status_code == 401, (method, path, answer.text)


def test_those_who_may_do_see_it(district: District, secret: Secret) -> None:
    """The same questions, asked by the case's own sub-centre and the district: or the tests above would prove nothing."""
    own = secret.town
    own.sign_in("clerk")
    centre = district.station(DISTRICT)
    centre.sign_in("operator")
    for station in (own, centre):
        assert MARKS[0] in station.pull_raw(0).text
        record = station.ask("GET", f"/v1/personal/{secret.digest}?case={secret.case_id}")
        assert record.json()["name"] == "某甲"
        manifest = decode(station.ask("GET", "/v1/snapshot").content, SnapshotManifest)
        assert MARKS[0] in station.ask("GET", f"/v1/snapshot/{manifest.parts[0].sha256}").content.decode()
    assert [row[:3] for row in district.rows(personal_read)] == [
        (secret.digest, secret.case_id, "clerk"),
        (secret.digest, secret.case_id, "operator"),
    ]


def _held(town: Station) -> list[str]:
    return [item.entry.hash for item in town.pull()]


def _says_nothing(answer: Response) -> None:
    assert answer.status_code < 500, answer.text
    shown = answer.content.decode(errors="replace") + str(answer.headers)
    for mark in MARKS:
        assert mark not in shown and mark.encode("unicode_escape").decode() not in shown
