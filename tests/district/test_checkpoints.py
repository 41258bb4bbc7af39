"""Once an hour a workstation tells where its feed ends: a past that was rewritten behind its back is noticed (sync.md §3.4)."""

from __future__ import annotations

import logging

import pytest
from sqlalchemy import update

from district.store.tables import checkpoint, feed, scope_head
from models.clock import HOUR_MS
from models.store import cursors
from services.sync.machine import Phase
from tests.district.parties import REPORT, District
from tests.models.small_town import TOWN
from tests.whole.parties import Console


@pytest.fixture
def desk(desk: Console) -> Console:
    """One with a place in its feed."""
    desk.act(REPORT)
    desk.settle()
    return desk


def _told(district: District) -> list[tuple[int, str, bool]]:
    return [(row[2], row[3], row[4]) for row in district.rows(checkpoint)]


def _place(desk: Console) -> tuple[int, str]:
    found = desk.database(lambda work: cursors.read(work.connection, TOWN))
    assert found is not None
    return found.sseq, found.chain


def test_it_is_told_once_an_hour_where_the_feed_ends_here(district: District, desk: Console) -> None:
    district.clock.now_ms += HOUR_MS
    desk.settle()
    first = _place(desk)
    assert _told(district) == [(*first, True)]
    desk.act(REPORT)
    desk.settle()
    desk.settle()
    assert _place(desk) != first and _told(district) == [(*first, True)], "not with every pull"
    district.clock.now_ms += HOUR_MS
    desk.settle()
    assert _told(district) == [(*_place(desk), True)]


def test_a_past_rewritten_with_every_chain_is_noticed_and_taken_anew(
    district: District, desk: Console, caplog: pytest.LogCaptureFixture
) -> None:
    """Whoever rewrites the database and all its chains meets what the workstations remember."""
    sseq, _chain = _place(desk)
    forged = "f" * 64
    with district.centre.writing() as connection:
        connection.execute(update(feed).where(feed.c.scope == TOWN, feed.c.sseq == sseq).values(chain=forged))
        connection.execute(update(scope_head).where(scope_head.c.scope == TOWN).values(chain=forged))
    district.clock.now_ms += HOUR_MS
    with caplog.at_level(logging.WARNING, "district"):
        assert desk.settle().phase is Phase.ONLINE
    assert _place(desk) == (sseq, forged), "it goes on from what the centre shows now"
    assert any("another past" in record.message for record in caplog.records), "and the centre's log tells of it"
    assert [agrees for _sseq, _chain, agrees in _told(district)] == [False]
    desk.settle()
    assert [agrees for _sseq, _chain, agrees in _told(district)] == [False], "no more than once an hour"
    district.clock.now_ms += HOUR_MS
    desk.settle()
    assert _told(district) == [(sseq, forged, True)]
