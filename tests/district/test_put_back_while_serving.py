"""The database is put back to a copy while the service goes on running: nobody starts it anew, and it notices by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlcipher3

from district import restored
from district.past import restorations
from tests.district.parties import REPORT, District, open_district
from tests.models.small_town import TOWN


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "district.sqlite"


def copied(source: Path, target: Path) -> None:
    """By SQLite's own copying, over whatever the target holds, while others have it open."""
    here, there = (sqlcipher3.dbapi2.connect(str(place)) for place in (source, target))
    here.backup(there)
    here.close()
    there.close()


def epochs(district: District) -> list[tuple[int, int, int]]:
    with district.centre.reading() as connection:
        return [(one.epoch, one.was_gseq, one.gseq) for one in restorations(connection)]


def test_the_next_act_is_judged_in_another_epoch(file: Path, tmp_path: Path) -> None:
    with open_district(f"sqlite:///{file}") as district:
        clerk = district.station(TOWN)
        first, second = (clerk.act("clerk", REPORT, clerk.new_id()) for _ in range(2))
        clerk.push(first)
        copied(file, tmp_path / "copy")
        clerk.push(second)
        district.centre.heard["D-1"] = 1
        copied(tmp_path / "copy", file)
        assert district.centre.epoch == 1, "nobody has asked yet"
        reply = clerk.push(second)
        assert reply.epoch == 2 and epochs(district) == [(2, 3, 2)]
        assert district.centre.heard == {}, "what a workstation had handed in may be forgotten"
        district.audited()


def test_the_watch_notices_it_when_nobody_acts(file: Path, tmp_path: Path) -> None:
    with open_district(f"sqlite:///{file}") as district:
        clerk, keys = district.station(TOWN), tmp_path / "keys"
        act = clerk.act("clerk", REPORT, clerk.new_id())
        copied(file, tmp_path / "copy")
        clerk.push(act)
        restored.watch_head(district.centre, keys)
        copied(tmp_path / "copy", file)
        restored.watch_head(district.centre, keys)
        assert district.centre.epoch == 2 and epochs(district) == [(2, 2, 1)]
        restored.watch_head(district.centre, keys)
        clerk.push(act)
        assert epochs(district) == [(2, 2, 1)], "noticed once"
        district.audited()
