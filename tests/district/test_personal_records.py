"""Requesters' records stand beside the log (D2): once, by their hash, for few, for a time."""

from __future__ import annotations

import time
from pathlib import Path

import msgspec
import pytest

from district import app, personal_records
from district.store.tables import log, personal, personal_read, record_awaited
from models import commands as c
from models.clock import DAY_MS
from models.personal_access import may_read_requester
from models.store.case_table import get_case
from models.wire import PullReply, decode, encode, personal_hash
from tests.district.parties import DISTRICT, REPORT, District, Station, dispatched_case, open_district
from tests.district.test_editions_in_force import publish
from tests.models import small_town
from tests.models.small_town import MARKET, OTHER_TOWN, SMALL_VILLAGE, SQUAD, TOWN, VILLAGE

RECORD = encode({"salt": "pepper", "name": "某乙", "phone": "0559-0000998"})
DIGEST = personal_hash("pepper", RECORD)
KEPT_DAYS = small_town.reference().policy.personal_kept_days


def _put(station: Station, digest: str = DIGEST, record: bytes = RECORD) -> int:
    return station.ask("PUT", f"/v1/personal/{digest}", data=record).status_code


def test_before_or_after_its_command_and_as_often_as_you_like(district: District) -> None:
    town = district.station(TOWN)
    town.sign_in("clerk")
    case_id, _, _ = town.does("clerk", msgspec.structs.replace(REPORT, personal=DIGEST))
    assert town.ask("GET", f"/v1/personal/{DIGEST}?case={case_id}").status_code == 404
    assert _put(town) == _put(town) == 200
    assert len(district.rows(personal)) == 1
    found = town.ask("GET", f"/v1/personal/{DIGEST}?case={case_id}")
    assert found.content == RECORD
    assert all("某乙" not in str(row) for row in district.rows(log))


def test_only_what_has_the_hash_is_kept(district: District) -> None:
    town = district.station(TOWN)
    assert _put(town, "0" * 64) == 400
    assert _put(town, DIGEST, b"[]") == 400
    assert _put(town, DIGEST, b'{"salt":1}') == 400
    nameless = b'{"salt":"pepper","name":5}'
    assert _put(town, personal_hash("pepper", nameless), nameless) == 400
    assert _put(town, DIGEST, b"{" + b" " * 20_000 + b"}") == 413
    assert district.rows(personal) == []


def test_a_unit_that_handles_the_case_does_not_learn_who_asked(district: District) -> None:
    town, market = district.station(TOWN), district.station(MARKET)
    _put(town)
    case_id = dispatched_case(town, MARKET)
    del case_id
    named, _, _ = town.does("clerk", msgspec.structs.replace(REPORT, personal=DIGEST))
    market.sign_in("market-officer")
    assert market.ask("GET", f"/v1/personal/{DIGEST}?case={named}").status_code == 404


READERS = [
    # who, at which desk, and whether the record is given out to him there
    ("clerk", TOWN, True),
    ("clerk-2", TOWN, True),
    ("confirmer", TOWN, True),
    ("deputy", TOWN, True),
    ("market-deputy", TOWN, False),  # seconded: he sits there for the office
    ("market-deputy", MARKET, False),
    ("market-officer", MARKET, False),
    ("squad-officer", SQUAD, False),
    ("member-1", VILLAGE, False),  # the station that will check
    ("vice", VILLAGE, False),
    ("operator", DISTRICT, True),
    ("intake", DISTRICT, True),
    ("other-clerk", OTHER_TOWN, False),
]


@pytest.mark.parametrize("person, unit, may", READERS)
def test_who_reads_it_at_the_centre_and_who_is_offered_it(
    district: District, person: str, unit: str, may: bool
) -> None:
    town = district.station(TOWN)
    _put(town)
    case_id, _, _ = town.does("clerk", msgspec.structs.replace(REPORT, personal=DIGEST))
    for act in (c.File(), c.Dispatch(MARKET, co=(SQUAD,))):
        town.does("clerk", act, case_id)
    desk = town if unit == TOWN else district.station(unit)
    desk.sign_in(person)
    answer = desk.ask("GET", f"/v1/personal/{DIGEST}?case={case_id}")
    assert answer.status_code == (200 if may else 404)
    assert len(district.rows(personal_read)) == int(may), "every reading is recorded, and nothing else"
    with district.centre.reading() as connection:
        case = get_case(connection, case_id)
    actor = district.centre.rules.actor(person, unit)
    assert case is not None and actor is not None and may_read_requester(case, actor) is may


