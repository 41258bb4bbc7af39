"""The review of what revoked workstations handed in (docs/decisions/0015): seen, admitted in its place, declined, each on record."""

from __future__ import annotations

import threading
from typing import Any

import msgspec
import pytest

from district import devices, review
from district.audit import audit
from district.journal import Journal
from district.store.tables import log, quarantine
from models import commands as c
from models.case import Case
from models.clock import MINUTE_MS
from models.people import CENTRE_DEVICE
from models.store.case_table import get_case
from models.wire import Sealed, decode_command, seal
from tests.district.parties import DISTRICT, OPERATOR, REPORT, District, Station, dispatched_case
from tests.district.test_command_line import CommandLine, line
from tests.models.small_town import MARKET, TOWN

__all__ = ["line"]

SECOND = "operator-2"
"""The other operator of the small district: whoever revoked may not admit."""

WHY = "核对属实"


@pytest.fixture
def desk(district: District) -> Station:
    return _desk(district, SECOND)


def _desk(district: District, person: str) -> Station:
    found = district.station(DISTRICT)
    assert found.sign_in(person).status_code == 200
    return found


def revoked(district: District, station: Station, by: str = OPERATOR) -> None:
    with district.centre.writing() as connection:
        assert devices.revoke(connection, station.device, by, "遗失", district.clock.now_ms)


def listed(desk: Station, device: str) -> dict[str, Any]:
    answer = desk.ask("GET", f"/v1/quarantine?device={device}")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def decides(
    desk: Station, device: str, acts: list[Sealed], *, admit: bool = True, reason: str = WHY
) -> tuple[int, Any]:
    body = {"device": device, "hashes": [sealed.hash for sealed in acts], "admit": admit, "reason": reason}
    answer = desk.ask("POST", "/v1/quarantine", json=body)
    return answer.status_code, answer.json().get("error", answer.json())


def case_of(district: District, case_id: str) -> Case:
    with district.centre.reading() as connection:
        found = get_case(connection, case_id)
    assert found is not None
    return found


def late_acts(district: District, town: Station) -> tuple[str, list[Sealed]]:
    """A case of before; the workstation is revoked, and hands in three more acts."""
    case_id, _, _ = town.does("clerk", REPORT)
    revoked(district, town)
    late = [town.act("clerk", args, case_id) for args in (c.File(), c.Dispatch(MARKET), c.Note("电话已告知"))]
    assert town.push(*late).error == "revoked"
    return case_id, late


def test_an_operator_sees_who_made_what_and_whether_it_holds(district: District, desk: Station) -> None:
    town = district.station(TOWN)
    case_id, _ = late_acts(district, town)
    found = listed(desk, town.device)
    assert (found["unit"], found["revoked_by"], found["why"]) == (TOWN, OPERATOR, "遗失")
    assert (found["waiting"], found["decided"]) == (3, 0)
    assert [(a["kind"], a["actor"], a["case_id"], a["dseq"]) for a in found["acts"]] == [
        ("case.file", "clerk", case_id, 2),
        ("case.dispatch", "clerk", case_id, 3),
        ("case.note", "clerk", case_id, 4),
    ]
    assert all(a["is_signed"] and a["joins"] and a["made_at"] == district.clock.now_ms for a in found["acts"])
    assert listed(desk, desk.device)["acts"] == []
    assert desk.ask("GET", "/v1/quarantine?device=D-nobody").status_code == 404


def test_only_district_operators_look_and_decide(district: District) -> None:
    town, clerk = district.station(TOWN), district.station(TOWN)
    _, late = late_acts(district, town)
    clerk.sign_in("clerk")
    intake = district.station(DISTRICT)
    intake.sign_in("intake")
    for station, code in ((clerk, 403), (intake, 403), (town, 403), (district.station(DISTRICT), 401)):
        assert station.ask("GET", f"/v1/quarantine?device={town.device}").status_code == code
        assert decides(station, town.device, late)[0] == code
    assert {row[8] for row in district.rows(quarantine)} == {""}


