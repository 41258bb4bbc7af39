"""Workstations: one-time codes, keys and signatures, receipts, revocation with quarantine (issue "Devices"; sync.md §3.9)."""

from __future__ import annotations

import threading

import msgspec
import pytest

from district import devices, enrolment
from district.api import push as push_call
from district.store.tables import device, enrolment_code, log, quarantine
from models import commands as c
from models.clock import MINUTE_MS, SystemClock
from models.enrolment_code import secret_hash
from models.signing import is_signed, new_key
from models.wire import Sealed, decode_command, seal
from tests.district.parties import DISTRICT, OPERATOR, REPORT, District, Station, dispatched_case, enrol_body, seeded
from tests.district.test_command_line import CommandLine, line
from tests.models.small_town import MARKET, SQUAD, TOWN

__all__ = ["line"]

KEY = new_key(seeded(5))


def _enrol(district: District, secret: str, unit: str = "") -> tuple[int, str]:
    answer = district.ask("POST", "/v1/enrol", json=enrol_body(secret, KEY, unit))
    return answer.status_code, answer.json().get("error", "")


def _operator(district: District) -> Station:
    found = district.station(DISTRICT)
    assert found.sign_in(OPERATOR).status_code == 200
    return found


# Codes


def test_a_code_lets_one_workstation_in_once(district: District) -> None:
    secret = district.code(TOWN).secret
    assert _enrol(district, secret, MARKET) == (403, "code_for_other_unit")
    assert _enrol(district, secret, TOWN) == (201, "")
    assert _enrol(district, secret, TOWN) == (403, "code_used")
    rows = [row for row in district.rows(device) if row[1] == TOWN]
    assert len(rows) == 1 and KEY.public in rows[0]
    assert secret not in str(district.rows(enrolment_code)), "only its hash is kept"
    assert secret_hash(secret) in str(district.rows(enrolment_code))


def test_two_workstations_with_one_code_at_the_same_time(district: District) -> None:
    secret = district.code(TOWN).secret
    found: list[tuple[int, str]] = []
    parties = [threading.Thread(target=lambda: found.append(_enrol(district, secret))) for _ in range(4)]
    for party in parties:
        party.start()
    for party in parties:
        party.join()
    assert sorted(found) == [(201, ""), *[(403, "code_used")] * 3]


def test_a_code_runs_out(district: District) -> None:
    secret = district.code(TOWN).secret
    district.clock.now_ms += 10 * MINUTE_MS
    assert _enrol(district, secret) == (403, "code_expired")


def test_whoever_guesses_waits_and_the_right_code_of_another_address_is_taken_meanwhile(district: District) -> None:
    secret = district.code(TOWN).secret
    wrong = [_enrol(district, f"000000000{n}")[1] for n in range(enrolment.MAX_FAILURES)]
    assert wrong == ["code_unknown"] * 4 + ["too_many_codes"]
    assert _enrol(district, secret) == (429, "too_many_codes")
    other = enrolment.Asked(secret, KEY.public, "", "10.1.2.3")
    with district.centre.writing() as connection:
        made = enrolment.redeem(connection, other, "t" * 43, district.clock.now_ms, district.centre.new_id)
    assert made.device is not None and made.device.unit == TOWN
    district.clock.now_ms += enrolment.LOCK_MS
    assert _enrol(district, district.code(TOWN).secret) == (201, "")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("10.0.0.1", "10.0.0.2", False),
        ("fd00:1:2:3::1", "fd00:1:2:3:ffff::9", True),
        ("fd00:1:2:3::1", "fd00:1:2:4::1", False),
        ("::ffff:10.0.0.1", "10.0.0.1", True),
    ],
)
def test_an_address_is_what_one_party_holds(one: str, other: str, same: bool) -> None:
    assert (enrolment.network_of(one) == enrolment.network_of(other)) is same


def test_who_does_not_hold_the_private_half_does_not_come_in(district: District) -> None:
    secret = district.code(TOWN).secret
    body = enrol_body(secret, KEY)
    for bad in (
        {**body, "public_key": new_key().public},
        {**body, "proof": KEY.sign("act", secret)},
        {**body, "public_key": ""},
        {**body, "public_key": "A" * 43},
    ):
        assert district.ask("POST", "/v1/enrol", json=bad).status_code == 400
    assert _enrol(district, secret) == (201, ""), "none of them used the code up"


def test_only_a_district_operator_makes_codes(district: District) -> None:
    town = district.station(TOWN)
    town.sign_in("clerk")
    assert town.ask("POST", "/v1/enrolment-codes", json={"unit": TOWN}).status_code == 403
    desk = _operator(district)
    assert desk.ask("POST", "/v1/enrolment-codes", json={"unit": "nowhere"}).json()["error"] == "unknown_unit"
    assert desk.ask("POST", "/v1/enrolment-codes", json={"unit": TOWN, "valid_minutes": 0}).status_code == 400
    made = desk.ask("POST", "/v1/enrolment-codes", json={"unit": TOWN, "label": "二号机"}).json()
    assert made["fingerprint"] == "" and len(made["code"]) == 14, "no TLS here, so no pin in the code"
    assert _enrol(district, made["code"].replace("-", "")[:10]) == (201, "")
    named = [d for d in desk.ask("GET", "/v1/devices").json()["devices"] if d["label"] == "二号机"]
    assert [(d["unit"], d["has_key"], d["registered_by"]) for d in named] == [(TOWN, True, OPERATOR)]


