"""A workstation lets go of an own photograph only when a copy of the centre's that was read through holds it (sync-R7): real
processes, real files."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from sqlalchemy import text

from district import __main__
from models.store import blobs
from services import attachments
from services.sync.machine import Phase
from services.sync.round import Exchange
from tests.whole.parties import Centre, Console
from tests.whole.test_attachments import MARKET, a_file, desks

__all__ = ["desks"]

pytestmark = pytest.mark.landing


def command(*words: str) -> None:
    """`python -m district` with these words, beside the service that runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(__main__.logs, "set_up", lambda _file: None)
        patch.setattr("sys.argv", ["district", *words])
        assert __main__.main() == 0, words


def an_hour_later(console: Console) -> None:
    """The program is started anew, and looks at once at what it looks at once an hour."""
    console.exchange = Exchange(console.database, MARKET, console._rules_arrived, wait_seconds=0, blobs=console.blobs)
    for _ in range(2):  # the first may bring something, and be no occasion
        assert console.settle().phase is Phase.ONLINE


def left_after_a_year(console: Console) -> set[str]:
    """What is here when nobody has looked at anything for a year, and there is no room."""
    with_age = text("UPDATE blob SET used_at = used_at - 31536000000")
    console.database(lambda work: (work.connection.execute(with_age), work.commit()))
    console.database(lambda work: attachments.tidy(work, console.blobs, at_most=0))
    return set(console.blobs.names())


def test_an_own_photograph_stays_until_a_verified_copy_holds_it(
    centre: Centre, desks: tuple[Console, Console, str], tmp_path: Path
) -> None:
    _clerk, market, case_id = desks
    live = Path(centre.database_url.removeprefix("sqlite:///")).with_suffix(".blobs")
    kept, place = tmp_path / "blobs.copy", ("--database", centre.database_url)
    file, first = a_file(tmp_path, 0.1, seed=1)
    market.attach(case_id, file)
    market.settle()
    an_hour_later(market)
    assert left_after_a_year(market) == {first}, "there is no copy of anything"
    command("backup", *place, str(tmp_path / "one"))
    an_hour_later(market)
    assert left_after_a_year(market) == {first}, "a copy of the database holds no bytes"
    assert market.database(attachments.held_back) == (1, file.stat().st_size)

    file, second = a_file(tmp_path, 0.1, seed=2)
    market.attach(case_id, file)
    market.settle_acts()
    shutil.copytree(live, kept)
    command("backup", *place, str(tmp_path / "two"))
    command("verify", str(tmp_path / "two"), "--blobs", str(kept), *place)
    market.settle()  # the second file comes when its act stands in the copy already
    an_hour_later(market)
    assert market.database(lambda work: blobs.count_unsent(work.connection)) == 0
    assert left_after_a_year(market) == {second}, "the first is in the copy, and the second only named in it"

    shutil.copytree(live, kept, dirs_exist_ok=True)
    command("backup", *place, str(tmp_path / "three"))
    command("verify", str(tmp_path / "three"), "--blobs", str(kept), *place)
    assert left_after_a_year(market) == {second}, "nobody has told the workstation yet"
    an_hour_later(market)
    assert left_after_a_year(market) == set() and market.database(attachments.held_back) == (0, 0)
