"""How far copies reach is noted only of copies of this very order that were read through (district/backed_up.py)."""

from __future__ import annotations

import itertools
import shutil
from pathlib import Path

import pytest

from district import __main__, backup
from district.backed_up import BackedUp, backed_up, note
from district.centre import one_view
from models.store.engine import open_engine
from models.wire import encode
from tests.district.parties import REPORT, District, make, open_district, seeded
from tests.models.small_town import TOWN
from tests.real import postgres

_SEEDS = itertools.count(100)
pytestmark = pytest.mark.landing


class Command:
    """The command line; `refused` is the code it must end with."""

    def __init__(self, patch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._patch, self._capsys = patch, capsys
        patch.setattr(__main__.logs, "set_up", lambda _file: None)

    def __call__(self, *words: str, refused: str = "") -> str:
        self._patch.setattr("sys.argv", ["district", *words])
        code = __main__.main()
        printed = self._capsys.readouterr()
        assert code == (2 if refused else 0), printed.err
        assert not refused or f"refused ({refused})" in printed.err, printed.err
        return printed.out


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(monkeypatch, capsys)


def noted(url: str) -> tuple[int, int]:
    """Up to where copies reach, and up to where they hold the files."""
    engine = open_engine(url)
    with engine.connect().execution_options(**one_view(engine)) as connection:
        found: BackedUp = backed_up(connection)
    engine.dispose()
    return found.gseq, found.files_gseq


def grow(url: str, acts: int) -> None:
    """So many acts more; the first edition is entry 1."""
    seed = next(_SEEDS)
    with open_district(url, seed=seed, made=True) as district:
        town = district.station(TOWN, seed)
        told = town.push(*(town.act("clerk", REPORT, town.new_id()) for _ in range(acts)))
        assert [known[1] for known in told.known] == ["accepted"] * acts


@pytest.fixture
def place(tmp_path: Path, made_file: Path) -> tuple[Path, str]:
    file = Path(shutil.copy(made_file, tmp_path / "district.sqlite"))
    grow(f"sqlite:///{file}", 2)
    return tmp_path, f"sqlite:///{file}"


def test_a_copy_is_noted_where_it_was_made_and_an_older_one_takes_nothing_back(
    place: tuple[Path, str], command: Command
) -> None:
    folder, url = place
    (folder / "files").mkdir()
    assert noted(url) == (0, 0)
    assert "noted: verified copies reach entry 3, the files with them entry 0" in command(
        "backup", "--database", url, str(folder / "one")
    )
    command("verify", str(folder / "one"))
    assert noted(url) == (3, 0), "nobody said what it is a copy of"
    grow(url, 1)
    command("backup", "--database", url, str(folder / "two"))
    command("verify", str(folder / "one"), "--database", url, "--blobs", str(folder / "files"))
    assert noted(url) == (4, 3)
    command("verify", str(folder / "one"), "--database", url)
    assert noted(url) == (4, 3)


def test_what_is_no_copy_of_this_order_is_not_noted(place: tuple[Path, str], command: Command) -> None:
    folder, url = place
    file, live = folder / "district.sqlite", folder / "district.blobs"
    live.mkdir()
    command("verify", str(file), "--database", url, refused="copy_is_the_database")
    (folder / "link").symlink_to(file)
    command("verify", str(folder / "link"), "--database", url, refused="copy_is_the_database")
    other = folder / "other.sqlite"
    make(f"sqlite:///{other}", seeded(5))
    command("verify", str(other), "--database", url, refused="copy_of_another_past")
    command("backup", "--database", url, str(folder / "one"))
    files = ("--blobs", str(live))
    command("verify", str(folder / "one"), *files, "--database", url, refused="files_are_in_use")
    assert noted(url) == (3, 0)


def test_a_database_put_back_claims_no_copy_of_what_it_has_forgotten(place: tuple[Path, str], command: Command) -> None:
    folder, url = place
    for name in ("one", "two"):
        command("backup", "--database", url, str(folder / name))
        grow(url, 1)
    command("backup", "--database", url, str(folder / "three"))
    assert noted(url) == (5, 0)
    backup.restore(folder / "two", url, folder / "keys", 1)
    assert noted(url) == (3, 0), "the copy before that one"
    command("verify", str(folder / "three"), "--database", url, refused="copy_of_another_past")
    grow(url, 3)
    command("verify", str(folder / "three"), "--database", url, refused="copy_of_another_past")
    assert noted(url) == (3, 0)


def test_a_workstation_is_told_with_its_checkpoint(district: District) -> None:
    town = district.station(TOWN)
    town.does("clerk", REPORT, town.new_id())
    note(district.engine, district.audited(), 7, with_files=True)
    town.does("clerk", REPORT, town.new_id())
    note(district.engine, district.audited(), 8, with_files=False)
    town.does("clerk", REPORT, town.new_id())
    last = town.pull()[-1]
    heads = {TOWN: (last.sseq, last.scope_chain)}
    told = town.ask("POST", "/v1/checkpoint", data=encode({"epoch": 1, "heads": heads})).json()
    assert (told["gseq"], told["backup_gseq"], told["files_gseq"]) == (4, 3, 2)


def test_a_copy_of_postgresql_is_noted_when_it_was_put_back_elsewhere_and_read_through(
    postgres_server: postgres.Server, made_database: str, command: Command, tmp_path: Path
) -> None:
    with postgres_server.lent(made_database) as url:
        grow(url, 2)
        with postgres_server.lent(url.rpartition("/")[2]) as scratch:
            grow(url, 1)
            command("verify", url.replace("127.0.0.1", "localhost"), "--database", url, refused="copy_is_the_database")
            assert noted(url) == (0, 0)
            command("verify", scratch, "--database", url)
            assert noted(url) == (3, 0)
            files = ("--blobs", str(tmp_path), "--keys", str(tmp_path / "keys"))
            command("verify", scratch, *files, "--database", url)
            assert noted(url) == (3, 3)
