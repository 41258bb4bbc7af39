"""Malformed anything is a clear answer and never a 5xx; nothing of it is stored (issue, "Bad input")."""

from __future__ import annotations

import json
import socket

import msgspec
import pytest

from district.store.tables import log
from models import commands as c
from models.deadline import Limit, LimitUnit, WorkDayReading
from models.evidence import Anchor, ClaimedTime
from models.signing import new_key
from models.wire import GENESIS, Sealed, chain_hash, seal
from tests.district.parties import REPORT, District, Station, dispatched_case, enrol_body
from tests.models.small_town import MARKET, TOWN, VILLAGE

HUGE = 10**30


def _body(station: Station, **changes: object) -> str:
    command = msgspec.to_builtins(station.command("clerk", REPORT, station.new_id()))
    return json.dumps({**command, **changes}, ensure_ascii=False)


def _sealed(body: str, prev: str = GENESIS) -> Sealed:
    return Sealed(body, chain_hash(prev, body), "none")


@pytest.mark.parametrize(
    "raw",
    [
        b"\xff\xfe",
        b"{",
        b"[]\n",
        b"null\n",
        b"5\n",
        b"[" * 100_000,
        b'{"body":5,"hash":"","alg":"none"}\n',
        b'{"body":"","hash":"","alg":"none"}\n',
        b'{"body":"{}","hash":"","alg":"none"}\n',
        b'{"body":"' + b"[" * 50_000 + b'","hash":"","alg":"none"}\n',
        b'{"body":"\\ud800","hash":"","alg":"none"}\n',
    ],
)
def test_bytes_that_are_no_commands(district: District, raw: bytes) -> None:
    town = district.station(TOWN)
    answer = town.ask("POST", "/v1/push", data=raw)
    assert (answer.status_code, answer.json()["error"]) == (400, "malformed")
    assert len(district.rows(log)) == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"cmd_id": ""},
        {"cmd_id": "x" * 65},
        {"cmd_id": "a b"},
        {"cmd_id": 5},
        {"subject": {"type": "case", "id": "x" * 9_000}},
        {"subject": {"type": "case", "id": "'; drop table log"}},
        {"subject": None},
        {"dseq": 0},
        {"dseq": -1},
        {"dseq": HUGE},
        {"dseq": 1.5},
        {"dseq": "1"},
        {"prev": "short"},
        {"v": HUGE},
        {"expect": HUGE},
        {"time": {"wall_ms": HUGE, "boot": "b", "mono_ms": 1}},
        {"time": {"wall_ms": 1}},
        {"args": {"type": 5}},
        {"args": {}},
        {"args": []},
        {"args": {"type": "case.later", "deep": {"n": [HUGE]}}},
        {"args": {"type": "case.later", "deep": ["\x00"]}},
        {"args": {"type": "case.later", "deep": json.loads("[" * 100 + "]" * 100)}},
        {"args": {"type": "case.note", "note": "\x00"}},
        {"actor": "\x00"},
    ],
)
def test_commands_with_a_wrong_part(district: District, changes: dict[str, object]) -> None:
    town = district.station(TOWN)
    body = _body(town, **changes)
    prev = str(changes.get("prev", GENESIS))
    answer = town.push_raw([_sealed(body, prev)])
    assert (answer.status_code, answer.json()["error"]) == (400, "malformed"), answer.text
    assert len(district.rows(log)) == 1


def test_a_body_that_is_not_what_was_hashed_or_signed_otherwise(district: District) -> None:
    town = district.station(TOWN)
    good = seal(town.command("clerk", REPORT, town.new_id()))
    for bad in (
        msgspec.structs.replace(good, hash="0" * 64),
        msgspec.structs.replace(good, body=good.body.replace("clerk", "clerk-2")),
        msgspec.structs.replace(good, alg="sm2"),
        msgspec.structs.replace(good, alg="none", sig="x"),
    ):
        assert town.push_raw([bad]).status_code == 400
    assert len(district.rows(log)) == 1
    assert town.push_raw([good]).status_code == 200


def test_one_bad_line_and_none_is_taken(district: District) -> None:
    town = district.station(TOWN)
    good = seal(town.command("clerk", REPORT, town.new_id()))
    raw = msgspec.json.encode(town.signed(good)) + b"\n{}\n"
    assert town.ask("POST", "/v1/push", data=raw).status_code == 400
    assert len(district.rows(log)) == 1


def test_too_much_at_once(district: District) -> None:
    town = district.station(TOWN)
    many = [town.act("clerk", c.Note("x"), "case") for _ in range(201)]
    answer = town.push_raw(many)
    assert (answer.status_code, answer.json()["error"]) == (413, "too_many")
    big = [town.act("clerk", c.Note("x" * 60_000), "case") for _ in range(5)]
    answer = town.push_raw(big)
    assert (answer.status_code, answer.json()["error"]) == (413, "too_large")
    assert town.ask("POST", "/v1/push", data=iter([b" " * 200_000] * 3)).status_code == 413, "and without a length"
    assert town.ask("POST", "/v1/status", json={"ids": ["x"] * 1_001}).status_code == 413
    assert len(district.rows(log)) == 1


def test_exactly_as_much_as_allowed(district: District) -> None:
    town = district.station(TOWN)
    reply = town.push(*[town.act("clerk", REPORT, town.new_id()) for _ in range(200)])
    assert len(reply.known) == 200 and reply.head_dseq == 200
    assert district.audited().cases == 200


def test_an_empty_push_says_where_the_chain_stands(district: District) -> None:
    town = district.station(TOWN)
    town.does("clerk", REPORT)
    reply = town.push()
    assert (reply.head_dseq, reply.head_hash, reply.known) == (1, town.head, [])


