"""A small year loaded in bulk is, row for row, what the API writes when the same acts reach it over the line."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest
from requests import Response
from sqlalchemy import delete, select

from district import bulk, demo
from district.journal import CENTRE_DEVICE
from district.opening import initialise, open_database
from district.store.tables import undelivered
from district.year import load
from models import commands as c
from models.clock import DAY_MS
from models.evidence import ClaimedTime
from models.ids import RandomBytes, id_source, new_token, uuid7
from models.rules import Reference, Rules
from models.store.case_table import metadata
from models.wire import (
    PullReply,
    PushReply,
    Reason,
    Sealed,
    decode,
    decode_case,
    decode_command,
    encode,
    personal_hash,
    seal,
    split_lines,
)
from tests.district.parties import OPERATOR, PASSWORD, REPORT, District, HandClock, Station, open_district, seeded
from tests.models import small_town
from tests.models.small_town import MARKET, SQUAD, START_MS, TOWN

CASES = 500
SEED = 5_002_026
END_MS = 1_795_404_600_000
"""2026-11-23 11:30 in Shanghai."""
OPENED_MS = END_MS - 366 * DAY_MS
ADMINISTRATOR = "341002-operator-1"
PORTION = 700
"""Far less than the year: the bulk loader commits in the middle of things."""
TOKEN_BYTES = 32

Rows = dict[str, list[dict[str, Any]]]


class Registration(msgspec.Struct, frozen=True):
    """A workstation of the recording: its row, and what chance gave for its token and its id."""

    row: dict[str, Any]
    token: bytes
    number: bytes

    def station(self, district: District) -> Station:
        token = new_token(lambda _count: self.token)
        return Station(district.ask, district.clock, self.row["id"], token, self.row["unit"])


class Recording(msgspec.Struct, frozen=True):
    """A year as it was loaded: every row it left, its workstations in the order they came, and what chance gave for the
    ids of the centre's own acts."""

    rows: Rows
    registrations: list[Registration]
    centre_ids: list[bytes]


@pytest.fixture(scope="module")
def recording(rules: Rules, tmp_path_factory: pytest.TempPathFactory) -> Recording:
    """The small year, loaded in bulk; at its end every workstation looks."""
    url = f"sqlite:///{tmp_path_factory.mktemp('year')}/recording.sqlite"
    make_empty(url, rules.reference)
    drawn: list[bytes] = []

    def kept(chance: RandomBytes) -> RandomBytes:
        def draw(count: int) -> bytes:
            drawn.append(chance(count))
            return drawn[-1]

        return draw

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk, "PORTION", PORTION)
        patch.setattr(load, "BulkLoader", lambda u, r, chance: bulk.BulkLoader(u, r, kept(chance)))
        load.load_year(url, rules, SEED, END_MS, CASES, lambda _done, _all: None)
    pairs = [(token, number) for token, number in pairwise(drawn) if len(token) == TOKEN_BYTES]
    of_registrations = {draw for pair in pairs for draw in pair}
    with open_district(url, made=True) as district:
        devices = {row["id"]: row for row in rows_of(district)["device"]}
        made = [Registration(devices[f"D-{uuid7(OPENED_MS, number)}"], token, number) for token, number in pairs]
        everybody_looks(district, {m.row["unit"]: m.station(district) for m in made})
        return Recording(rows_of(district), made, [d for d in drawn if d not in of_registrations])


def make_empty(url: str, first: Reference, operator: str = ADMINISTRATOR, now_ms: int = OPENED_MS) -> None:
    """A district with its reference data and accounts, in which nothing has happened yet."""
    chance = seeded(SEED)
    engine = open_database(url)
    initialise(engine, first, operator, PASSWORD, now_ms, chance)
    with engine.begin() as connection:
        demo.open_accounts(connection, first, chance)
    engine.dispose()


def rows_of(district: District) -> Rows:
    """Every row of every table, in the order of its key."""
    with district.centre.reading() as connection:
        return {
            name: [dict(row) for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()]
            for name, table in metadata.tables.items()
        }


def everybody_looks(district: District, stations: dict[str, Station]) -> None:
    """Every workstation takes a snapshot and reports the head of its feed: both leave rows."""
    district.clock.now_ms = END_MS
    for unit, station in sorted(stations.items()):
        answer = station.ask("GET", "/v1/snapshot")
        assert answer.status_code == 200, answer.text
        found = answer.json()
        heads = {unit: (found["sseq"], found["scope_chain"])}
        answer = station.ask("POST", "/v1/checkpoint", json={"epoch": 1, "heads": heads})
        assert answer.status_code == 200 and answer.json()["agrees"], answer.text
    district.audited()


class Tape:
    """A random source that gives what it was handed, in that order, and nothing else."""

    def __init__(self) -> None:
        self.left: list[bytes] = []

    def __call__(self, count: int) -> bytes:
        found = self.left.pop(0)
        assert len(found) == count
        return found


