"""Cases whose end is long past: in no snapshot, let go by workstations, whole when something still happens to them, and
found again when asked for (sync.md §3.11)."""

from __future__ import annotations

import msgspec
import pytest
from sqlalchemy import select

from models import commands as c
from models.case import Case
from models.clock import DAY_MS, HOUR_MS
from models.errors import Refused
from models.retention import FETCHED_FOR_MS, KEPT_MS, NEVER_MS, SURELY_HELD_MS
from models.store import outbox, past_cases
from models.store.case_table import case_row
from models.wire import PastCases, SnapshotManifest, decode
from services import past_cases as asking
from services import queue
from services.sync.apply import apply_items, apply_snapshot
from services.sync.machine import Phase, Pull
from tests.district.parties import REPORT, District, Station, kinds
from tests.district.test_feeds import _fold
from tests.models.small_town import TOWN
from tests.whole.parties import Console


def _ended(at: Station | Console) -> str:
    """A case that was declined at once; its id."""
    if isinstance(at, Station):
        case_id = at.does("clerk", REPORT)[0]
        assert at.does("clerk", c.Decline("重复"), case_id)[1] == "accepted"
        return case_id
    case_id = at.act(REPORT).case_id
    at.act(c.Decline("重复"), case_id)
    at.settle()
    return case_id


def _goes_on(town: Station) -> str:
    return town.does("clerk", REPORT)[0]


def _snapshot(station: Station) -> tuple[SnapshotManifest, set[str]]:
    manifest = decode(station.ask("GET", "/v1/snapshot").content, SnapshotManifest)
    bodies = [station.ask("GET", f"/v1/snapshot/{part.sha256}").content for part in manifest.parts]
    return manifest, {decode(line, Case).id for body in bodies for line in body.splitlines()}


def _held(desk: Console) -> set[str]:
    return set(desk.database(lambda work: work.connection.execute(select(case_row.c.id)).scalars().all()))


def test_a_snapshot_leaves_out_what_ended_long_ago_and_nothing_else(district: District) -> None:
    town = district.station(TOWN)
    past, goes_on = _ended(town), _goes_on(town)
    district.clock.now_ms += KEPT_MS
    recent = _ended(town)
    assert _snapshot(town) == (_snapshot(town)[0], {past, goes_on, recent}), "ninety days to the millisecond are kept"
    district.clock.now_ms += 1_000
    newest = _ended(town)
    manifest, cases = _snapshot(town)
    assert cases == {goes_on, recent, newest} and manifest.ended_since == district.clock.now_ms - KEPT_MS
    district.audited()


def test_what_still_happens_to_such_a_case_comes_with_the_whole_of_it(district: District) -> None:
    town = district.station(TOWN)
    past = _ended(town)
    district.clock.now_ms += SURELY_HELD_MS
    assert town.does("clerk", c.Note("一"), past)[1] == "accepted"
    district.clock.now_ms += 1
    assert town.does("clerk", c.Note("二"), past)[1] == "accepted"
    items = town.pull()
    assert [mode for mode, kind in kinds(items) if kind == "case.note"] == ["effect", "enter"]
    whole = decode(bytes(items[-1].case), Case)
    before = _fold(items[:-1])[past]
    assert whole.version == before.version + 1 and whole.history[:-1] == before.history
    assert _fold(items)[past] == whole
    district.audited()


def test_a_workstation_lets_go_and_takes_back_what_the_centre_says(district: District, desk: Console) -> None:
    other = district.station(TOWN)
    past = _ended(desk)
    assert past in _held(desk)
    district.clock.now_ms += KEPT_MS + DAY_MS
    goes_on = _goes_on(other)
    desk.exchange.do(Pull(), desk.line)
    assert _held(desk) == {past, goes_on}, "it takes in first what the centre has to say"
    desk.settle()
    assert _held(desk) == {goes_on}
    assert other.pull()[-1].entry.gseq and other.does("clerk", c.Note("还有话说"), past)[1] == "accepted"
    desk.settle()
    found = desk.case(past)
    assert found is not None and [step.kind for step in found.history][-1] == "case.note"
    district.clock.now_ms += HOUR_MS
    desk.settle()
    assert _held(desk) == {goes_on}


