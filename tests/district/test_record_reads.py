"""Who read requesters' records (D2): told to the district's operators, and nothing of any record with it."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from district.store import personal as rows
from district.store.tables import personal_read
from models.clock import HOUR_MS, MINUTE_MS
from models.record_reads import MOST_AT_ONCE
from models.wire import encode, personal_hash
from tests.district.parties import DISTRICT, OPERATOR, REPORT, District, Station
from tests.models.small_town import START_MS, TOWN

NAME, PHONE = "某丙", "0559-0000997"
RECORD = encode({"salt": "pepper", "name": NAME, "phone": PHONE, "note": "住三楼"})
DIGEST = personal_hash("pepper", RECORD)
PATH = "/v1/record-reads"


def reported(district: District) -> tuple[Station, str]:
    """A case whose requester's record the centre has."""
    town = district.station(TOWN)
    assert town.ask("PUT", f"/v1/personal/{DIGEST}", data=RECORD).status_code == 200
    case_id, outcome, _ = town.does("clerk", msgspec.structs.replace(REPORT, number="黎阳-1", personal=DIGEST))
    assert outcome == "accepted"
    return town, case_id


def reads(station: Station, case_id: str) -> None:
    assert station.ask("GET", f"/v1/personal/{DIGEST}?case={case_id}").content == RECORD


def told(station: Station, query: str = "") -> dict[str, Any]:
    answer = station.ask("GET", PATH + query)
    assert answer.status_code == 200, answer.text
    for mark in (NAME, PHONE, "住三楼", DIGEST, "pepper"):
        assert mark not in answer.text and mark.encode("unicode_escape").decode() not in answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_who_where_when_and_of_which_case_newest_first(district: District) -> None:
    town, case_id = reported(district)
    centre = district.station(DISTRICT)
    town.sign_in("clerk")
    centre.sign_in(OPERATOR)
    reads(town, case_id)
    district.clock.now_ms += MINUTE_MS
    reads(centre, case_id)
    found = told(centre)
    assert [(r["person"], r["unit"], r["case_id"], r["case_number"]) for r in found["reads"]] == [
        (OPERATOR, DISTRICT, case_id, "黎阳-1"),
        ("clerk", TOWN, case_id, "黎阳-1"),
    ]
    assert [r["at"] for r in found["reads"]] == [START_MS + MINUTE_MS, START_MS] and not found["more"]
    assert len(district.rows(personal_read)) == 2, "to look who read is to read no record"


def test_only_district_operators_are_told(district: District) -> None:
    town, case_id = reported(district)
    town.sign_in("clerk")
    reads(town, case_id)
    intake = district.station(DISTRICT)
    intake.sign_in("intake")
    for station, status in ((town, 403), (intake, 403), (district.station(DISTRICT), 401)):
        answer = station.ask("GET", PATH)
        assert answer.status_code == status and case_id not in answer.text


def test_page_after_page_every_reading_is_told_once(district: District) -> None:
    """Though as many as a page holds were made in one instant."""
    _, case_id = reported(district)
    centre = district.station(DISTRICT)
    centre.sign_in(OPERATOR)
    with district.centre.writing() as connection:
        for n in range(2 * MOST_AT_ONCE + 50):
            at = START_MS + (HOUR_MS if n < MOST_AT_ONCE + 20 else n)
            rows.note_reading(connection, DIGEST, case_id, f"p-{n}", centre.device, at)
    seen: list[dict[str, Any]] = []
    query, pages = "", 0
    while True:
        page = told(centre, query)
        seen += page["reads"]
        pages += 1
        if not page["more"]:
            break
        query = f"?before={page['reads'][-1]['at']}"
    assert len(seen) == len({r["person"] for r in seen}) == 2 * MOST_AT_ONCE + 50 and pages == 3
    assert [r["at"] for r in seen] == sorted((r["at"] for r in seen), reverse=True)


@pytest.mark.landing
def test_what_is_no_instant_is_refused(district: District) -> None:
    centre = district.station(DISTRICT)
    centre.sign_in(OPERATOR)
    for wrong in ("", "x", "-1", "1.5", "9" * 17, "%00"):
        assert centre.ask("GET", f"{PATH}?before={wrong}").status_code == 400, wrong
    assert told(centre, f"?before={'9' * 16}")["reads"] == []


@pytest.mark.landing
def test_a_workstation_or_a_case_that_is_gone_hides_no_reading(district: District) -> None:
    centre = district.station(DISTRICT)
    centre.sign_in(OPERATOR)
    with district.centre.writing() as connection:
        rows.note_reading(connection, DIGEST, "gone", "clerk", "D-gone", START_MS)
    (found,) = told(centre)["reads"]
    assert (found["person"], found["unit"], found["case_number"], found["case_id"]) == ("clerk", "", "", "gone")