class Replay:
    """The recording's acts over the line: one request each, in the order of its log, at the time it received them."""

    def __init__(self, district: District, recording: Recording) -> None:
        self.recording = recording
        self.tape = Tape()
        district.centre.random_bytes = self.tape
        district.centre.new_id = id_source(district.clock, self.tape)
        self._district = district
        self._places: dict[str, int] = {}
        self.stations = {r.row["unit"]: self._registered(r) for r in recording.registrations}
        cases = [decode_case(row["document"]) for row in recording.rows["case_row"]]
        self._receivers = {(case.id, a.id): a.receiver for case in cases for a in case.assignments}

    def _registered(self, registration: Registration) -> Station:
        """As the first version registered them: the year's workstations have no keys, and their acts no signatures."""
        row = registration.row
        self._district.clock.now_ms = row["registered_at"]
        self.tape.left = [registration.token, registration.number]
        self._district.old_station(row["unit"], by=row["registered_by"], label=row["label"])
        return registration.station(self._district)

    def run(self) -> None:
        """Everything after the first entry, which the empty district has already."""
        self.tape.left = list(self.recording.centre_ids)
        by_device = {station.device: station for station in self.stations.values()}
        made = 1
        for row in self.recording.rows["log"]:
            if row["gseq"] <= made:
                continue
            self._district.clock.now_ms = row["received_at"]
            made = self._pull(row) if row["device"] == CENTRE_DEVICE else self._push(by_device[row["device"]], row)
        assert self.tape.left == []

    def _push(self, station: Station, row: dict[str, Any]) -> int:
        reply = station.push(Sealed(row["body"], row["hash"], row["alg"], row["sig"]))
        reason: Reason | None = decode(row["reason"], Reason | None)  # type: ignore[arg-type]
        expected = (row["cmd_id"], row["outcome"], reason.code if reason is not None else "", row["gseq"])
        assert reply.error == "" and reply.known == [expected], reply
        self._received_at_once()
        return int(row["gseq"])

    def _received_at_once(self) -> None:
        """As in bulk: every desk has its line, and what is handed on without an assignment is there. A pull would deliver
        assignments as well, which the recording delivers later."""
        with self._district.engine.begin() as connection:
            connection.execute(delete(undelivered).where(undelivered.c.assignment.not_like("%.%")))

    def _pull(self, row: dict[str, Any]) -> int:
        """The receiver's workstation pulls, and asks on from behind; this delivers, in one transaction, all that waits for it."""
        args = decode_command(row["body"]).args
        assert isinstance(args, c.Deliver)
        station = self.stations[self._receivers[row["case_id"], args.assignment]]
        come = station.page(self._places.get(station.unit, 0), limit=1_000)
        delivered = station.page(come[-1].sseq, limit=1_000)
        self._places[station.unit] = delivered[-1].sseq
        return delivered[-1].entry.gseq


@pytest.mark.landing
def test_the_year_over_the_line_leaves_the_rows_of_the_year_in_bulk(
    recording: Recording, rules: Rules, database_url: str
) -> None:
    make_empty(database_url, rules.reference)
    with open_district(database_url, made=True) as district:
        replay = Replay(district, recording)
        replay.run()
        everybody_looks(district, replay.stations)
        found = rows_of(district)
    assert_same(recording.rows, found)


def assert_same(recorded: Rows, replayed: Rows) -> None:
    for name, rows in recorded.items():
        for one, other in zip(rows, replayed[name], strict=True):
            assert one == other, name


def test_the_recording_holds_what_is_to_be_compared(recording: Recording) -> None:
    """Otherwise two empty tables would agree."""
    filled = {name for name, rows in recording.rows.items() if rows}
    assert filled == set(metadata.tables) - {
        "alias",
        "deferral",
        "undelivered",
        "former_desk",
        "session",
        "personal",
        "personal_read",
        "enrolment_code",
        "enrolment_try",
        "quarantine",
        "evidence_export",
        "blob",
        "lost",
        "record_awaited",
        "wall_step",
    }
    assert len(recording.rows["case_row"]) == CASES
    assert len(recording.rows["log"]) > 5 * PORTION, "several portions"


# What a believable year does not hold: the same, in bulk and over the line


class InBulk:
    """A district that is asked like any other and answers through the bulk loader."""

    def __init__(self, url: str) -> None:
        self.clock = HandClock()
        self.loader = bulk.BulkLoader(url, random_bytes=seeded(SEED))
        self._units: dict[str, str] = {}

    def old_station(self, unit: str) -> Station:
        made = self.loader.register(unit, "", OPERATOR, self.clock.now_ms)
        self._units[made.id] = unit
        return Station(self.ask, self.clock, made.id, "", unit)

    def ask(self, _method: str, path: str, *, headers: dict[str, str], data: bytes) -> Response:
        device, now = headers["X-Device"], self.clock.now_ms
        unit = self._units[device]
        answer = Response()
        answer.status_code = 200
        answer._content = b"{}"
        if path == "/v1/push":
            batch = [(sealed, decode_command(sealed.body)) for sealed in split_lines(data)]
            answer._content = encode(self.loader.push(device, batch, now))
        elif path == "/v1/pull":
            self.loader.deliver(unit, now)
            answer._content = encode(PullReply(1, {}, {}, now))
        else:
            assert self.loader.personal(path.rpartition("/")[2], data, unit, now)
        return answer