def test_admitted_acts_are_judged_at_their_place_by_their_own_evidence(district: District, desk: Station) -> None:
    town = district.station(TOWN)
    case_id, late = late_acts(district, town)
    made_at = district.clock.now_ms
    district.clock.now_ms += 300 * MINUTE_MS
    status, done = decides(desk, town.device, late)
    assert status == 200 and [k[1] for k in done["known"]] == ["accepted"] * 3 and done["decided"] == 3
    case = case_of(district, case_id)
    assert case.filed_by == "clerk" and case.filed_at is not None and case.filed_at.hi <= made_at
    assert case.lead is not None and case.lead.receiver == MARKET
    steps = {step.cmd_id: step for step in case.history}
    said = [s for s in case.history if s.kind == "case.review_quarantined"]
    assert [(s.actor, s.note, s.unit, steps[s.to].kind) for s in said] == [
        (SECOND, WHY, DISTRICT, kind) for kind in ("case.file", "case.dispatch", "case.note")
    ]
    with district.centre.reading() as connection:
        rows = sorted(connection.execute(log.select()), key=lambda row: row.gseq)
    ours = [row for row in rows if row.device == town.device]
    assert [(row.dseq, row.actor, row.sig != "") for row in ours] == [(n, "clerk", True) for n in (1, 2, 3, 4)]
    assert all(row.received_at == district.clock.now_ms for row in rows if row.kind == "case.review_quarantined")
    (dispatch,) = [clock for clock in case.clocks if clock.id == "dispatch-1"]
    assert dispatch.verdict is not None and dispatch.verdict.value == "on_time", (
        "ten minutes, and no review shortens them"
    )
    district.audited()


def test_the_units_console_hears_of_it_in_its_feed(district: District, desk: Station) -> None:
    town, other = district.station(TOWN), district.station(TOWN)
    _, late = late_acts(district, town)
    before = len(other.pull())
    decides(desk, town.device, late[:1])
    assert [i.entry.outcome for i in other.pull()[before:]] == ["accepted", "accepted"]
    district.audited()


def test_deciding_again_changes_nothing_and_otherwise_is_refused(district: District, desk: Station) -> None:
    town = district.station(TOWN)
    _, late = late_acts(district, town)
    decides(desk, town.device, late[:1])
    before = district.rows(log)
    assert decides(desk, town.device, late[:1])[1]["decided"] == 0
    assert decides(desk, town.device, late[:1], admit=False) == (409, "already_decided")
    assert decides(desk, town.device, late[1:], admit=False)[1]["decided"] == 2
    assert decides(desk, town.device, late[1:]) == (409, "already_decided")
    assert len(district.rows(log)) == len(before) + 2
    assert [row[:1] for row in district.rows(quarantine)] == [(town.device,)] * 3, "nothing is deleted"
    district.audited()


def test_who_took_it_out_does_not_let_its_acts_in_and_nobody_his_own(district: District, desk: Station) -> None:
    town, here = district.station(TOWN), district.station(DISTRICT)
    _, late = late_acts(district, town)
    first = _desk(district, OPERATOR)
    assert decides(first, town.device, late) == (403, "revoker_may_not_admit")
    assert decides(first, town.device, late[2:], admit=False)[0] == 200, "leaving it apart takes one"
    revoked(district, here)
    own = here.act(SECOND, msgspec.structs.replace(REPORT, town=TOWN), here.new_id())
    assert here.push(own).error == "revoked"
    assert decides(desk, here.device, [own]) == (403, "own_act_not_admitted")
    district.audited()


def test_acts_are_admitted_in_their_order(district: District, desk: Station) -> None:
    town = district.station(TOWN)
    case_id, late = late_acts(district, town)
    before = district.rows(log)
    assert decides(desk, town.device, late[1:]) == (409, "earlier_undecided")
    assert decides(desk, town.device, [late[0], late[2]]) == (409, "earlier_undecided")
    assert district.rows(log) == before, "all or nothing"
    assert decides(desk, town.device, late[:1])[0] == decides(desk, town.device, late[1:])[0] == 200
    assert case_of(district, case_id).lead is not None


def test_what_follows_a_declined_act_may_still_be_admitted(district: District, desk: Station) -> None:
    """Its place in the chain is known and counts; what it said does not."""
    town = district.station(TOWN)
    case_id, late = late_acts(district, town)
    assert decides(desk, town.device, [late[1]], admit=False, reason="此案另派")[0] == 200
    status, done = decides(desk, town.device, [late[0], late[2]])
    assert status == 200 and [k[1] for k in done["known"]] == ["accepted", "accepted"]
    case = case_of(district, case_id)
    assert case.lead is None and case.filed_at is not None
    assert [s.kind for s in case.history if s.kind == "case.dispatch"] == []
    (passed,) = [a for a in listed(desk, town.device)["acts"] if a["decision"] == "declined"]
    assert (passed["reason"], passed["decided_by"], passed["outcome"]) == ("此案另派", SECOND, "")
    reply = town.push(town.act("clerk", c.Note("还有"), case_id))
    assert (reply.error, reply.head_dseq, reply.want) == ("revoked", 4, 6)
    district.audited()


