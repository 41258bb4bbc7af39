"""The chain of a workstation (sync-R2 … R4): nothing twice, nothing out of place, nothing lost with a reply."""

from __future__ import annotations

import msgspec

from district.store.tables import alias, log
from models import commands as c
from models.wire import seal
from tests.district.parties import REPORT, District, Station, dispatched_case
from tests.models.small_town import MARKET, SQUAD, TOWN


def test_the_same_batch_again_is_answered_and_not_applied_again(district: District) -> None:
    town = district.station(TOWN)
    case_id = town.new_id()
    batch = [town.act("clerk", args, case_id) for args in (REPORT, c.File(), c.Dispatch(MARKET))]
    first = town.push(*batch)
    before = district.rows(log)
    district.clock.now_ms += 60_000
    again = town.push(*batch)
    assert again.known == first.known and again.error == ""
    assert district.rows(log) == before
    assert (again.head_dseq, again.head_hash) == (3, batch[-1].hash)


def test_a_lost_reply_in_the_middle_of_a_batch_loses_nothing(district: District) -> None:
    town = district.station(TOWN)
    case_id = town.new_id()
    batch = [town.act("clerk", args, case_id) for args in (REPORT, c.File(), c.Dispatch(MARKET))]
    town.push(*batch[:2])
    reply = town.push(*batch)
    assert [k[1] for k in reply.known] == ["accepted"] * 3
    assert district.audited().entries == 4, "the first edition and three acts"


def test_a_gap_is_told_with_what_is_wanted_and_nothing_after_it_is_taken(district: District) -> None:
    town = district.station(TOWN)
    case_id = town.new_id()
    one, two, three = (town.act("clerk", args, case_id) for args in (REPORT, c.File(), c.Dispatch(MARKET)))
    reply = town.push(one, three)
    assert (reply.error, reply.want, len(reply.known)) == ("gap", 2, 1)
    assert town.push(two, three).error == ""


def test_another_past_is_a_fork(district: District) -> None:
    town = district.station(TOWN)
    case_id = town.new_id()
    town.push(town.act("clerk", REPORT, case_id))
    copied = _copy(town)
    town.push(town.act("clerk", c.File(), case_id))
    reply = copied.push(copied.act("clerk", c.Note("x"), case_id))
    assert (reply.error, reply.known) == ("fork", [])
    other = copied.act("clerk", c.Note("y"), case_id)
    assert copied.push(other).error == "fork"
    assert district.audited().entries == 3


def test_the_same_id_with_another_text_is_a_fork(district: District) -> None:
    town = district.station(TOWN)
    case_id = town.new_id()
    command = town.command("clerk", REPORT, case_id)
    town.push(town.sealed(seal(command)))
    other = seal(msgspec.structs.replace(command, actor="clerk-2"))
    assert town.push(other).error == "fork"


def test_a_workstation_registered_anew_hands_its_old_acts_in_without_doing_them_twice(district: District) -> None:
    old = district.station(TOWN)
    case_id = old.new_id()
    command = old.command("clerk", REPORT, case_id)
    old.push(old.sealed(seal(command)))
    new = district.station(TOWN)
    again = msgspec.structs.replace(command, device=new.device, dseq=1, prev=new.head)
    reply = new.push(new.sealed(seal(again)))
    assert reply.error == "" and reply.known == [(command.cmd_id, "accepted", "", 2)]
    assert new.push(new.act("clerk", c.File(), case_id)).known[0][1] == "accepted"
    assert len(district.rows(alias)) == 1
    repeated = new.push(seal(again))
    assert repeated.error == "" and repeated.known[0][1] == "accepted"
    other = seal(msgspec.structs.replace(again, actor="clerk-2"))
    assert new.push(other).error == "fork", "the same id at the same place, and another text"
    district.audited()


def test_an_id_of_another_unit_is_taken_and_says_nothing_more(district: District) -> None:
    town, squad = district.station(TOWN), district.station(SQUAD)
    case_id = dispatched_case(town)
    theirs = [cmd_id for cmd_id in _ids(district) if cmd_id][1]
    reply = squad.push(squad.act("squad-officer", c.Note("?"), case_id, cmd_id=theirs))
    assert reply.known == [(theirs, "rejected", "id_taken", 0)]
    assert squad.push(squad.act("squad-officer", c.Note("?"), case_id)).known[0][1:3] == ("rejected", "unknown_case")
    district.audited()