# Signatures


def test_every_act_is_kept_with_its_signature(district: District) -> None:
    town = district.station(TOWN)
    dispatched_case(town)
    assert town.key is not None
    with district.centre.reading() as connection:
        mine = [row for row in connection.execute(log.select()) if row.device == town.device]
    assert len(mine) == 3
    assert all(is_signed(Sealed(row.body, row.hash, row.alg, row.sig), town.key.public) for row in mine)


def test_an_act_signed_by_nobody_or_by_somebody_else_is_not_taken(district: District) -> None:
    town, market = district.station(TOWN), district.station(MARKET)
    assert town.key is not None and market.key is not None
    good = seal(town.command("clerk", REPORT, town.new_id()))
    right = town.key.signed(good)
    bad = {
        "signature_required": (good, msgspec.structs.replace(right, sig="")),
        "signature_wrong": (
            market.key.signed(good),
            msgspec.structs.replace(right, sig=town.key.sign("receipt", good.hash)),
        ),
    }
    for code, acts in bad.items():
        for act in acts:
            answer = town.ask("POST", "/v1/push", data=msgspec.json.encode(act) + b"\n")
            assert (answer.status_code, answer.json()["error"]) == (403, code)
    assert len(district.rows(log)) == 1, "the edition only"
    assert town.push(right).known[0][1] == "accepted"


def test_a_workstation_of_the_time_before_keys_still_hands_in_on_this_machine(district: District) -> None:
    old = district.old_station(TOWN)
    assert old.does("clerk", REPORT)[1] == "accepted"
    signed = msgspec.structs.replace(old.act("clerk", REPORT, old.new_id()), alg="ed25519", sig=KEY.sign("act", "x"))
    assert old.push_raw([signed]).json()["error"] == "signature_wrong", "nobody's key fits it"


