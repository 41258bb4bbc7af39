"""Stores with a key: nothing in them can be read without it, and without it they are never taken for damaged ones."""

from __future__ import annotations

import logging
import random
import shutil
from pathlib import Path

import pytest
from sqlalchemy import text

from models.errors import Refused
from models.store import outbox
from models.store.fresh import Salvage, salvage_to_tell
from models.store.identity import Identity, keep_identity
from models.store.locked import is_locked, is_plain
from models.store.migrate import copy_whole
from models.store.opening import is_damaged, open_store
from models.store.page_cipher import PageCipher
from models.store.salvage import read_damaged
from models.store.store_key import StoreKey, known_key_id, new_store_key
from models.wire import Malformed
from tests.store.make_sample import DEVICE, SLOT, TOWN, Workstation
from ui import words

PAGE = 4096
NOW_MS = 1_795_402_800_000
KEY = new_store_key(random.Random(1).randbytes)
OTHER = new_store_key(random.Random(2).randbytes)
SAID = ("店外堆放", "占道", "龙山路口", DEVICE, "某甲")
"""Words of the acts, of a requester, and the device."""


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a machine leaves that died: an encrypted store with 10 cases, 30 unsent acts, most of them in the log."""
    folder = tmp_path_factory.mktemp("encrypted")
    made = Workstation(folder / "living" / "store.sqlite", key=KEY)
    for number in range(10):
        made.case(number, {"name": "某甲"} if number == 9 else None)
    shutil.copytree(folder / "living", folder / "left")
    made.close()
    return folder / "left"


@pytest.fixture
def station(left: Path, tmp_path: Path) -> Workstation:
    """The same, opened again."""
    return Workstation(shutil.copytree(left, tmp_path / "store") / "store.sqlite", seed=2, key=KEY)


def acts(file: Path, key: StoreKey | None) -> list[tuple[int, str]]:
    """(place, id) of the acts in a sound store."""
    engine = open_store(file, NOW_MS, key)
    with engine.connect().execution_options(read_only=True) as connection:
        rows = connection.execute(text("SELECT dseq, cmd_id FROM outbox ORDER BY dseq")).all()
        assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    engine.dispose()
    return [(row.dseq, row.cmd_id) for row in rows]


def beside(file: Path) -> set[str]:
    return {found.name for found in file.parent.iterdir()}


def test_a_new_store_says_nothing_without_its_key(station: Workstation) -> None:
    folder = station.file.parent
    open_files = {f.name for f in folder.iterdir()}
    assert "store.sqlite-wal" in open_files
    for closed in (False, True):
        if closed:
            station.close()
        for file in folder.iterdir():
            raw = file.read_bytes()
            assert [word for word in SAID if word.encode() in raw] == [], file
            assert KEY.secret.encode() not in raw and KEY.raw not in raw, file
    assert not is_plain(station.file) and known_key_id(station.file) == KEY.id
    assert len(acts(station.file, KEY)) == 30
    assert KEY.secret not in repr(KEY)


@pytest.mark.parametrize("note", [True, False])
@pytest.mark.parametrize("closed", [True, False])
def test_without_its_key_it_is_locked_and_never_damaged(station: Workstation, note: bool, closed: bool) -> None:
    """Also when the note beside it is gone, and when the machine died with everything in the log."""
    file = station.file
    if closed:
        station.close()
    if not note:
        file.with_name("encryption.json").unlink()
    before = {name: file.with_name(name).read_bytes() for name in beside(file) if not name.endswith("-shm")}
    for key, code in ((None, "store_locked"), (OTHER, "store_key_wrong")):
        for ask in (lambda k: open_store(file, NOW_MS, k), lambda k: is_damaged(file, k)):
            with pytest.raises(Refused) as caught:
                ask(key)
            assert caught.value.code == code
            assert "数据未改动" in words.refusal(code, caught.value.args_by_name, {})
    after = {name: file.with_name(name).read_bytes() for name in beside(file) if not name.endswith("-shm")}
    assert after == before, "nothing was touched, nothing set aside"
    station.close()
    assert len(acts(file, KEY)) == 30 and known_key_id(file) == KEY.id, "its key opens it, and the note is back"


def test_a_plain_store_is_not_locked(tmp_path: Path) -> None:
    made = Workstation(tmp_path / "store.sqlite")
    made.case(1)
    made.close()
    assert is_plain(made.file) and not is_locked(made.file)
    raw = made.file.read_bytes()
    made.file.write_bytes(random.Random(3).randbytes(PAGE) + raw[PAGE:])
    assert not is_locked(made.file) and is_damaged(made.file), "noise over one page is damage"


def test_a_key_is_256_bits_or_none() -> None:
    for wrong in ("", "ab", "x" * 64, "A" * 64):
        with pytest.raises(Malformed):
            StoreKey(wrong)
    assert new_store_key().secret != new_store_key().secret


def test_a_copy_before_an_upgrade_is_encrypted_too(station: Workstation) -> None:
    copy = station.file.with_name("copy.sqlite")
    copy_whole(station.engine, copy)
    assert not is_plain(copy) and PageCipher(KEY).is_whole(1, copy.read_bytes()[:PAGE])
    assert len(acts(copy, KEY)) == 30


# Damaged


def page_of(file: Path, dseq: int) -> int:
    """The page, from 1, on which this act stands, found with the key."""
    raw, cipher = file.read_bytes(), PageCipher(KEY)
    engine = open_store(file, NOW_MS, KEY)
    with engine.connect().execution_options(read_only=True) as connection:
        body = str(connection.execute(text("SELECT body FROM outbox WHERE dseq = :n"), {"n": dseq}).scalar())
    engine.dispose()
    pages = range(1, len(raw) // PAGE + 1)
    (found,) = [n for n in pages if body.encode() in cipher.plain(n, raw[(n - 1) * PAGE : n * PAGE])]
    return found


def salvaged(file: Path) -> Salvage:
    engine = open_store(file, NOW_MS, KEY)
    with engine.connect().execution_options(read_only=True) as connection:
        told = salvage_to_tell(connection)
    engine.dispose()
    assert told is not None
    return told


def test_a_damaged_page_in_the_middle_costs_its_own_acts_alone(station: Workstation) -> None:
    file = station.file
    before = acts(file, KEY)
    station.close()
    page = page_of(file, 15)
    raw = bytearray(file.read_bytes())
    raw[(page - 1) * PAGE : page * PAGE] = random.Random(5).randbytes(PAGE)
    file.write_bytes(bytes(raw))
    assert is_damaged(file, KEY)
    told = salvaged(file)
    after = acts(file, KEY)
    lost = {dseq for dseq, _ in before} - {dseq for dseq, _ in after}
    assert 15 in lost and len(lost) <= 6 and [a for a in before if a[0] not in lost] == after
    assert (told.acts, told.missing) == (30 - len(lost), len(lost))
    assert not is_plain(file), "what was salvaged is encrypted again"
    assert file.with_name(told.file).read_bytes() == bytes(raw), "the damaged one is kept as it was"


def test_one_wrong_bit_costs_one_act_at_most(station: Workstation) -> None:
    """The whole page has lost its seal, and SQLCipher gives none of it; what a wrong bit cannot have reached is read."""
    file = station.file
    before = acts(file, KEY)
    station.close()
    raw = bytearray(file.read_bytes())
    raw[(page_of(file, 15) - 1) * PAGE + PAGE // 2] ^= 1
    file.write_bytes(bytes(raw))
    told = salvaged(file)
    assert told.missing is not None and told.missing <= 1 and told.acts == 30 - told.missing
    assert set(acts(file, KEY)) <= set(before)


@pytest.mark.parametrize("count", [16, 100, PAGE])
def test_without_its_first_bytes_everything_is_still_read(station: Workstation, count: int) -> None:
    """The salt is made of the key: its place in the file may be lost."""
    file = station.file
    keep_identity(file, Identity(DEVICE, TOWN, SLOT))
    station.close()
    file.write_bytes(bytes(count) + file.read_bytes()[count:])
    if is_damaged(file, KEY):
        told = salvaged(file)
        assert (told.acts, told.missing) == (30, 0)
    assert len(acts(file, KEY)) == 30


def test_acts_that_stood_only_in_the_log_are_salvaged(left: Path, tmp_path: Path) -> None:
    file = shutil.copytree(left, tmp_path / "store") / "store.sqlite"
    file.write_bytes(b"")
    keep_identity(file, Identity(DEVICE, TOWN, SLOT))
    assert {act.command.dseq for act in read_damaged(file, KEY).in_order()} == set(range(1, 31))
    assert salvaged(file).acts == 30


def test_a_damaged_plain_store_is_salvaged_into_an_encrypted_one(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    made = Workstation(tmp_path / "store.sqlite")
    for number in range(5):
        made.case(number)
    made.close()
    made.file.write_bytes(bytes(PAGE) + made.file.read_bytes()[PAGE:])
    with caplog.at_level(logging.ERROR):
        assert salvaged(made.file).acts == 15
    assert not is_plain(made.file) and not caplog.records


def test_unsent_acts_of_a_store_that_is_gone_are_not_invented(station: Workstation) -> None:
    station.close()
    keep_identity(station.file, Identity(DEVICE, TOWN, SLOT))
    station.file.unlink()
    assert salvaged(station.file) == Salvage("", 0, None)
    with Workstation(station.file, key=KEY).work() as work:
        assert outbox.unsent(work.connection).count == 0 and work.read_meta("device") == DEVICE
