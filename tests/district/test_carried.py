"""Acts that one workstation hands in for another of its unit (交接包): only of its own unit, only as their maker signed them, only
in their place (sync.md §3.10, docs/decisions/0016)."""

from __future__ import annotations

from requests import Response

from district import devices
from district.store.tables import log, quarantine
from models import commands as c
from models.signing import new_key
from models.wire import PushReply, Sealed, decode, join_lines
from tests.district.parties import OPERATOR, REPORT, District, Station, seeded
from tests.models.small_town import MARKET, TOWN


def carries(sender: Station, *batch: Sealed) -> Response:
    return sender.ask("POST", "/v1/carried", data=join_lines(list(batch)))


def reply_of(answer: Response) -> PushReply:
    assert answer.status_code == 200, answer.text
    return decode(answer.content, PushReply)


def made(maker: Station) -> tuple[str, list[Sealed]]:
    """A case, filed, with a note: signed, sent by nobody."""
    case_id = maker.new_id()
    return case_id, [maker.signed(maker.act("clerk", args, case_id)) for args in (REPORT, c.File(), c.Note("好"))]


def test_they_are_the_makers_acts_in_the_makers_chain(district: District) -> None:
    maker, sender = district.station(TOWN), district.station(TOWN)
    _, acts = made(maker)
    reply = reply_of(carries(sender, *acts))
    assert [k[1] for k in reply.known] == ["accepted"] * 3 and (reply.error, reply.head_dseq) == ("", 3)
    rows = [row for row in district.rows(log) if row[2] == maker.device]
    assert [row[3] for row in rows] == [1, 2, 3]
    assert not [row for row in district.rows(log) if row[2] == sender.device]
    assert maker.push(*acts).known == reply.known, "the maker comes second, and is told the same"
    assert len(district.rows(log)) == 4
    district.audited()


def test_the_maker_first_then_whoever_carries(district: District) -> None:
    maker, sender = district.station(TOWN), district.station(TOWN)
    _, acts = made(maker)
    first = maker.push(*acts[:2])
    again = reply_of(carries(sender, *acts))
    assert again.known[:2] == first.known and again.known[2][1] == "accepted"
    assert again.head_dseq == 3
    assert maker.push(*acts[2:]).known == again.known[2:]
    district.audited()


def test_of_another_unit_of_the_centre_or_of_nobody_none_is_taken(district: District) -> None:
    maker, stranger = district.station(TOWN), district.station(MARKET)
    case_id, acts = made(maker)
    assert carries(stranger, *acts).json()["error"] == "not_your_device"
    for device in ("D-centre", "D-nobody"):
        forged = maker.signed(maker.act("clerk", c.Note("x"), case_id, device=device))
        maker.dseq, maker.head = maker.dseq - 1, acts[-1].hash
        assert carries(stranger, forged).json()["error"] == "not_your_device"
        assert carries(district.station(TOWN), forged).json()["error"] == "not_your_device"
    assert len(district.rows(log)) == 1, "the first edition"


def test_only_as_their_maker_signed_them(district: District) -> None:
    maker, sender = district.station(TOWN), district.station(TOWN)
    case_id, acts = made(maker)
    other = new_key(seeded(3))
    for bad, code in (
        (other.signed(acts[0]), "signature_wrong"),
        (Sealed(acts[0].body, acts[0].hash, "none"), "signature_required"),
        (sender.signed(Sealed(acts[0].body, acts[0].hash, "none")), "signature_wrong"),
    ):
        assert carries(sender, bad).json()["error"] == code
    old = district.old_station(TOWN)
    unsigned = old.act("clerk", REPORT, old.new_id())
    assert carries(sender, unsigned).json()["error"] == "signature_required", "only its own machine vouches for it"
    assert carries(sender, acts[0], sender.signed(sender.act("clerk", c.Note("x"), case_id))).status_code == 400
    assert carries(sender).status_code == 400
    assert len(district.rows(log)) == 1


def test_a_gap_and_a_fork_stay_what_they_are(district: District) -> None:
    maker, sender = district.station(TOWN), district.station(TOWN)
    case_id, acts = made(maker)
    assert (reply_of(carries(sender, *acts[1:])).error, reply_of(carries(sender, *acts[1:])).want) == ("gap", 1)
    copy = Station(district.ask, district.clock, maker.device, maker.token, TOWN, seed=9, key=maker.key)
    other = copy.signed(copy.act("clerk", REPORT, copy.new_id()))
    maker.push(*acts)
    assert reply_of(carries(sender, other)).error == "fork"
    assert case_id and len(district.rows(log)) == 4


def test_of_a_revoked_workstation_they_lie_apart_and_the_carrier_goes_on(district: District) -> None:
    maker, sender = district.station(TOWN), district.station(TOWN)
    _, acts = made(maker)
    with district.centre.writing() as connection:
        devices.revoke(connection, maker.device, OPERATOR, "遗失", district.clock.now_ms)
    for _ in range(2):
        assert reply_of(carries(sender, *acts)).error == "revoked"
    assert len(district.rows(quarantine)) == 3
    assert sender.does("clerk", REPORT)[1] == "accepted"
    with district.centre.writing() as connection:
        devices.revoke(connection, sender.device, OPERATOR, "遗失", district.clock.now_ms)
    assert carries(sender, *acts).json()["error"] == "device_revoked"
    district.audited()