def test_and_from_elsewhere_it_does_not(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = district.old_station(TOWN), district.station(TOWN)
    monkeypatch.setattr(push_call, "is_loopback", lambda _request: False)
    assert old.push_raw([old.act("clerk", REPORT, old.new_id())]).json()["error"] == "signature_required"
    assert new.does("clerk", REPORT)[1] == "accepted"


def test_signatures_are_checked_before_the_order_is_held(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    """While somebody else holds the order's lock a push is verified, and only then waits."""
    town = district.station(TOWN)
    act = town.act("clerk", REPORT, town.new_id())
    verified = threading.Event()

    def is_signed_and_told(sealed: Sealed, public: str) -> bool:
        verified.set()
        return is_signed(sealed, public)

    monkeypatch.setattr(push_call, "is_signed", is_signed_and_told)
    with district.centre.writing():
        pushing = threading.Thread(target=town.push, args=(act,))
        pushing.start()
        assert verified.wait(10), "it did not wait for the lock"
    pushing.join(20)
    assert town.receipt is not None and town.receipt.dseq == 1


# Receipts


def test_a_receipt_says_where_chain_and_order_stand(district: District) -> None:
    town = district.station(TOWN)
    dispatched_case(town)
    found = town.receipt
    assert found is not None
    with district.centre.reading() as connection:
        last = max(connection.execute(log.select()), key=lambda row: row.gseq)
    assert (found.dseq, found.hash, found.gseq, found.chain) == (3, town.head, last.gseq, last.chain)
    assert (found.epoch, found.at) == (1, district.clock.now_ms)
    town.push()
    assert town.receipt == found, "asked again at the same time, the same word"


# Revoked


def test_what_a_revoked_workstation_hands_in_is_kept_apart_once(district: District) -> None:
    town, desk = district.station(TOWN), _operator(district)
    case_id, _, _ = town.does("clerk", REPORT)
    before = len(district.rows(log))
    revoke = {"device": town.device, "reason": "工作机遗失"}
    assert town.ask("POST", "/v1/revocations", json=revoke).status_code in (401, 403)
    assert desk.ask("POST", "/v1/revocations", json=revoke).status_code == 200
    late = [town.act("clerk", args, case_id) for args in (c.File(), c.Dispatch(MARKET))]
    for _ in range(2):
        reply = town.push(*late)
        assert (reply.error, reply.want, reply.known, reply.head_dseq) == ("revoked", 4, [], 1)
    assert town.receipt is not None and town.receipt.dseq == 1, "no receipt for what was not taken"
    assert len(district.rows(log)) == before
    with district.centre.reading() as connection:
        kept = sorted(connection.execute(quarantine.select()), key=lambda row: row.dseq)
    assert [row.cmd_id for row in kept] == [decode_command(s.body).cmd_id for s in late]
    assert town.key is not None
    assert all(is_signed(Sealed(row.body, row.hash, row.alg, row.sig), town.key.public) for row in kept)
    mine = next(d for d in desk.ask("GET", "/v1/devices").json()["devices"] if d["id"] == town.device)
    assert (mine["acts"], mine["quarantined"], mine["reason"], mine["revoked_by"]) == (1, 2, "工作机遗失", OPERATOR)
    district.audited()


def test_a_revoked_workstation_learns_nothing_more(district: District) -> None:
    town, desk = district.station(TOWN), _operator(district)
    town.sign_in("clerk")
    with district.centre.writing() as connection:
        assert devices.revoke(connection, town.device, OPERATOR, "遗失", district.clock.now_ms)
        assert not devices.revoke(connection, town.device, OPERATOR, "再次", district.clock.now_ms)
    for method, path in (
        ("POST", "/v1/pull"),
        ("GET", "/v1/snapshot"),
        ("GET", "/v1/reference"),
        ("POST", "/v1/session"),
    ):
        answer = town.ask(method, path)
        assert (answer.status_code, answer.json()["error"]) == (403, "device_revoked"), path
    assert town.ask("POST", "/v1/status", json={"ids": []}).status_code == 200, "it may ask where its chain stands"
    for wrong in ({"device": "D-centre", "reason": "x"}, {"device": "D-nobody", "reason": "x"}):
        assert desk.ask("POST", "/v1/revocations", json=wrong).json()["error"] == "no_such_device"
    assert desk.ask("POST", "/v1/revocations", json={"device": desk.device, "reason": ""}).status_code == 400


def test_a_pull_that_waits_is_refused_when_its_workstation_is_revoked_meanwhile(district: District) -> None:
    """The hour of a unit does not begin on a stolen machine."""
    town, squad = district.station(TOWN), district.station(SQUAD)
    answers: list[int] = []
    known = {"reference_version": district.centre.reference_name}
    waiting = threading.Thread(target=lambda: answers.append(squad.pull_raw(0, wait_seconds=25, **known).status_code))
    waiting.start()
    until_ms = SystemClock().mono_ms() + 10_000
    while not district.centre.waiting.get(SQUAD) and SystemClock().mono_ms() < until_ms:
        pass
    with district.centre.writing() as connection:
        devices.revoke(connection, squad.device, OPERATOR, "遗失", district.clock.now_ms)
    dispatched_case(town, SQUAD)
    waiting.join(10)
    assert answers == [403]
    assert not any("case.deliver" in row for row in district.rows(log))


def test_a_push_on_its_way_when_its_workstation_is_revoked_comes_too_late(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its token was good when it was asked for; what counts is the state under the order's lock."""
    town = district.station(TOWN)
    act = town.act("clerk", REPORT, town.new_id())

    def is_signed_and_revoked(sealed: Sealed, public: str) -> bool:
        with district.centre.writing() as connection:
            devices.revoke(connection, town.device, OPERATOR, "遗失", district.clock.now_ms)
        return is_signed(sealed, public)

    monkeypatch.setattr(push_call, "is_signed", is_signed_and_revoked)
    assert town.push(act).error == "revoked"
    assert len(district.rows(quarantine)) == 1


def test_quarantine_does_not_fill_the_disk(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(devices, "MOST_QUARANTINED", 1)
    town = district.station(TOWN)
    with district.centre.writing() as connection:
        devices.revoke(connection, town.device, OPERATOR, "遗失", district.clock.now_ms)
    one, two = (town.act("clerk", REPORT, town.new_id()) for _ in range(2))
    assert town.push(one).error == "revoked"
    assert town.push_raw([two]).json()["error"] == "quarantine_full"


# The command line


def test_the_command_line_makes_codes_lists_and_revokes(district: District, line: CommandLine) -> None:
    code, whom = line("enrol", "--unit", TOWN, "--loopback", "--label", "front desk")
    assert TOWN in whom
    assert _enrol(district, code.replace("-", "")[:10]) == (201, "")
    line("enrol", "--unit", "nowhere", "--loopback", refused="unknown_unit")
    line("enrol", "--unit", TOWN, "--loopback", "--valid-minutes", "0", refused="minutes_out_of_range")
    (row,) = [r.split("\t") for r in line("devices") if "front desk" in r]
    assert row[1:4] == [TOWN, "A", "0"] and row[5:7] == ["signs", "in use"]
    line("revoke", row[0], "--reason", " ", refused="reason_missing")
    line("revoke", "D-nobody", "--reason", "lost", refused="no_such_device")
    assert line("revoke", row[0], "--reason", "lost") == ["revoked"]
    (row,) = [r.split("\t") for r in line("devices") if "front desk" in r]
    assert row[6].startswith("revoked ") and "(lost), 0 kept apart" in row[6]
