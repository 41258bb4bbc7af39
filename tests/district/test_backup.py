"""A copy of the district, and putting it back: refused, or done whole (district/backup.py)."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from district import __main__, accounts, backup, keys, restored
from district.opening import open_database
from district.past import Head, head_of
from models.errors import Refused
from tests.district.parties import CENTRE_KEY, make, seeded

HEAD = Head(7, 400, "c" * 64, {"D-1": 30})


class Place:
    """A district's database, its folder of keys, and a copy of last night."""

    def __init__(self, folder: Path, made_file: Path) -> None:
        self.file, self.keys, self.copy = folder / "district.sqlite", folder / "keys", folder / "copy.sqlite"
        shutil.copyfile(made_file, self.file)
        self.url = f"sqlite:///{self.file}"
        keys.make_signing_key(self.keys)
        known_by(self.url, keys.read_signing_key(self.keys))
        restored.keep_head(self.keys, HEAD)
        backup.backup(self.url, self.copy)
        self.before = self.file.read_bytes()

    def is_untouched(self) -> None:
        assert self.file.read_bytes() == self.before and restored.kept_head(self.keys) == HEAD
        left = {found.name for found in self.file.parent.iterdir() if found.name.startswith("district")}
        assert left == {"district.sqlite"}


def known_by(url: str, key: keys.SigningKey) -> None:
    engine = open_database(url)
    with engine.begin() as connection:
        keys.remember(connection, key)
    engine.dispose()


@pytest.fixture
def place(tmp_path: Path, made_file: Path) -> Place:
    return Place(tmp_path, made_file)


def test_the_copy_of_another_district_is_not_put_back(place: Place, tmp_path: Path) -> None:
    """It would overwrite what is known of this one's order, and then nobody could serve it."""
    other = tmp_path / "other.sqlite"
    make(f"sqlite:///{other}", seeded(5))
    known_by(f"sqlite:///{other}", CENTRE_KEY)
    with pytest.raises(Refused, match="centre_key_differs"):
        backup.restore(other, place.url, place.keys, 1)
    place.is_untouched()