@pytest.mark.parametrize("person, may", [("member-1", True), ("head", True), ("lone-head", False)])
def test_the_station_that_wrote_it_reads_it(district: District, person: str, may: bool) -> None:
    village = district.station(VILLAGE)
    _put(village)
    case_id, _, _ = village.does("member-1", msgspec.structs.replace(REPORT, personal=DIGEST))
    desk = village if may else district.station(SMALL_VILLAGE)
    desk.sign_in(person)
    assert desk.ask("GET", f"/v1/personal/{DIGEST}?case={case_id}").status_code == (200 if may else 404)


def test_it_is_erased_when_its_time_is_over_and_no_chain_breaks(district: District) -> None:
    town = district.station(TOWN)
    town.sign_in("clerk")
    _put(town)
    case_id, _, _ = town.does("clerk", msgspec.structs.replace(REPORT, personal=DIGEST))
    district.clock.now_ms += KEPT_DAYS * DAY_MS
    town.sign_in("clerk")
    assert town.ask("GET", f"/v1/personal/{DIGEST}?case={case_id}").status_code == 404
    with district.centre.writing() as connection:
        assert personal_records.erase_expired(connection, district.clock.now_ms, KEPT_DAYS) == 1
    assert district.rows(personal) == []
    district.audited()


def test_a_service_that_runs_on_erases_too(made_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening it is not the only time: nobody may open it again for years."""
    monkeypatch.setattr(app, "_ERASE_EVERY_SECONDS", 0.05)
    copy = tmp_path / "district.sqlite"
    copy.write_bytes(made_file.read_bytes())
    with open_district(f"sqlite:///{copy}", made=True) as district:
        _put(district.station(TOWN))
        district.clock.now_ms += KEPT_DAYS * DAY_MS - 1
        time.sleep(0.3)
        assert len(district.rows(personal)) == 1
        district.clock.now_ms += 1
        until = time.monotonic() + 10
        while district.rows(personal) and time.monotonic() < until:
            time.sleep(0.02)
        assert district.rows(personal) == []
        district.audited()
    assert b"0559-0000998" not in copy.read_bytes(), "nor does it lie on in the file"


def test_a_service_that_runs_on_forgets_what_was_given_up(
    made_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Uploads that were never ended; only a start of the service looked for them."""
    monkeypatch.setattr(app, "_ERASE_EVERY_SECONDS", 0.05)
    copy = tmp_path / "district.sqlite"
    copy.write_bytes(made_file.read_bytes())
    with open_district(f"sqlite:///{copy}", made=True) as district:
        district.blobs.append("0" * 64, b"begun", "D-1")
        begun = (
            district.blobs.part_of("0" * 64, "D-1").stat().st_mtime
        )  # the disk's own time, whatever hour the test runs at
        district.clock.now_ms = int(begun * 1000) + 29 * DAY_MS
        time.sleep(0.3)
        assert district.blobs.part_size("0" * 64, "D-1") == 5
        district.clock.now_ms += 2 * DAY_MS
        until = time.monotonic() + 10
        while district.blobs.part_size("0" * 64, "D-1") and time.monotonic() < until:
            time.sleep(0.02)
        assert not district.blobs.part_size("0" * 64, "D-1")


# Named by an act, and not here (docs/decisions/0019)


def _awaited(station: Station) -> list[str]:
    answer = station.pull_raw(0)
    assert answer.status_code == 200
    return decode(answer.content, PullReply).records_awaited


def test_the_unit_of_an_act_is_asked_for_the_record_it_names_until_it_comes(district: District) -> None:
    town, second, village = district.station(TOWN), district.station(TOWN), district.station(VILLAGE)
    assert _awaited(town) == []
    assert b"records_awaited" not in town.pull_raw(0).content, "nothing is said while nothing is missing"
    town.does("clerk", msgspec.structs.replace(REPORT, personal=DIGEST))
    assert _awaited(town) == _awaited(second) == [DIGEST], "another workstation of the unit may have it"
    assert _awaited(village) == [], "which cases the unit does not see is nobody else's affair"
    assert _put(second) == 200
    assert _awaited(town) == [] and district.rows(record_awaited) == []
    town.does("clerk", msgspec.structs.replace(REPORT, personal=DIGEST))
    assert _awaited(town) == [], "it is here"


def test_two_that_name_the_same_record_are_both_asked_and_each_once(district: District) -> None:
    town, village = district.station(TOWN), district.station(VILLAGE)
    named = msgspec.structs.replace(REPORT, personal=DIGEST)
    town.does("clerk", named)
    town.push(town.act("clerk", named, town.new_id()), town.act("clerk", named, town.new_id()))
    village.does("member-1", named)
    assert _awaited(town) == _awaited(village) == [DIGEST]
    assert len(district.rows(record_awaited)) == 2
    assert _put(village) == 200
    assert _awaited(town) == _awaited(village) == []


def test_what_is_no_hash_is_not_asked_for(district: District) -> None:
    town = district.station(TOWN)
    town.does("clerk", msgspec.structs.replace(REPORT, personal="not a hash"))
    assert district.rows(record_awaited) == []


def test_a_record_that_never_comes_is_asked_for_as_long_as_it_would_have_been_kept(district: District) -> None:
    town = district.station(TOWN)
    town.does("clerk", msgspec.structs.replace(REPORT, personal=DIGEST))
    district.clock.now_ms += KEPT_DAYS * DAY_MS - 1
    with district.centre.writing() as connection:
        personal_records.erase_expired(connection, district.clock.now_ms, KEPT_DAYS)
    assert _awaited(town) == [DIGEST]
    district.clock.now_ms += 1
    with district.centre.writing() as connection:
        personal_records.erase_expired(connection, district.clock.now_ms, KEPT_DAYS)
    assert _awaited(town) == []


def test_a_hundred_at_a_time_the_longest_awaited_first(district: District) -> None:
    town = district.station(TOWN)
    names = [f"{n:064x}" for n in range(120)]
    for name in names:
        town.does("clerk", msgspec.structs.replace(REPORT, personal=name))
        district.clock.now_ms += 1
    assert _awaited(town) == names[:100]


def in_force(district: District, kept_days: int) -> None:
    """The district says from now on that records are kept for so long."""
    edition = small_town.reference()
    policy = msgspec.structs.replace(edition.policy, personal_kept_days=kept_days)
    publish(district, msgspec.structs.replace(edition, policy=policy))
    with district.centre.in_order():
        pass  # whoever is in order next has heard of it
    assert district.centre.rules.policy.personal_kept_days == kept_days


def test_a_shorter_time_holds_at_once_and_a_longer_one_for_what_comes_after_it(district: District) -> None:
    town = district.station(TOWN)
    town.sign_in("clerk")
    _put(town)
    case_id, _, _ = town.does("clerk", msgspec.structs.replace(REPORT, personal=DIGEST))
    in_force(district, 2 * KEPT_DAYS)
    later = encode({"salt": "salt", "name": "某丙", "phone": ""})
    assert _put(town, personal_hash("salt", later), later) == 200

    def seen_after(days: int) -> int:
        district.clock.now_ms += days * DAY_MS
        town.sign_in("clerk")
        return town.ask("GET", f"/v1/personal/{DIGEST}?case={case_id}").status_code

    assert seen_after(100) == 200
    in_force(district, 100)
    assert seen_after(0) == 404, "before anybody has erased it"
    in_force(district, 2 * KEPT_DAYS)
    assert seen_after(KEPT_DAYS - 101) == 200
    assert seen_after(1) == 404, "who gave his name was told no more"
    with district.centre.writing() as connection:
        days = district.centre.rules.policy.personal_kept_days
        assert personal_records.erase_expired(connection, district.clock.now_ms, days) == 1
    assert [row[2] for row in district.rows(personal)] == [later]
