"""What each unit is sent, in which order, and what counts as delivered (sync.md §3.3–3.5, D6, D13)."""

from __future__ import annotations

import threading
import time

import msgspec
import pytest

from district import reference
from district.store.tables import undelivered
from models import commands as c
from models.case import Case
from models.evolve import apply_effect
from models.wire import GENESIS, Effect, FeedItem, PullReply, decode, decode_case, encode, scope_link
from tests.district.parties import DISTRICT, REPORT, District, Station, dispatched_case, kinds
from tests.models import small_town
from tests.models.small_town import MARKET, SQUAD, TOWN, VILLAGE

BASE_ENTRIES = 1
"""The publication of the first edition."""


def _fold(items: list[FeedItem]) -> dict[str, Case]:
    """What a console would hold after these items, checking every link of the feed's chain on the way."""
    held: dict[str, Case] = {}
    chain = GENESIS
    for number, item in enumerate(items, start=1):
        assert item.sseq == number
        chain = scope_link(chain, item.sseq, item.mode, item.entry, bytes(item.case))
        assert chain == item.scope_chain
        subject = decode(item.entry.body, dict)["subject"]["id"]
        if item.mode == "enter":
            held[subject] = decode_case(bytes(item.case))
        elif item.mode == "leave":
            del held[subject]
        elif item.mode == "effect":
            effect = decode(bytes(item.entry.effect), Effect)
            held[subject] = apply_effect(held.get(subject), effect)
    return held


def test_a_case_enters_a_scope_moves_in_it_and_leaves_it(district: District) -> None:
    town, market, squad = (district.station(u) for u in (TOWN, MARKET, SQUAD))
    case_id = dispatched_case(town, MARKET)
    assert kinds(market.pull()) == [("enter", "case.dispatch"), ("effect", "case.deliver")]
    town.does("clerk", c.Redispatch(SQUAD, "属城管"), case_id)
    assert kinds(market.pull(2)) == [("leave", "case.redispatch")]
    assert kinds(squad.pull()) == [("enter", "case.redispatch"), ("effect", "case.deliver")]
    assert _fold(market.pull()) == {}
    at_town, at_squad = _fold(town.pull()), _fold(squad.pull())
    assert at_town == at_squad and at_town[case_id].lead is not None
    tombstone = market.pull(2)[0]
    assert bytes(tombstone.case) == b"null" and bytes(tombstone.entry.effect) == b"null"
    assert market.does("market-officer", c.Note("?"), case_id)[1:] == ("rejected", "unknown_case")
    district.audited()


def test_a_testimony_of_a_unit_that_lost_the_case_is_kept(district: District) -> None:
    town, market = district.station(TOWN), district.station(MARKET)
    case_id = dispatched_case(town, MARKET)
    lead = _fold(market.pull())[case_id].lead
    assert lead is not None
    town.does("clerk", c.Redispatch(SQUAD, "属城管"), case_id)
    outcome = market.does("market-officer", c.Arrive(lead.id, "已到"), case_id)
    assert outcome[1:] == ("accepted", "late_history")
    last = market.pull()[-1]
    assert last.mode == "own" and bytes(last.entry.effect) == b"null", (
        "it learns what became of its act, not of the case"
    )
    assert "case.arrive" in [h.kind for h in _fold(town.pull())[case_id].history]
    district.clock.now_ms += 60_000
    assert market.does("market-officer", c.Arrive(lead.id, "又到"), case_id)[1:] == ("rejected", "not_your_case")


@pytest.mark.parametrize("up_minutes, kind", [(None, "delivered"), (45, "delivered"), (0, "switched_off")])
def test_a_console_that_was_off_is_charged_and_a_broken_line_is_not(
    district: District, up_minutes: int | None, kind: str
) -> None:
    town, squad = district.station(TOWN), district.station(SQUAD)
    case_id = dispatched_case(town, SQUAD)
    district.clock.now_ms += 30 * 60_000
    squad.pull(**({} if up_minutes is None else {"up_ms": up_minutes * 60_000}))
    case = _fold(town.pull())[case_id]
    assert case.lead is not None
    clock = case.clock(f"{case.lead.id}:arrival")
    assert clock is not None and clock.start_kind == kind
    assert clock.started_at == district.clock.now_ms - (30 * 60_000 if kind == "switched_off" else 0)
    assert squad.pull_raw(0, up_ms=-1).status_code == squad.pull_raw(0, up_ms=1 << 60).status_code == 400
    district.audited()