def test_a_disk_without_room_for_the_copy_leaves_the_database_where_it_is(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    def half(_source: Path, target: Path) -> None:
        target.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", half)
    with pytest.raises((Refused, OSError), match="store_full"):
        backup.restore(place.copy, place.url, place.keys, 1)
    place.is_untouched()


def test_the_database_itself_may_be_named_as_its_copy(place: Place) -> None:
    found, aside = backup.restore(place.file, place.url, place.keys, 1)
    assert aside is not None and aside.read_bytes() == place.before
    assert backup.verify(place.file) == found


def test_nothing_is_put_back_under_a_service_that_runs(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It would go on in the file that is set aside, and sign receipts for what it keeps there."""
    words = ("restore", str(place.copy), "--database", place.url, "--keys", str(place.keys))
    monkeypatch.setattr("sys.argv", ["district", *words])
    monkeypatch.setattr(__main__.logs, "set_up", lambda _file: None)
    engine = open_database(place.url)
    with engine.connect().execution_options(read_only=True) as connection:
        assert keys.known_key(connection)
    try:
        assert __main__.main() == 2
    finally:
        engine.dispose()
    assert "refused (database_in_use)" in capsys.readouterr().err
    place.is_untouched()
    assert __main__.main() == 0


def test_the_log_of_a_database_that_was_taken_away_is_not_played_into_the_copy(place: Place, tmp_path: Path) -> None:
    """The service died, the damaged file was removed by hand, and what stood beside it was left."""
    log, kept = tmp_path / "district.sqlite-wal", tmp_path / "kept"
    engine = open_database(place.url)
    with engine.begin() as connection:
        accounts.set_disabled(connection, "clerk", 77)
    shutil.copyfile(log, kept)
    engine.dispose()
    place.file.unlink()
    kept.replace(log)
    written = log.read_bytes()
    _, aside = backup.restore(place.copy, place.url, place.keys, 1)
    engine = open_database(place.url)
    with engine.connect().execution_options(read_only=True) as connection:
        assert [row.person for row in accounts.listed(connection) if row.disabled_at is not None] == []
    engine.dispose()
    assert aside is None and (tmp_path / "district.sqlite.before-restore-1-wal").read_bytes() == written


def test_a_restore_that_is_cut_short_leaves_no_log_without_its_database(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = place.file.with_name("district.sqlite-wal")
    log.write_bytes(b"the log")
    moves: list[str] = []
    replace = Path.replace

    def told(file: Path, target: Path) -> Path:
        moves.append(file.name)
        return replace(file, target)

    monkeypatch.setattr(Path, "replace", told)
    backup.restore(place.copy, place.url, place.keys, 1)
    assert moves[:2] == [log.name, place.file.name]


def _said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    monkeypatch.setattr(__main__.logs, "set_up", lambda _file: None)
    monkeypatch.setattr("sys.argv", ["district", *words])
    assert __main__.main() == 2
    return capsys.readouterr().err


@pytest.mark.parametrize("spoilt", ["cut short", "no database", "one page"])
@pytest.mark.parametrize("verb", ["verify", "restore", "audit"])
def test_a_damaged_file_is_said_to_be_damaged(
    place: Place, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], spoilt: str, verb: str
) -> None:
    raw = bytearray(place.copy.read_bytes())
    if spoilt == "cut short":
        del raw[len(raw) // 2 :]
    elif spoilt == "one page":
        raw[4_096 * 20 : 4_096 * 21] = b"\xff" * 4_096
    else:
        raw = bytearray(b"no database at all " * 1_000)
    place.copy.write_bytes(raw)
    words = {
        "verify": ("verify", str(place.copy)),
        "restore": ("restore", str(place.copy), "--database", place.url, "--keys", str(place.keys)),
        "audit": ("audit", "--database", f"sqlite:///{place.copy}"),
    }
    said = _said(monkeypatch, capsys, *words[verb])
    assert said.startswith("refused (") and len(said.splitlines()) == 1
    place.is_untouched()


def test_a_copy_that_cannot_be_made_is_said_in_one_line(
    place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = _said(monkeypatch, capsys, "backup", "--database", place.url, str(tmp_path / "no" / "copy"))
    assert len(said.splitlines()) == 1, said
    place.is_untouched()


def test_a_database_and_its_copies_are_for_their_owner(place: Place) -> None:
    """They hold requesters' names and telephones, and the hashes of passwords."""
    fresh = place.copy.with_name("fresh.sqlite")
    engine = open_database(f"sqlite:///{fresh}")
    with engine.connect().execution_options(read_only=True):
        beside = [found.stat().st_mode & 0o077 for found in fresh.parent.glob("fresh.sqlite*")]
    engine.dispose()
    backup.restore(place.copy, place.url, place.keys, 1)
    assert beside and {*beside, place.copy.stat().st_mode & 0o077, place.file.stat().st_mode & 0o077} == {0}


def test_whose_account_was_disabled_since_the_copy_stays_out(place: Place) -> None:
    """The copy knows an account, and perhaps a session, of somebody who was dismissed this morning."""
    engine = open_database(place.url)
    with engine.begin() as connection:
        accounts.set_disabled(connection, "clerk", 77)
        restored.keep_head(place.keys, head_of(connection))
    engine.dispose()
    backup.restore(place.copy, place.url, place.keys, 100)
    engine = open_database(place.url)
    with engine.connect().execution_options(read_only=True) as connection:
        disabled = {row.person: row.disabled_at for row in accounts.listed(connection) if row.disabled_at is not None}
    engine.dispose()
    assert disabled == {"clerk": 77}
    kept = restored.kept_head(place.keys)
    assert kept is not None and kept.disabled == disabled