def test_an_act_of_another_workstation_is_refused_whole(district: District) -> None:
    town, other = district.station(TOWN), district.station(TOWN)
    answer = other.push_raw([town.act("clerk", REPORT, town.new_id())])
    assert (answer.status_code, answer.json()["error"]) == (403, "not_your_device")
    assert district.audited().entries == 1


def test_undo_in_one_batch_leaves_both_and_does_neither(district: District) -> None:
    town = district.station(TOWN)
    case_id, _, _ = town.does("clerk", REPORT)
    wrong = town.command("clerk", c.Decline("误点"), case_id)
    batch = [town.sealed(seal(wrong)), town.act("clerk", c.Retract(wrong.cmd_id), case_id)]
    reply = town.push(*batch)
    assert [k[1:3] for k in reply.known] == [("rejected", "retracted"), ("accepted", "")]
    assert town.push(*batch).known == reply.known
    assert town.does("clerk", c.File(), case_id)[1] == "accepted"


def test_an_undo_far_behind_is_sent_ahead_and_comes_again_at_its_place(district: District) -> None:
    town = district.station(TOWN)
    case_id, _, _ = town.does("clerk", REPORT)
    wrong = town.command("clerk", c.Decline("误点"), case_id)
    first = town.sealed(seal(wrong))
    between = town.act("clerk", REPORT, town.new_id())
    undo = town.act("clerk", c.Retract(wrong.cmd_id), case_id)
    reply = town.push(first, undo)
    assert reply.error == "" and [k[1:3] for k in reply.known] == [("rejected", "retracted")]
    assert town.push(first, undo).known == reply.known, "a lost reply changes nothing"
    last = town.push(between, undo)
    assert [k[1] for k in last.known] == ["accepted", "accepted"]
    assert town.does("clerk", c.File(), case_id)[1] == "accepted"
    assert town.push(town.act("clerk", c.Note("x"), case_id)).error == ""
    district.audited()


def test_a_hole_in_the_chain_is_still_a_hole(district: District) -> None:
    town = district.station(TOWN)
    case_id, _, _ = town.does("clerk", REPORT)
    town.act("clerk", c.Note("never sent"), case_id)
    assert town.push(town.act("clerk", c.Retract("01900000-0000-7000-8000-000000000000"), case_id)).error == "gap"


def test_undo_that_comes_later_is_too_late(district: District) -> None:
    town = district.station(TOWN)
    case_id = town.new_id()
    report = town.command("clerk", REPORT, case_id)
    first = town.sealed(seal(report))
    town.push(first)
    late = town.act("clerk", c.Retract(report.cmd_id), case_id)
    reply = town.push(first, late)
    assert [k[1:3] for k in reply.known] == [("accepted", ""), ("rejected", "already_accepted")]


def test_only_the_actor_takes_his_act_back(district: District) -> None:
    town = district.station(TOWN)
    case_id = town.new_id()
    report = town.command("clerk", REPORT, case_id)
    reply = town.push(town.sealed(seal(report)), town.act("clerk-2", c.Retract(report.cmd_id), case_id))
    assert [k[1] for k in reply.known] == ["accepted", "rejected"]


def test_status_knows_the_acts_of_the_unit_and_the_head_of_the_chain(district: District) -> None:
    town, squad = district.station(TOWN), district.station(SQUAD)
    town.does("clerk", REPORT)
    mine = _ids(district)[1]
    found = town.ask("POST", "/v1/status", json={"ids": [mine, "nothing"]}).json()
    assert found["known"] == [[mine, "accepted", None, 2]] and found["head_dseq"] == 1
    foreign = squad.ask("POST", "/v1/status", json={"ids": [mine]}).json()
    assert foreign["known"] == [] and foreign["head_dseq"] == 0


def test_nobody_speaks_for_the_centre(district: District) -> None:
    town, centre = district.station(TOWN), district.station("341002")
    case_id = dispatched_case(town)
    item = town.pull()[-1]
    assert item.mode == "effect"
    assignment = f"{decode_id(item.entry.body)[-12:]}.0"
    for person in ("district-centre", "operator"):
        outcome = centre.does(person, c.Deliver(assignment), case_id)
        assert outcome[1:] == ("rejected", "only_the_centre")


def decode_id(body: str) -> str:
    return str(msgspec.json.decode(body)["cmd_id"]).replace("-", "")


def _ids(district: District) -> list[str]:
    return [row[1] for row in district.rows(log)]


def _copy(station: Station) -> Station:
    made = Station(station._ask, station._clock, station.device, station.token, station.unit, 99, station.key)
    made.dseq, made.head = station.dseq, station.head
    return made
