"""A workstation that was let in again: which devices the centre believes it was, and what that proves of its acts (sync-R4;
docs/decisions/0014)."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from district.centre import HEAD, SCRIPTS
from district.past import EPOCH
from district.store.documents import write_meta
from district.store.tables import device
from models import commands as c
from models.clock import MINUTE_MS
from models.evidence import Anchor, ClaimedTime, Grade
from models.origin import Origin
from models.store.engine import open_engine
from models.store.migrate import migrate
from tests.district.parties import REPORT, District, Station
from tests.models.small_town import MARKET, TOWN


def _graded(station: Station, case_id: str, at_ms: int, origin: str) -> str:
    """How sure the centre is of when an act was made that says so, and where it was made."""
    return _told(station, case_id, at_ms, origin)[2]


def _told(station: Station, case_id: str, at_ms: int, origin: str) -> tuple[int, int, str]:
    time = ClaimedTime(at_ms, "b", at_ms, Anchor(at_ms, at_ms, 0, "b"))
    changes = {"origin": Origin(origin, 1, "0" * 64)} if origin else {}
    reply = station.push(station.act("clerk", c.Note("补"), case_id, time=time, **changes))
    (entry,) = (i.entry for i in station.pull(epoch=reply.epoch) if i.entry.gseq == reply.known[0][3])
    return entry.evidence


def test_no_act_is_older_than_its_device_whatever_former_device_it_names(district: District) -> None:
    other, town = district.station(TOWN), district.station(TOWN)
    case_id, _, _ = town.does("clerk", REPORT)
    early = district.clock.now_ms + MINUTE_MS
    district.clock.now_ms += 60 * MINUTE_MS
    town.does("clerk", c.Note("在"), case_id)
    for origin in ("", "D-nobody", other.device, town.device):
        assert _graded(town, case_id, early, origin) == Grade.DOUBTFUL.value, origin
    district.audited()


def test_what_it_made_as_each_of_its_former_devices_was_made_then(district: District) -> None:
    town, other = district.station(TOWN), district.station(TOWN)
    case_id, _, _ = other.does("clerk", REPORT)
    early = district.clock.now_ms + MINUTE_MS
    district.clock.now_ms += 60 * MINUTE_MS
    other.does("clerk", c.Note("在"), case_id)
    once = district.again(town)
    district.clock.now_ms += 60 * MINUTE_MS
    twice = district.again(once)
    assert [_graded(once_more, case_id, early, town.device) for once_more in (twice, other)] == ["A", "C"]
    later = early + 60 * MINUTE_MS
    assert [_graded(twice, case_id, later, origin) for origin in (once.device, town.device)] == ["A", "A"]
    assert _graded(twice, case_id, early, once.device) == "C", "before it was that one"
    assert _graded(twice, case_id, later, "") == "C"
    district.audited()


def test_who_does_not_prove_his_former_device_is_not_let_in_as_it(district: District) -> None:
    town, thief = district.station(TOWN), district.station(TOWN)
    with pytest.raises(AssertionError, match="not_that_device"):
        district.again(Station(district.ask, district.clock, town.device, "", TOWN, key=thief.key))
    unheard_of = district.again(Station(district.ask, district.clock, "D-nobody", "", TOWN, key=thief.key))
    case_id, _, _ = thief.does("clerk", REPORT)
    district.clock.now_ms += MINUTE_MS
    early = district.clock.now_ms - 60 * MINUTE_MS
    assert _told(unheard_of, case_id, early, "D-nobody")[0] > early, "nothing was forgotten here"


def test_of_a_device_that_a_restored_centre_has_forgotten_nothing_is_on_time_and_nothing_late(
    district: District,
) -> None:
    town, other = district.station(TOWN), district.station(TOWN)
    case_id, _, _ = other.does("clerk", REPORT)
    early = district.clock.now_ms + MINUTE_MS
    with district.centre.writing() as connection:
        connection.execute(device.delete().where(device.c.id == town.device))
        write_meta(connection, EPOCH, "2")
    district.clock.now_ms += 60 * MINUTE_MS
    new = district.again(town)
    for origin in (town.device, "D-nobody", other.device):
        lo, hi, grade = _told(new, case_id, early, origin)
        assert lo < early and (hi, grade) == (district.clock.now_ms, "C"), origin
    assert _told(new, case_id, early, "")[0] > early, "what it made since"


def test_devices_of_an_older_district_that_were_let_in_again_are_known_by_the_instant(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite:///{tmp_path / 'older.sqlite'}")
    migrate(engine, SCRIPTS, head="0011")
    rows = [
        ("A", TOWN, 1, "op", 5, "op", "chain_fork"),
        ("B", TOWN, 5, "op", 9, "op", "let_in_again"),
        ("C", TOWN, 9, "op", None, "", ""),
        ("D", MARKET, 9, "op", None, "", ""),
        ("E", TOWN, 12, "op", 20, "op", "遗失"),
        ("F", TOWN, 20, "op", 30, "op", "chain_gap"),
        ("G", TOWN, 30, "op", None, "", ""),
        ("H", TOWN, 30, "op", None, "", ""),
    ]
    told = "id, unit, registered_at, registered_by, revoked_at, revoked_by, revoke_reason, slot"
    more = "label, token_hash, head_dseq, head_hash, proven_lo"
    with engine.begin() as connection:
        for one in rows:
            values = dict(zip("abcdefg", one, strict=True))
            added = f"INSERT INTO device ({told}, {more}) VALUES (:a, :b, :c, :d, :e, :f, :g, :a, '', '', 0, '', 0)"
            connection.execute(text(added), values)
    migrate(engine, SCRIPTS, head=HEAD)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT id, replaces FROM device WHERE replaces != '' ORDER BY id")).all()
    sure, perhaps = [("B", "A"), ("C", "B")], [(device, "?") for device in "EFGH"]
    assert [tuple(row) for row in found] == sure + perhaps, "where two may be it, neither is"
    engine.dispose()
