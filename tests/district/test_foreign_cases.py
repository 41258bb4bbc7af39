"""Every endpoint × role asks for a foreign case in every way that endpoint can name one, and gets nothing (issue, I18).

`WAYS` has a row for every call of the application: a new call without a row fails the first test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import get_args

import msgspec
import pytest
from fastapi.routing import APIRoute
from requests import Response
from starlette.routing import BaseRoute, Route

from district.api.blobs import PATH as PHOTOS
from district.app import CALLS, create_app
from district.store.tables import evidence_export, personal_read
from models import commands as c
from models.attachment import AttachmentKind
from models.recovery import LostBody, Was
from models.signing import new_key
from models.wire import PushReply, SnapshotManifest, decode, encode, join_lines, personal_hash, seal
from tests.district.foreign_acts import ACTS, Secret
from tests.district.parties import DISTRICT, PASSWORD, REPORT, District, Station, enrol_body
from tests.models.small_town import DEPARTMENT, MARKET, OTHER_TOWN, SMALL_VILLAGE, SQUAD, TOWN, VILLAGE

PHOTO = "密照片内容".encode() * 9
MARKS = (
    *("密案题目", "密案地点", "密案描述", "密号-001", "某甲", "0559-0000999", "密记退回"),
    *("密签收", "密到场", "密意见", "密结果", "密所见", "密因"),
    "密照片内容",
)
ROLES = {
    "a squad": (SQUAD, "squad-officer"),
    "an office whose officer is seconded": (MARKET, "market-deputy"),
    "the station of the place, before any check": (VILLAGE, "vice"),
    "another station": (SMALL_VILLAGE, "lone-head"),
    "a department": (DEPARTMENT, "water-officer"),
    "another sub-centre": (OTHER_TOWN, "other-clerk"),
    "a workstation nobody signed in at": (OTHER_TOWN, ""),
}
STAGES = {"filed": (), "asked back": (SQUAD,), "checked": (SQUAD, VILLAGE)}
"""How far the case has come, and who is in it by then beside its sub-centre and the district."""
FOREIGN = [(stage, role) for stage, units in STAGES.items() for role in ROLES if ROLES[role][0] not in units]


@pytest.fixture
def secret(request: pytest.FixtureRequest, district: District) -> Secret:
    stage = request.param if hasattr(request, "param") else "filed"
    town = district.station(TOWN)
    record = encode({"salt": "s", "name": "某甲", "phone": "0559-0000999"})
    digest = personal_hash("s", record)
    assert town.ask("PUT", f"/v1/personal/{digest}", data=record).status_code == 200
    found = Secret(town.new_id(), [], digest, town)
    report = msgspec.structs.replace(
        REPORT, number="密号-001", title="密案题目", place="密案地点", words="密案描述", personal=digest
    )
    for args in (report, c.File(), c.Note("密记退回")):
        _does(found, town, "clerk", args)
    found.photo = town.attaches("clerk", PHOTO, found.case_id)
    if STAGES[stage]:
        _goes_on(found, district, stage)
    manifest = decode(town.ask("GET", "/v1/snapshot").content, SnapshotManifest)
    found.part, found.chain = manifest.parts[0].sha256, town.pull()[-1].scope_chain
    return found


def _does(s: Secret, station: Station, person: str, args: c.Args) -> str:
    command = station.command(person, args, s.case_id)
    reply = station.push(station.sealed(seal(command)))
    assert [k[1] for k in reply.known] == ["accepted"], reply
    s.cmd_ids.append(command.cmd_id)
    return command.cmd_id


def _goes_on(s: Secret, district: District, stage: str) -> None:
    """With a unit, delivered, an open request; in the later stage handled and checked too."""
    squad, village = district.station(SQUAD), district.station(VILLAGE)
    s.assignment = f"{_does(s, s.town, 'clerk', c.Dispatch(SQUAD)).replace('-', '')[-12:]}.0"
    squad.pull()
    lead = s.assignment
    _does(s, squad, "squad-officer", c.Acknowledge(lead, "squad-officer"))
    if stage == "asked back":
        s.request = _does(s, squad, "squad-officer", c.AskReturn(lead, "密因"))
        return
    for args in (c.Arrive(lead, "密到场"), c.GiveOpinion(lead, "密意见", "做"), c.Feedback(lead, "密结果")):
        _does(s, squad, "squad-officer", args)
    _does(s, village, "vice", c.NameChecker("member-1"))
    _does(s, village, "member-1", c.CheckOnSite("member-1", True, "密所见"))
    s.request = _does(s, s.town, "clerk", c.AskVoid("密因"))


@pytest.fixture
def intruder(request: pytest.FixtureRequest, district: District) -> Station:
    unit, person = ROLES[request.param]
    found = district.station(unit)
    if person:
        assert found.sign_in(person).status_code == 200
    return found


"""How each kind of act would name the case."""


def _pushes(i: Station, s: Secret) -> Iterator[Response]:
    for actor in ("squad-officer", "other-clerk", "clerk", "vice", "operator", "district-centre"):
        answer = i.push_raw([i.act(actor, ACTS[kind](s), s.case_id) for kind in get_args(c.Args)])
        if answer.status_code == 200:
            verdicts = decode(answer.content, PushReply).known
            assert len(verdicts) == len(ACTS) and {v[1] for v in verdicts} == {"rejected"}, verdicts
        yield answer
    about_acts = [ACTS[kind](s) for kind in (c.CloseEntry, c.HandOn)]
    yield i.push_raw([i.act("other-clerk", args, "", subject=c.Subject("act", s.cmd_ids[2])) for args in about_acts])
    yield i.push_raw([i.act("clerk", c.Note("x"), s.case_id, unit=TOWN)])
    yield i.push_raw([i.act("other-clerk", c.Note("x"), s.case_id, cmd_id=s.cmd_ids[2])])
    yield i.push_raw([seal(i.command("clerk", c.Note("x"), s.case_id, device=s.town.device))])
    yield i.push_raw([seal(i.command("clerk", c.Note("x"), s.case_id, prev=s.town.head, dseq=4))])


def _carried(i: Station, s: Secret) -> Iterator[Response]:
    theirs = s.town.signed(seal(s.town.command("clerk", c.Note("x"), s.case_id)))
    for batch in ([theirs], [i.signed(i.act("clerk", c.Note("x"), s.case_id))], []):
        yield i.ask("POST", "/v1/carried", data=join_lines(batch))


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
    for part, headers in ((s.part, {}), (s.part, {"Range": "bytes=0-99"}), (s.part.upper(), {})):
        yield i.ask("GET", f"/v1/snapshot/{part}", headers=headers)


def _evidence(i: Station, s: Secret) -> Iterator[Response]:
    for wanted in (s.case_id, s.case_id.upper(), f"{s.case_id}?seen=4", "密号-001", s.cmd_ids[0], "%25", "%00"):
        yield i.ask("GET", f"/v1/evidence/{wanted}")


Way = Callable[[Station, Secret], Iterator[Response]]


def _photos(method: str) -> Way:
    """By the case and by the hash; then by an own case that names the hash without the bytes: knowing a hash opens nothing."""

    def ways(i: Station, s: Secret) -> Iterator[Response]:
        headers = {"Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
        own = i.new_id()
        quoting = c.Attach(s.photo, len(PHOTO), "image/jpeg", AttachmentKind.NEAR)
        report = msgspec.structs.replace(REPORT, town=OTHER_TOWN, station="")
        yield i.push_raw([i.act("other-clerk", report, own), i.act("other-clerk", quoting, own)])
        for case, name in (
            (s.case_id, s.photo),
            (own, s.photo),
            (s.case_id, "0" * 64),
            ("%25", s.photo),
            ("%00", "%00"),
        ):
            for more in ({}, {"Range": "bytes=0-9"}):
                answer = i.ask(method, f"/v1/cases/{case}/blobs/{name}", data=b"", headers={**headers, **more})
                assert answer.status_code in (401, 404) or (case == own and answer.headers["upload-complete"] == "?0")
                yield answer

    return ways


def _sessions(i: Station, s: Secret) -> Iterator[Response]:
    for name in ("clerk", "operator", "other-clerk"):
        yield i.ask("POST", "/v1/session", json={"name": name, "password": PASSWORD, "unit": TOWN})


def _checkpoints(i: Station, s: Secret) -> Iterator[Response]:
    for scope in (TOWN, DISTRICT, "reference", i.unit):
        yield i.ask("POST", "/v1/checkpoint", data=encode({"epoch": 1, "heads": {scope: (3, s.chain)}}))


def _one(method: str, path: str, **options: object) -> Way:
    return lambda i, s: iter([i.ask(method, path.format(case=s.case_id), **options)])


OPERATORS = ("devices", "recovery", "deferred", "check-reviews", "record-reads")
WAYS: dict[tuple[str, str], Way] = {
    **{("get", f"/v1/{name}"): _one("GET", f"/v1/{name}") for name in OPERATORS},
    ("get", "/openapi.json"): _one("GET", "/openapi.json"),
    ("get", "/v1/hello"): _one("GET", "/v1/hello?case={case}"),
    ("get", "/v1/time"): _one("GET", "/v1/time?nonce=1"),
    ("post", "/v1/enrol"): _one("POST", "/v1/enrol", json=enrol_body("0000000000", new_key(), TOWN)),
    ("post", "/v1/enrolment-codes"): _one("POST", "/v1/enrolment-codes", json={"unit": TOWN}),
    ("post", "/v1/revocations"): lambda i, s: iter(
        [i.ask("POST", "/v1/revocations", json={"device": s.town.device, "reason": "x"})]
    ),
    ("get", "/v1/quarantine"): lambda i, s: iter([i.ask("GET", f"/v1/quarantine?device={s.town.device}")]),
    ("post", "/v1/quarantine"): lambda i, s: iter(
        [
            i.ask("POST", "/v1/quarantine", json={"device": s.town.device, "hashes": [s.town.head], **more})
            for more in ({"admit": True, "reason": "x"}, {"admit": False, "reason": "x"})
        ]
    ),
    ("post", "/v1/session"): _sessions,
    ("post", "/v1/password"): _one("POST", "/v1/password", json={"name": "clerk", "old": "x", "new": "y" * 9}),
    ("post", "/v1/push"): _pushes,
    ("post", "/v1/carried"): _carried,
    ("post", "/v1/status"): lambda i, s: iter([i.ask("POST", "/v1/status", json={"ids": [*s.cmd_ids, s.case_id]})]),
    ("post", "/v1/pull"): _pulls,
    ("post", "/v1/checkpoint"): _checkpoints,
    ("post", "/v1/witness"): _one("POST", "/v1/witness", json={"body": "{}", "sig": "x"}),
    ("post", "/v1/lost"): lambda i, s: iter(
        [i.ask("POST", "/v1/lost", data=encode(LostBody([Was(name, 1, 1, "rejected") for name in s.cmd_ids])))]
    ),
    ("post", "/v1/recovery"): _one("POST", "/v1/recovery", json={"reason": "x"}),
    ("get", "/v1/snapshot"): _snapshots,
    ("get", "/v1/snapshot/{sha256}"): _parts,
    ("get", "/v1/past-cases"): _one("GET", "/v1/past-cases?words=2026"),
    ("get", "/v1/reference"): lambda i, s: iter(
        [i.ask("GET", f"/v1/reference?version={s.part}"), i.ask("GET", "/v1/reference")]
    ),
    ("put", "/v1/personal/{digest}"): lambda i, s: iter(
        [i.ask("PUT", f"/v1/personal/{s.digest}", data=body) for body in (b'{"salt":"s","name":"x"}', b"{}")]
    ),
    ("get", "/v1/personal/{digest}"): _personal,
    ("get", "/v1/evidence/{case}"): _evidence,
    **{(method, PHOTOS): _photos(method.upper()) for method in ("head", "patch", "get")},
    ("post", "/v1/check-reviews"): lambda i, s: iter(
        [i.ask("POST", "/v1/check-reviews", json={"cmd_id": s.cmd_ids[-1], "decision": "stands", "reason": "x"})]
    ),
}


def _calls(routes: Iterable[BaseRoute]) -> Iterator[tuple[str, str]]:
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from _calls(inner.routes)
        else:
            assert isinstance(route, Route | APIRoute), f"{route} is no call this test understands"
            yield from (
                (method.lower(), route.path)
                for method in (route.methods or ())
                if method != "HEAD" or isinstance(route, APIRoute)
            )


def test_every_call_has_a_row(district: District) -> None:
    calls = set(_calls(create_app(district.centre).routes))
    assert calls == set(WAYS)
    assert calls - {("get", "/openapi.json")} == set(CALLS), "what the document says is what there is"


def test_every_kind_of_act_is_tried() -> None:
    assert set(ACTS) == set(get_args(c.Args))


@pytest.mark.parametrize(
    ("secret", "intruder"),
    [pytest.param(*one, marks=[pytest.mark.landing] if STAGES[one[0]] else []) for one in FOREIGN],
    indirect=True,
)
def test_a_foreign_case_is_nowhere(district: District, secret: Secret, intruder: Station) -> None:
    before = _held(secret.town)
    for way in WAYS.values():
        for answer in way(intruder, secret):
            _says_nothing(answer)
    assert _held(secret.town) == before, "nothing of it changed either"
    assert district.rows(personal_read) == district.rows(evidence_export) == []
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
        assert MARKS[0].encode() in station.ask("GET", f"/v1/evidence/{secret.case_id}").content
        manifest = decode(station.ask("GET", "/v1/snapshot").content, SnapshotManifest)
        assert MARKS[0] in station.ask("GET", f"/v1/snapshot/{manifest.parts[0].sha256}").content.decode()
        assert station.ask("GET", f"/v1/cases/{secret.case_id}/blobs/{secret.photo}").content == PHOTO
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