def _reported_to_the_town(district: District, station: Station) -> str:
    case_id = station.new_id()
    station.does("head", REPORT, case_id)
    return case_id


def _kinds_of(district: District, unit: Station, case_id: str) -> list[str]:
    return [h.kind for h in _fold(unit.pull())[case_id].history]


@pytest.mark.parametrize("up_minutes, kind", [(None, "delivered"), (45, "delivered"), (0, "switched_off")])
def test_a_report_reaches_its_town_when_the_town_has_a_line(
    district: District, up_minutes: int | None, kind: str
) -> None:
    village, town = district.station(VILLAGE), district.station(TOWN)
    cases = [_reported_to_the_town(district, village) for _ in range(2)]
    district.clock.now_ms += 30 * 60_000
    told = town.pull(**({} if up_minutes is None else {"up_ms": up_minutes * 60_000}))
    assert kinds(told)[-2:] == [("effect", "case.deliver")] * 2, "the town learns of it in the same answer"
    for case_id in cases:
        case = _fold(told)[case_id]
        clock = case.clock("dispatch-1")
        assert clock is not None and clock.handed_on is not None and clock.start_kind == kind
        assert clock.started_at == district.clock.now_ms - (30 * 60_000 if kind == "switched_off" else 0)
        assert _fold(village.pull())[case_id] == case, "whoever reported it sees so, and gets nothing delivered"
    assert district.rows(undelivered) == []
    district.audited()


def test_a_report_that_is_there_within_the_minute_needs_no_word(district: District) -> None:
    village, town, again = district.station(VILLAGE), district.station(TOWN), district.station(TOWN)
    case_id = _reported_to_the_town(district, village)
    assert [row[2] for row in district.rows(undelivered)] == [TOWN]
    district.clock.now_ms += 59_000
    town.pull()
    assert district.rows(undelivered) == []
    district.clock.now_ms += 30 * 60_000
    again.pull()
    assert _kinds_of(district, town, case_id) == ["case.report"], "the town had it, whatever its second workstation did"


def test_what_is_made_at_the_own_desk_or_is_over_is_not_on_its_way(district: District) -> None:
    village, town = district.station(VILLAGE), district.station(TOWN)
    town.does("clerk", REPORT, town.new_id())
    assert district.rows(undelivered) == []
    case_id = _reported_to_the_town(district, village)
    town.does("clerk", c.Decline("不属城管"), case_id)
    assert district.rows(undelivered) == []


def test_a_snapshot_delivers_a_report_as_well(district: District) -> None:
    village, town = district.station(VILLAGE), district.station(TOWN)
    case_id = _reported_to_the_town(district, village)
    district.clock.now_ms += 30 * 60_000
    place = town.ask("GET", "/v1/snapshot", params={"scope": TOWN}).json()["sseq"]
    town.pull(place)
    assert _kinds_of(district, town, case_id) == ["case.report", "case.deliver"]


def test_every_feed_folds_to_the_same_case(district: District) -> None:
    centre, town, village = (district.station(u) for u in (DISTRICT, TOWN, VILLAGE))
    case_id = centre.new_id()
    centre.push(
        *[centre.act("operator", a, case_id) for a in (msgspec.structs.replace(REPORT, channel="hotline"), c.File())]
    )
    assert kinds(town.pull()) == []
    centre.does("operator", c.Dispatch(TOWN), case_id)
    town.pull()
    town.does("clerk", c.Dispatch(VILLAGE), case_id)
    village.pull()
    held = [_fold(s.pull())[case_id] for s in (centre, town, village)]
    assert held[0] == held[1] == held[2]
    assert all(a.delivered_at is not None for a in held[0].assignments if not a.ended)