@pytest.mark.parametrize(
    "limit",
    [
        Limit((1 << 53) - 1, LimitUnit.NATURAL_DAY),
        Limit(10**9, LimitUnit.WORK_DAY),
        Limit(10**9, LimitUnit.WORK_DAY, WorkDayReading.HOURS),
        Limit(10**9, LimitUnit.WORK_DAY, WorkDayReading.SAME_CLOCK),
        Limit(10**12, LimitUnit.WORK_HOUR),
    ],
)
def test_a_limit_no_calendar_reaches_gets_a_verdict_and_does_not_block_the_chain(
    district: District, limit: Limit
) -> None:
    town, market = district.station(TOWN), district.station(MARKET)
    case_id = town.new_id()
    town.push(*[town.act("clerk", a, case_id) for a in (REPORT, c.File())])
    town.does("clerk", c.Dispatch(MARKET, limit=limit), case_id)
    market.pull()
    assert town.does("clerk", c.Note("下一件"), case_id)[1] == "accepted"
    district.audited()


@pytest.mark.parametrize(
    "time",
    [
        ClaimedTime(0, "", 0),
        ClaimedTime(-(1 << 52), "b", 1 << 52, Anchor(1 << 52, -(1 << 52), 1 << 52, "b")),
        ClaimedTime(1, "b", 1, Anchor(5, 1, 0, "b")),
        ClaimedTime(1, "b", 1, Anchor(-5, 1, -9, "b")),
        ClaimedTime(1, "b", 1, Anchor((1 << 53) - 1, 1, 0, "b")),
    ],
)
def test_times_that_cannot_be_true_prove_nothing(district: District, time: ClaimedTime) -> None:
    """Registered at T, received at T + 10 min: whatever a workstation claims, the act lies between (I15)."""
    town = district.station(TOWN)
    registered = district.clock.now_ms
    district.clock.now_ms += 600_000
    sealed = town.act("clerk", REPORT, town.new_id(), time=time)
    assert town.push(sealed).known[0][1] == "accepted"
    lo, hi, _ = town.pull()[-1].entry.evidence
    assert registered <= lo <= hi <= district.clock.now_ms
    district.audited()


def test_an_anchor_against_the_chain_is_doubtful(district: District) -> None:
    town = district.station(TOWN)
    case_id = dispatched_case(town)
    district.clock.now_ms += 600_000
    town.does("clerk", c.Note("准时"), case_id)
    back = Anchor(district.clock.now_ms - 500_000, 1, 0, "b")
    town.push(town.act("clerk", c.Note("倒退"), case_id, time=ClaimedTime(1, "b", 1, back)))
    one, two = (item.entry.evidence for item in town.pull()[-2:])
    assert one[2] == "A" and two == (one[0], district.clock.now_ms, "C")


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/v1/push", 405),
        ("DELETE", "/v1/hello", 405),
        ("POST", "/v1/pull", 400),
        ("POST", "/v1/status", 400),
        ("POST", "/v1/session", 400),
        ("GET", "/v1/time?nonce=%00", 400),
        ("GET", "/v1/time?nonce=" + "x" * 500, 400),
        ("GET", "/v1/snapshot/", 404),
        ("GET", "/v1/snapshot/%00", 404),
        ("GET", "/v1/snapshot/..%2f..", 404),
        ("PUT", "/v1/personal/%00", 400),
    ],
)
def test_every_error_has_one_shape(district: District, method: str, path: str, status: int) -> None:
    answer = district.station(TOWN).ask(method, path)
    assert answer.status_code == status
    assert set(answer.json()) == {"error", "detail", "now_ms"}


@pytest.mark.parametrize("name", ["\x00", "x" * 100_000, "clerk\n", "' or 1=1"])
def test_names_of_nobody(district: District, name: str) -> None:
    town = district.station(TOWN)
    answer = town.ask("POST", "/v1/session", json={"name": name, "password": "x"})
    assert answer.status_code in (400, 403)
    enrol = enrol_body(name, new_key(), unit=name)
    assert district.ask("POST", "/v1/enrol", json=enrol).status_code in (400, 403)
    assert town.ask("POST", "/v1/status", json={"ids": [name]}).status_code in (200, 400)


def test_a_peer_from_elsewhere_is_refused_without_tls(district: District) -> None:
    """The machine's other addresses do not count as loopback; the service does not even listen there."""
    port = int(district.address.rsplit(":", 1)[1])
    own = {i[4][0] for i in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)} - {"127.0.0.1", "127.0.1.1"}
    for address in own:
        with pytest.raises(OSError), socket.create_connection((address, port), 2):
            pass


def test_acts_of_people_who_do_not_sit_there(district: District) -> None:
    town = district.station(TOWN)
    for person in ("vice", "nobody", "", "district-centre"):
        assert town.does(person, REPORT)[1] == "rejected"
    village = district.station(VILLAGE)
    sealed = village.act("clerk", REPORT, village.new_id(), unit=TOWN)
    assert village.push(sealed).known[0][1:3] == ("rejected", "not_at_this_desk")
    other = village.act("vice", c.Note("x"), "grid-1")
    assert village.push(other).known[0][1:3] == ("rejected", "unknown_case")
    subject = village.command("vice", c.Note("x"), "grid-1")
    subject = msgspec.structs.replace(subject, subject=c.Subject("grid", "grid-1"))
    assert village.push(village.sealed(seal(subject))).known[0][1:3] == ("rejected", "unknown_subject")
    district.audited()