def hard_day(district: District | InBulk) -> list[PushReply]:
    """Refused, merged, retracted, repeated, copied and misplaced acts, cases that come and go; every push's reply."""
    replies: list[PushReply] = []

    def push(station: Station, *batch: Sealed) -> None:
        district.clock.now_ms += 61_000
        replies.append(station.push(*batch))

    def does(station: Station, person: str, args: c.Args, case_id: str, **changes: Any) -> str:
        sealed = station.act(person, args, case_id, **changes)
        push(station, sealed)
        return decode_command(sealed.body).cmd_id

    town, desk, market, squad = (district.old_station(unit) for unit in (TOWN, TOWN, MARKET, SQUAD))
    record = b'{"salt":"00112233445566778899","name":"\xe7\x8e\x8b"}'
    digest = personal_hash("00112233445566778899", record)
    town.ask("PUT", f"/v1/personal/{digest}", data=record)
    case_id = town.new_id()
    report = msgspec.structs.replace(REPORT, personal=digest)
    batch = [town.act("clerk", args, case_id) for args in (report, c.File(), c.Dispatch(MARKET, (SQUAD,)))]
    push(town, *batch[:2])
    push(town, *batch)
    market.pull()
    market.pull()
    lead = f"{decode_command(batch[2].body).cmd_id.replace('-', '')[-12:]}.0"
    asked = does(market, "market-deputy", c.AskReturn(lead, "不属本单位职责"), case_id)
    does(town, "clerk", c.AnswerReturn(asked, True), case_id)
    does(desk, "clerk-2", c.AnswerReturn(asked, True), case_id)
    does(market, "market-deputy", c.Note("已不在本单位"), case_id)
    does(town, "clerk", c.Dispatch(MARKET), case_id)
    given = does(town, "clerk", c.Redispatch(SQUAD, "改派"), case_id)
    market.pull()
    squad.pull()
    for person in ("squad-officer", "squad-leader"):
        does(squad, person, c.Acknowledge(f"{given.replace('-', '')[-12:]}.0"), case_id)
    does(town, "nobody", c.Note("无此人"), case_id)
    does(town, "clerk", c.File(), "no-such-case")
    does(desk, "clerk", REPORT, desk.new_id(), time=ClaimedTime(1, "b", 1))
    wrong = town.act("clerk", c.Note("误报"), case_id)
    push(town, wrong, town.act("clerk", c.Retract(decode_command(wrong.body).cmd_id), case_id))
    for station in (desk, market):
        command = decode_command(batch[0].body)
        place = {"device": station.device, "dseq": station.dseq + 1, "prev": station.head}
        copied = station.sealed(seal(msgspec.structs.replace(command, **place)))
        push(station, copied)
        push(station, copied)
        first, again = replies[-2:]
        assert first.known == again.known and (first.error, again.error) == ("", "")
    push(squad, squad.act("squad-officer", c.Note("一"), case_id), squad.act("squad-officer", c.Note("二"), case_id))
    other = town.new_id()
    push(town, *[town.act("clerk", args, other) for args in (REPORT, c.File(), c.Dispatch(MARKET))])
    squad.dseq += 1
    does(squad, "squad-officer", c.Note("隔一"), case_id)
    does(town, "clerk", c.Note("分叉"), case_id, prev="0" * 64)
    return replies


@pytest.mark.parametrize("portion", [1, 3, 10_000])
def test_a_hard_day_leaves_the_same_rows_and_replies(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, portion: int
) -> None:
    monkeypatch.setattr(bulk, "PORTION", portion)
    in_bulk = f"sqlite:///{tmp_path}/bulk.sqlite"
    for url in (in_bulk, database_url):
        make_empty(url, small_town.reference(), OPERATOR, START_MS)
    loading = InBulk(in_bulk)
    with loading.loader:
        recorded = hard_day(loading)
    with open_district(database_url, made=True, seed=SEED) as district:
        assert hard_day(district) == recorded
        found = rows_of(district)
    with open_district(in_bulk, made=True) as district:
        assert_same(rows_of(district), found)
    assert {outcome for reply in recorded for _, outcome, *_ in reply.known} == {"accepted", "merged", "rejected"}
    assert {reply.error for reply in recorded} == {"", "gap", "fork"}
    assert all(found[name] for name in ("alias", "personal", "undelivered"))
