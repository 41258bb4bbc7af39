"""Many rows at once: the same rows, and the same errors, whichever way they go to the database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from district.store import UNAVAILABLE
from district.store.tables import case_scope, feed, log
from models import commands as c
from models.store.many_rows import insert_rows
from models.wire import decode_any
from tests.district.parties import REPORT, District, open_district
from tests.models.small_town import TOWN
from tests.real import postgres

AWKWARD = "制表\t换行\n回车\r引号'\"反斜\\N \\. \\x41 {a,b} NULL \\\\"


def test_what_was_pushed_many_at_once_is_kept_letter_for_letter(district: District) -> None:
    town = district.station(TOWN)
    case_id = town.new_id()
    batch = [town.act("clerk", REPORT, case_id)]
    batch += [town.act("clerk", c.Note(f"{AWKWARD}{n}"), case_id) for n in range(30)]
    town.push(*batch)
    kept = [row for row in district.rows(log) if row[4] == case_id]
    assert [row[7] for row in kept] == [sealed.body for sealed in batch]
    notes = [decode_any(item.entry.body)["args"]["note"] for item in town.pull()[1:]]
    assert notes == [f"{AWKWARD}{n}" for n in range(30)]
    district.audited()


@pytest.mark.parametrize("count", [1, 3, 30])
def test_bytes_none_and_truth_come_back_as_they_were(district: District, count: int) -> None:
    rows = [
        {
            "scope": "x",
            "sseq": n,
            "gseq": 1,
            "mode": "own",
            "document": None if n % 2 else bytes(range(256)),
            "chain": AWKWARD,
        }
        for n in range(count)
    ]
    with district.centre.writing() as connection:
        insert_rows(connection, feed, rows)
    assert [row for row in district.rows(feed) if row[0] == "x"] == [tuple(row.values()) for row in rows]


@pytest.mark.parametrize("count", [2, 30])
def test_a_row_that_is_there_already_is_refused_and_nothing_stays(district: District, count: int) -> None:
    rows = [{"case_id": f"c{n % (count - 1)}", "scope": "x"} for n in range(count)]
    with pytest.raises(IntegrityError), district.centre.writing() as connection:
        insert_rows(connection, case_scope, rows)
    assert not [row for row in district.rows(case_scope) if "x" in row]


@pytest.fixture
def served(postgres_server: postgres.Server, made_database: str) -> Iterator[District]:
    with postgres_server.lent(made_database) as url, open_district(url, made=True) as found:
        yield found


@pytest.mark.parametrize("count", [1, 30])
def test_a_database_that_goes_meanwhile_is_weather(served: District, count: int) -> None:
    with pytest.raises(UNAVAILABLE), served.centre.writing() as connection:
        mine = connection.execute(text("SELECT pg_backend_pid()")).scalar()
        with served.engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:mine, 5000)"), {"mine": mine})
        insert_rows(connection, case_scope, [{"case_id": f"c{n}", "scope": "x"} for n in range(count)])
    assert not [row for row in served.rows(case_scope) if "x" in row], "and the next connection is a good one"
