"""What this version does not know is kept, waited for, and decided later by an entry that names it (D12)."""

from __future__ import annotations

import time
from collections.abc import Callable

import msgspec
import pytest

from district import parsing
from district.deferred import can_settle, settle_deferred
from district.opening import open_centre
from district.store.tables import deferral, log
from models import commands as c
from models.case import Case
from models.clock import DAY_MS, HOUR_MS
from models.store.case_table import get_case
from models.wire import Sealed, UnknownKind, chain_hash, decode, decode_command
from tests.district.parties import DISTRICT, REPORT, District, Station, dispatched_case, kinds
from tests.district.test_recovery import told_id
from tests.models.small_town import MARKET, SQUAD, TOWN


@pytest.fixture
def older(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A centre of an older version: it has never heard of case.describe. `undo()` upgrades it."""

    def knows_less(body: str) -> c.Command:
        found = decode_command(body)
        if isinstance(found.args, c.Describe):
            raise UnknownKind("case.describe")
        return found

    monkeypatch.setattr(parsing, "decode_command", knows_less)
    return monkeypatch


def _future(station: Station, case_id: str) -> Sealed:
    command = msgspec.to_builtins(station.command("clerk", c.Note("x"), case_id))
    body = msgspec.json.encode({**command, "args": {"type": "case.from_the_future", "power": 9}}).decode()
    return station.sealed(Sealed(body, chain_hash(command["prev"], body), "none"))


def test_an_unknown_kind_is_kept_as_it_is_and_told(district: District) -> None:
    town, centre = district.station(TOWN), district.station(DISTRICT)
    case_id = dispatched_case(town)
    sealed = _future(town, case_id)
    reply = town.push(sealed)
    assert reply.known[0][1:3] == ("deferred", "upgrade_server") and reply.error == ""
    assert town.push(sealed).known == reply.known
    kept = [row for row in district.rows(log) if row[9] == "deferred" or "deferred" in row]
    assert len(kept) == 1 and sealed.body in kept[0]
    assert kinds(town.pull())[-1] == ("own", "case.from_the_future")
    centre.sign_in("operator")
    listed = centre.ask("GET", "/v1/deferred").json()["deferred"]
    assert [(d["kind"], d["case"], d["unit"]) for d in listed] == [("case.from_the_future", case_id, TOWN)]
    assert (listed[0]["actor"], listed[0]["code"], listed[0].get("waits_for")) == ("clerk", "upgrade_server", None)
    town.sign_in("clerk")
    assert town.ask("GET", "/v1/deferred").status_code == 403
    district.audited()


def test_later_acts_on_the_case_wait_and_others_do_not(district: District) -> None:
    town, market = district.station(TOWN), district.station(MARKET)
    case_id, other = dispatched_case(town), dispatched_case(town)
    first = _future(town, case_id)
    first_id = decode(first.body, dict)["cmd_id"]
    town.push(first)
    assert town.does("clerk", c.Note("随后"), case_id)[1:] == ("deferred", "waits_for")
    assert market.does("market-officer", c.Note("我单位"), case_id)[1:] == ("deferred", "waits_for")
    assert town.does("clerk", c.Note("另案"), other)[1] == "accepted"
    waiting = next(i for i in town.pull() if i.entry.reason is not None and i.entry.reason.code == "waits_for")
    assert waiting.entry.reason is not None and waiting.entry.reason.by == first_id
    market.pull()
    assert [k for _, k in kinds(town.pull())].count("case.deliver") == 2, "what the centre itself sees waits for nobody"


def test_an_operator_is_told_of_what_waits_for_more_than_a_day_and_for_what(district: District) -> None:
    town, centre = district.station(TOWN), district.station(DISTRICT)
    case_id = dispatched_case(town)
    first = _future(town, case_id)
    town.push(first)
    district.clock.now_ms += HOUR_MS
    town.does("clerk-2", c.Note("随后"), case_id)
    district.clock.now_ms += DAY_MS - HOUR_MS
    centre.sign_in("operator")
    found = centre.ask("GET", "/v1/deferred").json()
    assert (found["long_since"], found["others"]) == (0, 2), "a day to the millisecond is not more than a day"
    district.clock.now_ms += 1
    found = centre.ask("GET", "/v1/deferred").json()
    assert (found["long_since"], found["others"]) == (1, 1)
    one, other = found["deferred"]
    assert (one["since"], other["since"]) == (found["now_ms"] - DAY_MS - 1, found["now_ms"] - DAY_MS + HOUR_MS - 1)
    assert (other["actor"], other["code"]) == ("clerk-2", "waits_for")
    waited = {"cmd_id": one["cmd_id"], "kind": "case.from_the_future", "actor": "clerk", "unit": TOWN}
    assert other["waits_for"] == waited and one["case_number"] == _case(district, case_id).number


def test_a_foreign_unit_can_block_nothing(district: District) -> None:
    town, squad = district.station(TOWN), district.station(SQUAD)
    case_id = dispatched_case(town)
    assert squad.push(_future(squad, case_id)).known[0][1] == "deferred"
    assert town.does("clerk", c.Note("照常"), case_id)[1] == "accepted"
    new = squad.new_id()
    squad.push(_future(squad, new))
    assert town.does("clerk", REPORT, new)[1] == "accepted", "nor may it hold an id against others"


def test_after_the_upgrade_they_are_decided_in_order_by_their_own_evidence(
    district: District, older: pytest.MonkeyPatch
) -> None:
    town, market = district.station(TOWN), district.station(MARKET)
    case_id = dispatched_case(town)
    acted_at = district.clock.now_ms
    describe = town.act("clerk", c.Describe(title="更正后"), case_id)
    acknowledge = town.act("clerk", c.Note("随后"), case_id)
    wrong = town.act("clerk", c.Confirm(), case_id)
    reply = town.push(describe, acknowledge, wrong)
    assert [k[1] for k in reply.known] == ["deferred"] * 3
    place = town.pull()[-1].sseq
    assert settle_deferred(district.centre) == 0, "still too old"

    older.undo()
    district.clock.now_ms += 3_600_000
    again = open_centre(district.engine, district.clock, district.random_bytes)
    assert settle_deferred(again) == 0, "all of it was done at the start"
    items = town.pull(place)
    assert kinds(items) == [("effect", "act.settle"), ("effect", "act.settle"), ("own", "act.settle")]
    told = [decode(i.entry.body, dict)["args"] for i in items]
    assert [t["outcome"] for t in told] == ["accepted", "accepted", "rejected"] and told[2][
        "code"
    ] == "not_in_this_state"
    assert [t["cmd_id"] for t in told] == [decode(s.body, dict)["cmd_id"] for s in (describe, acknowledge, wrong)]
    found = _case(district, case_id)
    assert found.title == "更正后"
    step = next(h for h in found.history if h.kind == "case.describe")
    assert step.at.hi <= acted_at + 2 and step.actor == "clerk"
    assert [k[1] for k in town.push(describe, acknowledge, wrong).known] == ["accepted", "accepted", "rejected"]
    assert {row[6] for row in district.rows(deferral)} == {"accepted", "rejected"}
    assert market.does("market-officer", c.Note("不再等待"), case_id)[1] == "accepted"
    district.audited()


def test_what_waits_for_something_still_unknown_goes_on_waiting(district: District, older: pytest.MonkeyPatch) -> None:
    town = district.station(TOWN)
    case_id = dispatched_case(town)
    town.push(_future(town, case_id), town.act("clerk", c.Describe(title="更正"), case_id))
    older.undo()
    assert settle_deferred(district.centre) == 0
    assert town.does("clerk", c.Note("随后"), case_id)[1] == "deferred"


def _case(district: District, case_id: str) -> Case:
    with district.centre.reading() as connection:
        found = get_case(connection, case_id)
    assert found is not None
    return found


def test_a_workstation_that_was_let_in_again_takes_back_what_it_did_before(
    district: District, older: pytest.MonkeyPatch
) -> None:
    """Twice let in: the undo names an act of the device before the last."""
    town = district.station(TOWN)
    case_id = dispatched_case(town)
    act = town.act("clerk", c.Describe(title="错"), case_id)
    assert town.push(act).known[0][1] == "deferred"
    other, twice = district.station(TOWN), district.again(district.again(town))
    undo = c.Retract(told_id(act))
    assert other.does("clerk", undo, case_id)[1:] == ("rejected", "already_accepted"), "nobody else does"
    assert twice.does("clerk", undo, case_id)[1:] == ("accepted", "")
    assert [item.entry.outcome for item in twice.pull()[-2:]] == ["accepted", "accepted"]
    older.undo()
    assert settle_deferred(district.centre) == 0
    assert _case(district, case_id).title != "错"
    assert twice.does("clerk", c.Note("照常"), case_id)[1] == "accepted"
    district.audited()


def _until(holds: Callable[[], bool]) -> None:
    """The service looks once a second."""
    for _ in range(200):
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError("not within ten seconds")


def test_what_waited_for_an_act_that_was_taken_back_is_decided_by_the_service_that_runs(district: District) -> None:
    town, squad = district.station(TOWN), district.station(SQUAD)
    case_id = dispatched_case(town, SQUAD)
    squad.pull()
    future = _future(town, case_id)
    town.push(future)
    lead = _case(district, case_id).lead
    assert lead is not None
    arrived_at = district.clock.now_ms
    assert squad.does("squad-officer", c.Arrive(lead.id, note="到"), case_id)[1:] == ("deferred", "waits_for")
    undo, then = town.act("clerk", c.Retract(told_id(future)), case_id), town.act("clerk", c.Note("随后"), case_id)
    reply = town.push(undo, then)
    assert [k[1:3] for k in reply.known] == [("accepted", ""), ("deferred", "waits_for")], "behind what waits already"
    _until(lambda: len([row for row in district.rows(deferral) if row[5] is not None]) == 3)
    told = [decode(i.entry.body, dict)["args"] for i in town.pull() if kinds([i])[0][1] == "act.settle"]
    assert [t["outcome"] for t in told] == ["rejected", "accepted", "accepted"]
    assert told[2]["cmd_id"] == told_id(then)
    lead = _case(district, case_id).lead
    assert lead is not None and lead.arrived_at is not None and lead.arrived_at.hi <= arrived_at + 2
    assert town.does("clerk", c.Note("照常"), case_id)[1] == "accepted"
    district.audited()


def test_what_follows_the_undoing_in_one_push_waits_for_nothing(district: District) -> None:
    town = district.station(TOWN)
    case_id = dispatched_case(town)
    future = _future(town, case_id)
    town.push(future)
    undo, then = town.act("clerk", c.Retract(told_id(future)), case_id), town.act("clerk", c.Note("随后"), case_id)
    assert [k[1] for k in town.push(undo, then).known] == ["accepted", "accepted"]


def test_of_two_undecided_acts_the_first_still_counts_when_the_last_was_taken_back(district: District) -> None:
    town = district.station(TOWN)
    case_id = dispatched_case(town)
    future, last = _future(town, case_id), town.act("clerk", c.Note("误"), case_id)
    town.push(future, last)
    undo, then = town.act("clerk", c.Retract(told_id(last)), case_id), town.act("clerk", c.Note("随后"), case_id)
    assert [k[1] for k in town.push(undo, then).known] == ["accepted", "deferred"]
    assert not can_settle(district.centre)


def test_taking_an_unknown_act_back_in_the_same_batch(district: District) -> None:
    town = district.station(TOWN)
    case_id = dispatched_case(town)
    future = _future(town, case_id)
    cmd_id = decode(future.body, dict)["cmd_id"]
    reply = town.push(future, town.act("clerk", c.Retract(cmd_id), case_id))
    assert [k[1:3] for k in reply.known] == [("rejected", "retracted"), ("accepted", "")]
    assert town.does("clerk", c.Note("照常"), case_id)[1] == "accepted"