def test_an_act_that_does_not_join_stays_apart(district: District, desk: Station) -> None:
    """A copied store has two acts for one place: when one is admitted the other never can be."""
    town = district.station(TOWN)
    case_id, late = late_acts(district, town)
    copy = Station(district.ask, district.clock, town.device, town.token, TOWN, seed=9, key=town.key)
    copy.dseq, copy.head = 1, decode_command(late[0].body).prev
    other = [copy.act("clerk", c.Note("副本"), case_id) for _ in range(2)]
    copy.push(*other)
    assert [a["joins"] for a in listed(desk, town.device)["acts"]] == [True] * 5, "either may be the one"
    assert decides(desk, town.device, [late[0], other[1]]) == (409, "does_not_join")
    assert decides(desk, town.device, late[:1])[0] == 200
    joins = {a["hash"]: a["joins"] for a in listed(desk, town.device)["acts"]}
    assert [joins[s.hash] for s in (*late[1:], *other)] == [True, True, False, False]
    assert decides(desk, town.device, other) == (409, "does_not_join")
    assert decides(desk, town.device, other, admit=False)[0] == 200
    missing = town.sealed(seal(town.command("clerk", c.Note("缺"), case_id)))
    beyond = town.act("clerk", c.Note("其后"), case_id)
    town.push(beyond)
    assert missing.hash not in {a["hash"] for a in listed(desk, town.device)["acts"]}
    assert decides(desk, town.device, [*late[1:], beyond]) == (409, "does_not_join"), "a gap stays a gap"
    district.audited()


def test_a_wrong_signature_is_never_admitted(district: District, desk: Station) -> None:
    """It cannot come in over the line; somebody may have written it into the database."""
    town = district.station(TOWN)
    _, late = late_acts(district, town)
    with district.centre.writing() as connection:
        forged = {"sig": "A" * 86}
        connection.execute(quarantine.update().where(quarantine.c.hash == late[1].hash).values(**forged))
    assert [a["is_signed"] for a in listed(desk, town.device)["acts"]] == [True, False, True]
    assert decides(desk, town.device, late) == (403, "signature_wrong")
    assert decides(desk, town.device, [late[1]], admit=False)[0] == 200
    assert decides(desk, town.device, [late[0], late[2]])[0] == 200
    district.audited()


def test_an_act_and_its_undoing_are_decided_on_together(district: District, desk: Station) -> None:
    town = district.station(TOWN)
    case_id, _, _ = town.does("clerk", REPORT)
    revoked(district, town)
    filed = town.command("clerk", c.File(), case_id)
    acts = [
        town.sealed(seal(filed)),
        town.act("clerk", c.Note("误"), case_id),
        town.act("clerk", c.Retract(filed.cmd_id), case_id),
    ]
    town.push(*acts)
    assert decides(desk, town.device, acts[:2]) == (409, "taken_back_later")
    assert decides(desk, town.device, [acts[1]], admit=False)[0] == 200
    status, done = decides(desk, town.device, [acts[0], acts[2]])
    assert status == 200 and [k[1:3] for k in done["known"]] == [["rejected", "retracted"], ["accepted", ""]]
    assert case_of(district, case_id).filed_at is None
    district.audited()


def act_and_undo(district: District) -> tuple[Station, str, Sealed, Sealed]:
    """A revoked workstation, a case of its own, and what it did there and took back since; nothing handed in yet."""
    town = district.station(TOWN)
    case_id, _, _ = town.does("clerk", REPORT)
    revoked(district, town)
    filed = town.command("clerk", c.File(), case_id)
    return town, case_id, town.sealed(seal(filed)), town.act("clerk", c.Retract(filed.cmd_id), case_id)


def test_what_came_again_through_another_workstation_counts_once(district: District, desk: Station) -> None:
    """Let in again the workstation numbers its acts anew under the same ids (sync-R3, R4), before the review or after it."""
    town, new = district.station(TOWN), district.station(TOWN)
    case_id, late = late_acts(district, town)
    again = [_moved(new, sealed) for sealed in late[:1]]
    assert new.push(*again).known[0][1] == "accepted"
    told = listed(desk, town.device)["acts"][0]
    assert (told["outcome"], told["through"]) == ("accepted", new.device)
    status, done = decides(desk, town.device, late)
    assert status == 200 and [k[1] for k in done["known"]] == ["accepted"] * 3
    after = [_moved(new, sealed) for sealed in late[1:]]
    assert [k[1] for k in new.push(*after).known] == ["accepted"] * 2
    kinds = [s.kind for s in case_of(district, case_id).history]
    assert kinds.count("case.file") == kinds.count("case.dispatch") == 1 and kinds.count("case.review_quarantined") == 2
    district.audited()


def test_a_declined_id_that_another_workstation_stands_for_is_judged(district: District, desk: Station) -> None:
    town, new = district.station(TOWN), district.station(TOWN)
    case_id, late = late_acts(district, town)
    decides(desk, town.device, late, admit=False)
    assert new.push(_moved(new, late[0])).known[0][1] == "accepted"
    assert case_of(district, case_id).filed_at is not None
    assert listed(desk, town.device)["acts"][0]["through"] == new.device
    district.audited()