def test_an_act_that_waits_keeps_its_case_in_sight(district: District, desk: Console) -> None:
    past = _ended(desk)
    district.clock.now_ms += KEPT_MS + DAY_MS
    desk.act(c.Note("没有网络时写的"), past)
    gone = desk.database(lambda work: past_cases.let_go(work.connection, district.clock.now_ms, 500))
    assert gone == []
    desk.database(lambda work: (work.connection.exec_driver_sql("DELETE FROM cursor"), work.commit()))
    district.clock.now_ms += 1
    # A snapshot is taken before the act is handed in: the centre is asked by hand in that order.
    manifest = desk.line.snapshot()
    assert manifest.parts == [], "the case is in no snapshot any more"

    desk.database(lambda work: (apply_snapshot(work, manifest, []), work.commit()))
    seen = desk.case(past)
    assert seen is not None and seen.history[-1].note == "没有网络时写的", "its clerk goes on seeing it (I14)"
    desk.settle_acts()
    desk.exchange.do(Pull(), desk.line)
    row = desk.database(lambda work: outbox.states_of_case(work.connection, past))[-1]
    assert row.outcome == "accepted"
    assert desk.case(past) == _whole(district, past)


def test_a_case_on_which_nothing_waits_any_more_does_not_outlive_a_snapshot(district: District, desk: Console) -> None:
    """World 1510: the questions before the snapshot had settled the act, and the case stayed as it had been weeks ago."""
    past = _ended(desk)
    district.clock.now_ms += KEPT_MS + DAY_MS
    desk.database(lambda work: (past_cases.hold(work.connection, [past], NEVER_MS), work.commit()))
    desk.act(c.Note("没有网络时写的"), past)
    desk.settle_acts()
    assert district.station(TOWN).does("clerk", c.Note("别人写的"), past)[1] == "accepted"
    desk.database(lambda work: (work.connection.exec_driver_sql("DELETE FROM cursor"), work.commit()))
    assert desk.settle().phase is Phase.ONLINE
    assert desk.case(past) is None
    found = desk.line.past_cases("龙山")
    assert desk.database(lambda work: asking.take_in(work, TOWN, found)) == 1
    assert desk.case(past) == _whole(district, past)


def test_what_outlived_a_snapshot_is_shown_as_it_is_when_somebody_asks_for_it(
    district: District, desk: Console
) -> None:
    past = _ended(desk)
    district.clock.now_ms += KEPT_MS + DAY_MS
    assert district.station(TOWN).does("clerk", c.Note("别人写的"), past)[1] == "accepted"
    desk.act(c.Note("没有网络时写的"), past)
    manifest = desk.line.snapshot()
    desk.database(lambda work: (apply_snapshot(work, manifest, []), work.commit()))
    found = desk.line.past_cases("龙山")
    assert desk.database(lambda work: asking.take_in(work, TOWN, found)) == 0, "it was here"
    seen = desk.case(past)
    assert seen is not None and [step.note for step in seen.history[-2:]] == ["别人写的", "没有网络时写的"]
    assert desk.settle().phase is Phase.ONLINE
    assert desk.case(past) == _whole(district, past)


def _whole(district: District, case_id: str) -> Case:
    with district.centre.reading() as connection:
        raw = connection.execute(select(case_row.c.document).where(case_row.c.id == case_id)).scalar_one()
    return decode(bytes(raw), Case)