def test_an_assignment_is_delivered_once_by_its_own_unit_when_it_has_come_there(district: District) -> None:
    town, market, again = district.station(TOWN), district.station(MARKET), district.station(MARKET)
    squad = district.station(SQUAD)
    case_id = dispatched_case(town, MARKET)
    squad.pull()
    assert kinds(town.pull())[-1][1] == "case.dispatch", "another unit's pull delivers nothing"
    district.clock.now_ms += 90_000
    market.pull()
    market.pull()
    again.pull()
    delivered = [i for i in town.pull() if kinds([i])[0][1] == "case.deliver"]
    assert len(delivered) == 1
    case = _fold(town.pull())[case_id]
    assert case.lead is not None and case.lead.delivered_at is not None
    assert case.lead.delivered_at.lo == case.lead.delivered_at.hi == district.clock.now_ms
    assert _fold(market.pull())[case_id] == case, "the unit learns of it as well"


def test_racing_pulls_of_one_unit_deliver_once(district: District) -> None:
    town = district.station(TOWN)
    markets = [district.station(MARKET) for _ in range(6)]
    for _ in range(5):
        dispatched_case(town, MARKET)
    start = threading.Barrier(len(markets))

    def pull(station: Station) -> None:
        start.wait(10)
        station.pull()

    threads = [threading.Thread(target=pull, args=(m,)) for m in markets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert [k for _, k in kinds(town.pull())].count("case.deliver") == 5
    district.audited()


def test_what_was_sent_is_delivered_when_it_is_asked_on_from_behind_it(district: District) -> None:
    town, market = district.station(TOWN), district.station(MARKET)
    first, second = dispatched_case(town, MARKET), dispatched_case(town, MARKET)
    (item,) = market.page(limit=1)
    held = _fold(town.pull())
    assert held[first].lead.delivered_at is None, "the answer may have been lost"  # type: ignore[union-attr]
    market.page(item.sseq, limit=1)
    held = _fold(town.pull())
    assert held[first].lead.delivered_at is not None  # type: ignore[union-attr]
    assert held[second].lead.delivered_at is None  # type: ignore[union-attr]


def test_a_long_poll_wakes_when_something_comes(district: District) -> None:
    town, centre = district.station(TOWN), district.station(DISTRICT)
    answers: list[list[FeedItem]] = []
    waiting = threading.Thread(
        target=lambda: answers.append(centre.pull(BASE_ENTRIES, wait_seconds=25, **_known(district)))
    )
    waiting.start()
    _until(lambda: bool(district.centre.waiting.get(DISTRICT)))
    town.does("clerk", REPORT)
    waiting.join(10)
    assert not waiting.is_alive(), "it did not sleep through the commit"
    assert kinds(answers[0]) == [("enter", "case.report")]


def test_no_wake_up_is_missed_between_looking_and_waiting(district: District) -> None:
    """A reader who follows with long-polls sees every act of a writer who never pauses, without one full wait."""
    town, centre = district.station(TOWN), district.station(DISTRICT)
    seen: list[str] = []

    def follow() -> None:
        place = BASE_ENTRIES
        for _ in range(
            400
        ):  # a bell that rings late for what was read already wakes in vain: an answer with nothing, at once
            began = time.monotonic()
            items = centre.pull(place, wait_seconds=20, **_known(district))
            if len(seen) + len(items) >= 40 or time.monotonic() - began > 15:
                seen.extend(kind for _, kind in kinds(items))
                return
            seen.extend(kind for _, kind in kinds(items))
            place = items[-1].sseq if items else place

    reader = threading.Thread(target=follow)
    reader.start()
    for _ in range(40):
        town.does("clerk", REPORT)
    reader.join(15)
    assert not reader.is_alive() and seen == ["case.report"] * 40


def test_an_act_of_another_unit_wakes_nobody_else_and_costs_them_nothing(district: District) -> None:
    squad, town = district.station(SQUAD), district.station(TOWN)
    town.does("clerk", REPORT)
    assert squad.pull() == []
    assert district.centre.waiting.get(SQUAD) == set()


def test_a_new_edition_reaches_every_workstation_through_the_reference_feed(district: District) -> None:
    squad = district.station(SQUAD)
    before = decode(squad.pull_raw(0, cursors={SQUAD: 0, "reference": 0}).content, PullReply)
    assert kinds(before.items["reference"]) == [("own", "reference.publish")]
    got: list[PullReply] = []

    def wait() -> None:
        options = {"cursors": {SQUAD: 0, "reference": 1}, "wait_seconds": 25, **_known(district)}
        got.append(decode(squad.pull_raw(0, **options).content, PullReply))

    waiting = threading.Thread(target=wait)
    waiting.start()
    _until(lambda: bool(district.centre.waiting.get(SQUAD)))
    edition = msgspec.structs.replace(small_town.reference(), version="test-2", district_name="改了名的区")
    with district.centre.in_order() as journal:
        name = reference.publish(journal.source.connection, journal, edition)  # type: ignore[attr-defined]
    waiting.join(10)
    assert got and got[0].reference_version == name and kinds(got[0].items["reference"])[0][1] == "reference.publish"
    answer = squad.ask("GET", "/v1/reference")
    assert answer.headers["x-reference"] == name and answer.json()["version"] == "test-2"
    old = squad.ask("GET", f"/v1/reference?version={before.reference_version}")
    assert old.json()["version"] == "test-1"
    assert squad.ask("GET", f"/v1/reference?version={'0' * 64}").status_code == 404
    town = district.station(TOWN)
    town.does("clerk", REPORT)
    assert town.pull()[0].entry.rules.endswith("test-2"), "verdicts name the edition they used"


@pytest.mark.parametrize(
    ("options", "status", "code"),
    [
        ({"epoch": 2}, 409, "epoch"),
        ({"cursors": {TOWN: 1_000}}, 410, "compacted"),
        ({"cursors": {TOWN: -1}}, 400, "malformed"),
        ({"cursors": {TOWN: 1 << 80}}, 400, "malformed"),
        ({"cursors": {SQUAD: 0}}, 403, "not_your_scope"),
        ({"limit": "many"}, 400, "malformed"),
    ],
)
def test_places_that_do_not_exist_are_told_so(
    district: District, options: dict[str, object], status: int, code: str
) -> None:
    answer = district.station(TOWN).pull_raw(0, **options)
    assert (answer.status_code, answer.json()["error"]) == (status, code)


def test_pages_are_complete_and_in_order(district: District) -> None:
    town = district.station(TOWN)
    acts = [town.act("clerk", REPORT, town.new_id()) for _ in range(23)]
    town.push(*acts)
    place, found = 0, []
    while items := town.page(place, limit=5):
        assert len(items) <= 5
        found += items
        place = items[-1].sseq
    assert [i.entry.hash for i in found] == [a.hash for a in acts]


def test_a_witness_that_saw_another_past_is_noticed(district: District) -> None:
    town = district.station(TOWN)
    town.does("clerk", REPORT)
    item = town.pull()[-1]
    heads = {TOWN: (item.sseq, item.scope_chain)}
    fine = town.ask("POST", "/v1/checkpoint", data=encode({"epoch": 1, "heads": heads})).json()
    assert fine["agrees"] is True and fine["differ"] == []
    for other in ((item.sseq, "f" * 64), (item.sseq + 5, item.scope_chain)):
        found = town.ask("POST", "/v1/checkpoint", data=encode({"epoch": 1, "heads": {TOWN: other}})).json()
        assert found["differ"] == [TOWN]
    answer = town.ask("POST", "/v1/checkpoint", data=encode({"epoch": 1, "heads": {SQUAD: (1, "f" * 64)}}))
    assert answer.status_code == 403


def _known(district: District) -> dict[str, str]:
    return {"reference_version": district.centre.reference_name}


def _until(is_so: object) -> None:
    tick = threading.Event()
    for _ in range(500):
        if is_so():  # type: ignore[operator]
            return
        tick.wait(0.02)
    raise AssertionError("it never came to that")