def _moved(to: Station, sealed: Sealed) -> Sealed:
    command = decode_command(sealed.body)
    moved = msgspec.structs.replace(command, device=to.device, dseq=to.dseq + 1, prev=to.head)
    return to.sealed(seal(moved))


def test_a_decision_that_ends_in_the_middle_has_not_been_made(
    district: District, desk: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However far it came: the order, the marks and the chain are one transaction."""
    town = district.station(TOWN)
    _, late = late_acts(district, town)
    before = district.rows(log), district.rows(quarantine)
    asked = review.Asked(town.device, tuple(s.hash for s in late), True, SECOND, WHY)
    steps = [(Journal, "push"), (Journal, "reviewed"), (review.rows, "decide")]
    for owner, name in steps:
        with monkeypatch.context() as patch, pytest.raises(ZeroDivisionError):
            patch.setattr(owner, name, _ending(getattr(owner, name)))
            with district.centre.reading() as connection:
                acts = review.read(connection, asked)
            with district.centre.in_order() as journal:
                review.decide(journal, asked, acts)
        assert (district.rows(log), district.rows(quarantine)) == before, name
    assert decides(desk, town.device, late)[1]["decided"] == 3
    district.audited()


def _ending(shipped: Any) -> Any:
    def ends(*args: Any, **options: Any) -> Any:
        shipped(*args, **options)
        raise ZeroDivisionError

    return ends


def test_two_operators_decide_at_the_same_time(district: District, desk: Station) -> None:
    town = district.station(TOWN)
    _, late = late_acts(district, town)
    first = _desk(district, OPERATOR)
    found: list[tuple[int, Any]] = []
    parties = [
        threading.Thread(target=lambda: found.append(decides(desk, town.device, late))),
        threading.Thread(target=lambda: found.append(decides(first, town.device, late, admit=False))),
    ]
    for party in parties:
        party.start()
    for party in parties:
        party.join(30)
    assert sorted(status for status, _ in found) == [200, 409]
    district.audited()


def test_the_audit_notices_a_decision_that_is_not_on_record(district: District, desk: Station) -> None:
    town = district.station(TOWN)
    _, late = late_acts(district, town)
    decides(desk, town.device, late[:1])
    mine = quarantine.c.hash == late[0].hash
    for change in ({"decision": "declined"}, {"decision": ""}, {"decided_by": "nobody"}):
        with district.engine.begin() as connection:
            kept = connection.execute(quarantine.select().where(mine)).mappings().one()
            connection.execute(quarantine.update().where(mine).values(**change))
        with district.centre.reading() as connection:
            assert audit(connection).contradictions != [], change
        with district.engine.begin() as connection:
            connection.execute(quarantine.update().where(mine).values(**kept))
    district.audited()


def test_no_workstation_reviews_by_itself(district: District) -> None:
    here = _desk(district, OPERATOR)
    town = district.station(TOWN)
    case_id = dispatched_case(town)
    act = c.ReviewQuarantined("x", "0" * 64, town.device, True, OPERATOR, WHY)
    assert here.does(OPERATOR, act, case_id)[1:] == ("rejected", "only_the_centre")
    assert here.device != CENTRE_DEVICE


def test_the_command_line_lists_and_decides(district: District, line: CommandLine) -> None:
    town = district.station(TOWN)
    case_id, late = late_acts(district, town)
    rows = [r.split("\t") for r in line("quarantine", town.device)]
    assert [r[0] for r in rows[:-1]] == ["2", "3", "4"] and rows[-1] == ["3 wait, 0 decided"]
    assert rows[0][2:4] == ["clerk", "case.file"] and rows[0][7:] == ["signed", "joins", "waits", "not in the order"]
    line("quarantine", "D-nobody", refused="no_such_device")
    line("quarantine", town.device, "--admit", "all", refused="reason_missing")
    line("quarantine", town.device, "--admit", "ffff", "--reason", WHY, refused="no_such_act")
    line("quarantine", town.device, "--admit", late[1].hash[:12], "--reason", WHY, refused="earlier_undecided")
    assert line("quarantine", town.device, "--decline", late[2].hash[:12], "--reason", "重复")[-1] == "1 declined"
    done = line("quarantine", town.device, "--admit", "all", "--reason", WHY)
    assert done[-1] == "2 admitted" and [r.split("\t")[1] for r in done[:-1]] == ["accepted", "accepted"]
    last = [r.split("\t") for r in line("quarantine", town.device)]
    assert last[0][9].startswith("admitted ") and f"by command line ({WHY})" in last[0][9]
    assert last[-1] == ["0 wait, 3 decided"]
    assert case_of(district, case_id).lead is not None
    other = district.station(TOWN)
    line("revoke", other.device, "--reason", "lost")
    other.push(other.act("clerk", REPORT, other.new_id()))
    line("quarantine", other.device, "--admit", "all", "--reason", WHY, refused="revoker_may_not_admit")
    district.audited()