def test_a_change_of_a_case_that_is_not_here_is_never_taken_for_the_case(district: District, desk: Console) -> None:
    """A centre of an older program says only what changed: the workstation asks for a snapshot instead of inventing a case."""
    other = district.station(TOWN)
    past = _ended(desk)
    other.does("clerk", c.Note("一"), past)
    item = other.pull()[-1]
    assert item.mode == "effect"
    desk.database(lambda work: (work.connection.exec_driver_sql("DELETE FROM case_row"), work.commit()))
    with pytest.raises(Refused, match="feed_broken"):
        desk.database(lambda work: apply_items(work, TOWN, 1, item.sseq - 1, [item]))
    assert desk.settle().phase is Phase.ONLINE and desk.case(past) == _whole(district, past)


def test_an_older_case_is_found_held_for_a_week_and_counted_once(district: District, desk: Console) -> None:
    past, young = _ended(desk), ""
    number = desk.case(past).number  # type: ignore[union-attr]
    district.clock.now_ms += KEPT_MS + DAY_MS
    young = _ended(desk)
    district.clock.now_ms += HOUR_MS
    desk.settle()
    assert _held(desk) == {young}
    for asked in (number, "店外 龙山", "a001"):
        found = desk.line.past_cases(asked)
        assert [case.id for case in found.cases] == [past] and not found.more, asked
    for asked in ("没有的", "%", "_", f"{number} 没有"):
        assert desk.line.past_cases(asked).cases == [], asked
    assert desk.database(lambda work: asking.take_in(work, TOWN, found)) == 1
    assert desk.database(lambda work: asking.take_in(work, TOWN, found)) == 0
    assert _held(desk) == {young, past}
    counts = desk.database(lambda work: queue.counts(work, desk.desk))
    assert counts.chips["all"] == 2
    district.clock.now_ms += FETCHED_FOR_MS
    desk.settle()
    assert _held(desk) == {young}


def test_an_older_case_is_found_in_either_width(district: District, desk: Console) -> None:
    written = msgspec.structs.replace(REPORT, title="占道Ａ１", place="隆阜（3）社区大道１２号①")
    past = desk.act(written).case_id
    desk.act(c.Decline("重复"), past)
    desk.settle()
    number = desk.case(past).number  # type: ignore[union-attr]
    district.clock.now_ms += KEPT_MS + DAY_MS
    desk.settle()
    wide = "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in number)
    for asked in ("隆阜(3)社区", "隆阜（３）社区", "大道12号", "大道１２号", "a1", "ａ１", "A1", "①", wide):
        assert [case.id for case in desk.line.past_cases(asked).cases] == [past], asked
    for asked in ("隆阜(4)社区", "大道13号", "％", "＿"):
        assert desk.line.past_cases(asked).cases == [], asked


def test_an_answer_older_than_what_is_known_here_is_not_taken(district: District, desk: Console) -> None:
    past = _ended(desk)
    district.clock.now_ms += KEPT_MS + DAY_MS
    desk.settle()
    found = desk.line.past_cases("龙山")
    _goes_on(district.station(TOWN))
    desk.settle()
    assert desk.database(lambda work: asking.take_in(work, TOWN, found)) is None
    assert desk.case(past) is None
    again = desk.line.past_cases("龙山")
    assert desk.database(lambda work: asking.take_in(work, TOWN, again)) == 1


def test_nobody_finds_cases_of_others_or_asks_for_everything(district: District) -> None:
    town, elsewhere = district.station(TOWN), district.station("341002101")
    _ended(town)
    district.clock.now_ms += KEPT_MS + DAY_MS

    def ask(station: Station, words: str) -> PastCases:
        answer = station.ask("GET", "/v1/past-cases", params={"words": words})
        assert answer.status_code == 200, answer.text
        return decode(answer.content, PastCases)

    assert len(ask(town, "龙山").cases) == 1 and ask(elsewhere, "龙山").cases == []
    for words in ("", " ", "a b c d e f g h i"):
        answer = town.ask("GET", "/v1/past-cases", params={"words": words})
        assert (answer.status_code, answer.json()["error"]) == (400, "malformed")
    assert district.ask("GET", "/v1/past-cases", params={"words": "龙山"}).status_code == 401
