"""A snapshot is the feed's fold at one place, in parts that stay what their names say (sync.md §3.4, §3.11)."""

from __future__ import annotations

import hashlib
import threading

import pytest

from district import snapshots
from district.store.tables import snapshot, snapshot_part
from models import commands as c
from models.case import Case
from models.retention import KEPT_MS
from models.wire import SnapshotManifest, decode, decode_case
from tests.district.parties import REPORT, District, Station, dispatched_case
from tests.district.test_feeds import _fold
from tests.models.small_town import MARKET, TOWN


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "CASES_A_PART", 4)


def _take(station: Station) -> SnapshotManifest:
    answer = station.ask("GET", "/v1/snapshot")
    assert answer.status_code == 200, answer.text
    return decode(answer.content, SnapshotManifest)


def _read(station: Station, manifest: SnapshotManifest) -> dict[str, Case]:
    state = hashlib.sha256()
    found: dict[str, Case] = {}
    for part in manifest.parts:
        body = station.ask("GET", f"/v1/snapshot/{part.sha256}").content
        assert hashlib.sha256(body).hexdigest() == part.sha256 and len(body) == part.size
        lines = body.splitlines()
        assert len(lines) == part.lines
        for line in lines:
            state.update(hashlib.sha256(line).digest())
            case = decode_case(line)
            found[case.id] = case
    assert state.hexdigest() == manifest.state_hash
    return found


def test_it_is_the_fold_of_the_feed_at_its_place(district: District) -> None:
    town, market = district.station(TOWN), district.station(MARKET)
    for number in range(11):
        dispatched_case(town, MARKET)
        district.clock.now_ms += number
    manifest, items = _take(market), market.page()
    assert (manifest.sseq, manifest.scope_chain) == (items[-1].sseq, items[-1].scope_chain)
    cases = _read(market, manifest)
    assert cases == _fold(items) and len(cases) == 11
    assert all(case.lead.delivered_at is None for case in cases.values())  # type: ignore[union-attr]
    market.pull(manifest.sseq)
    delivered = _fold(market.pull()).values()
    assert all(case.lead.delivered_at is not None for case in delivered), "it has come, and goes on from there"  # type: ignore[union-attr]
    assert sum(p.lines for p in manifest.parts) == 11 and all(0 < p.lines <= 8 for p in manifest.parts)


def test_nothing_new_means_the_same_snapshot_and_most_parts_outlive_a_change(district: District) -> None:
    town = district.station(TOWN)
    ids = []
    for _ in range(24):
        district.clock.now_ms += 10
        ids.append(town.does("clerk", REPORT)[0])
    first = _take(town)
    district.clock.now_ms += 5_000
    second = _take(town)
    assert second.parts == first.parts and second.now_ms == district.clock.now_ms
    town.does("clerk", c.File(), ids[-1])
    third = _take(town)
    assert len(third.parts) > 2 and third.parts[:-1] == first.parts[:-1] and third.parts[-1] != first.parts[-1]
    assert _read(town, first) != _read(town, third), "who began with the first one finishes it"


def test_most_parts_outlive_the_oldest_case_that_falls_away(district: District) -> None:
    town = district.station(TOWN)
    for _ in range(24):
        district.clock.now_ms += 10
        case_id, _, _ = town.does("clerk", REPORT)
        town.does("clerk", c.Decline("x"), case_id)
    first = _take(town)
    district.clock.now_ms += KEPT_MS - 23 * 10 + 1
    town.does("clerk", REPORT)
    later = _take(town)
    assert sum(p.lines for p in first.parts) == 24 and sum(p.lines for p in later.parts) == 24
    assert set(first.parts[1:-1]) <= set(later.parts), "they are cut where an id says so, not by counting"


def test_old_ones_are_forgotten(district: District) -> None:
    town = district.station(TOWN)
    first = None
    for _ in range(6):
        case_id, _, _ = town.does("clerk", REPORT)
        first = first or _take(town)
        town.does("clerk", c.File(), case_id)
        last = _take(town)
    assert len(district.rows(snapshot)) == 3
    kept = {row[1] for row in district.rows(snapshot_part)}
    assert {p.sha256 for p in last.parts} <= kept
    assert first is not None and first.parts[0].sha256 not in kept
    assert town.ask("GET", f"/v1/snapshot/{first.parts[0].sha256}").status_code == 404


@pytest.mark.parametrize(
    ("asked", "status", "span"),
    [
        ("bytes=0-9", 206, (0, 10)),
        ("bytes=10-", 206, (10, None)),
        ("bytes=-5", 206, (-5, None)),
        ("bytes=0-999999999", 206, (0, None)),
        ("bytes=99999999-", 416, None),
        ("bytes=-", 200, (0, None)),
        ("lines=1-2", 200, (0, None)),
        ("bytes=9-3", 416, None),
    ],
)
def test_a_part_is_fetched_from_where_it_broke_off(
    district: District, asked: str, status: int, span: tuple[int, int | None] | None
) -> None:
    town = district.station(TOWN)
    town.does("clerk", REPORT)
    name = _take(town).parts[0].sha256
    whole = town.ask("GET", f"/v1/snapshot/{name}").content
    answer = town.ask("GET", f"/v1/snapshot/{name}", headers={"Range": asked})
    assert answer.status_code == status
    if span is not None:
        assert answer.content == whole[span[0] : span[1]]


def test_it_is_one_consistent_place_while_others_write(district: District) -> None:
    town, reader = district.station(TOWN), district.station(TOWN)
    over = threading.Event()

    def write() -> None:
        while not over.is_set():
            town.does("clerk", REPORT)

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(8):
            manifest = _take(reader)
            cases = _read(reader, manifest)
            items = [i for i in reader.pull() if i.sseq <= manifest.sseq]
            assert cases == _fold(items)
    finally:
        over.set()
        writer.join(20)


def test_too_many_at_once_come_again(district: District, monkeypatch: pytest.MonkeyPatch) -> None:
    town = district.station(TOWN)
    go_on, begun = threading.Event(), threading.Event()
    shipped = snapshots.take

    def slow(*args: object) -> SnapshotManifest:
        begun.set()
        assert go_on.wait(20)
        return shipped(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(snapshots, "take", slow)
    answers: list[int] = []
    stations = [district.station(TOWN) for _ in range(4)]
    threads = [
        threading.Thread(target=lambda s=s: answers.append(s.ask("GET", "/v1/snapshot").status_code)) for s in stations
    ]
    for thread in threads:
        thread.start()
    assert begun.wait(10)
    refused = None
    for _ in range(200):
        refused = None if go_on.wait(0.02) else town.ask("GET", "/v1/reference").status_code
        lanes = district.lanes
        if lanes.snapshots_waiting == 4:
            break
    answer = town.ask("GET", "/v1/snapshot")
    assert refused == 200 and answer.status_code == 503 and answer.headers["retry-after"] == "3"
    go_on.set()
    for thread in threads:
        thread.join(20)
    assert answers == [200] * 4
