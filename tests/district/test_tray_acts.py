"""知道了 and 转交 at the centre: signed, chained and ordered like every act, about an act that came to nothing (docs/sync.md)."""

from __future__ import annotations

import pytest

from district import parsing
from district.deferred import settle_deferred
from models import commands as c
from models.tray_acts import SUBJECT
from models.wire import PushReply, Sealed, UnknownKind, decode_any, decode_command
from tests.district.parties import DISTRICT, REPORT, District, Station, kinds
from tests.models.small_town import MARKET, TOWN


def of(station: Station, person: str, args: c.CloseEntry | c.HandOn) -> Sealed:
    return station.act(person, args, "", subject=c.Subject(SUBJECT, args.cmd_id))


def said(reply: PushReply) -> list[tuple[str, str]]:
    assert reply.error == "", reply
    return [(outcome, code) for _id, outcome, code, _gseq in reply.known]


def refused(station: Station, person: str = "market-officer") -> tuple[str, str, str]:
    """An act on a case that nobody knows: (id, outcome, code)."""
    act = station.act(person, c.File(), station.new_id())
    ((cmd_id, outcome, code, _gseq),) = station.push(act).known
    assert outcome == "rejected"
    return cmd_id, outcome, code


def test_a_close_is_an_act_of_the_order_and_the_second_is_merged(district: District) -> None:
    town, other, market = district.station(TOWN), district.station(TOWN, seed=8), district.station(MARKET)
    cmd_id, outcome, code = refused(town, "clerk")
    close = c.CloseEntry(cmd_id, outcome, code)
    first = of(town, "clerk", close)
    assert said(town.push(first)) == [("accepted", "")]
    assert said(town.push(first)) == [("accepted", "")], "sent again it is what it was"
    assert said(other.push(of(other, "clerk-2", close))) == [("merged", "entry_closed")]
    assert said(market.push(of(market, "market-officer", close))) == [("rejected", "unknown_act")]
    both = [of(town, "clerk", c.CloseEntry(cmd_id, "merged")), of(town, "clerk", c.CloseEntry("no-act", "rejected"))]
    assert said(town.push(*both)) == [("rejected", "verdict_changed"), ("rejected", "unknown_act")]
    told = [kind for mode, kind in kinds(other.pull()) if mode == "own"]
    assert told.count("tray.close") == 4, "every workstation of the unit hears of it"
    assert kinds(market.pull()) == [("own", "tray.close")], "no other unit does: this is what it tried itself"
    district.audited()


def test_what_took_effect_and_what_is_no_act_is_not_closed(district: District) -> None:
    town = district.station(TOWN)
    report = town.act("clerk", REPORT, town.new_id())
    town.push(report)
    made = str(decode_any(report.body)["cmd_id"])
    close = c.CloseEntry(made, "accepted")
    both = of(town, "clerk", close), town.act("clerk", close, "some-case")
    assert said(town.push(*both)) == [("rejected", "took_effect"), ("rejected", "unknown_subject")]
    other = town.act("clerk", c.Note("x"), "", subject=c.Subject(SUBJECT, made))
    assert said(town.push(other)) == [("rejected", "unknown_subject")]
    district.audited()


def test_a_refused_report_is_closed_once(district: District) -> None:
    """The case does not exist at the centre; two of the unit have seen it, and both say so in one push."""
    town = district.station(TOWN)
    report = town.act("clerk", c.Report("", "no-such", "x", "x", "x", TOWN), town.new_id())
    ((cmd_id, outcome, code, _gseq),) = town.push(report).known
    assert outcome == "rejected"
    twice = [of(town, person, c.CloseEntry(cmd_id, outcome, code)) for person in ("clerk", "clerk-2")]
    assert said(town.push(*twice)) == [("accepted", ""), ("merged", "entry_closed")]
    district.audited()


def test_handing_on_is_for_the_units_own_people(district: District) -> None:
    town, other = district.station(TOWN), district.station(TOWN, seed=8)
    cmd_id, outcome, code = refused(town, "clerk")

    def to(person: str, note: str = "请再联系市场所") -> c.HandOn:
        return c.HandOn(cmd_id, outcome, person, note, "case.file", "some-case", "clerk", town.now(), code)

    acts = [of(town, "clerk", args) for args in (to("clerk-2"), to("market-officer"), to("clerk-2", ""))]
    assert said(town.push(*acts)) == [("accepted", ""), ("rejected", "not_a_colleague"), ("rejected", "reason_missing")]
    assert kinds(other.pull())[-3:] == [("own", "tray.hand_on")] * 3
    assert said(other.push(of(other, "clerk-2", c.CloseEntry(cmd_id, outcome, code)))) == [("accepted", "")]
    assert said(town.push(of(town, "clerk", to("clerk-2")))) == [("merged", "entry_closed")]
    district.audited()


def test_a_centre_that_does_not_know_it_keeps_it_and_holds_up_no_case(
    district: District, monkeypatch: pytest.MonkeyPatch
) -> None:
    town, centre = district.station(TOWN), district.station(DISTRICT)
    case_id = town.does("clerk", REPORT)[0]
    ((cmd_id, outcome, code, _gseq),) = town.push(town.act("clerk", c.Confirm(), case_id)).known
    with monkeypatch.context() as patch:
        patch.setattr(parsing, "decode_command", knows_no_tray)
        assert said(town.push(of(town, "clerk", c.CloseEntry(cmd_id, outcome, code)))) == [
            ("deferred", "upgrade_server")
        ]
        assert town.does("clerk", c.File(), case_id)[1] == "accepted"
    assert settle_deferred(district.centre) == 1
    assert kinds(town.pull())[-1] == ("own", "act.settle")
    assert kinds(centre.pull())[-1] == ("own", "act.settle")
    district.audited()


def knows_no_tray(body: str) -> c.Command:
    found = decode_command(body)
    if isinstance(found.args, c.CloseEntry):
        raise UnknownKind("tray.close")
    return found
