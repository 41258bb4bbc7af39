"""Real stores with unsent acts, really damaged: set aside whole, every readable act kept in order, the rest counted."""

from __future__ import annotations

import errno
import random
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from models import commands as c
from models.errors import Refused
from models.store import outbox, personal
from models.store.carve import frames_of, is_torn, wal_path
from models.store.fresh import Salvage, salvage_to_tell, salvage_was_told
from models.store.identity import Identity, keep_identity, known_identity
from models.store.opening import is_damaged, open_store
from models.store.salvage import read_damaged
from models.store.trouble import is_damage, worded
from models.wire import chain_hash, decode_command
from services import cases, session
from tests.store.make_sample import CLERK, DEVICE, SLOT, STALLS, STATION, TOWN, Workstation

PAGE = 4096
NOW_MS = 1_795_402_800_000
Damage = Callable[[Path], None]


def overwrite(first: int, count: int, seed: int = 7) -> Damage:
    """Noise over whole pages, the first page being 0."""

    def damage(file: Path) -> None:
        with file.open("r+b") as opened:
            opened.seek(first * PAGE)
            opened.write(random.Random(seed).randbytes(count * PAGE))

    return damage


def truncate(pages: int) -> Damage:
    def damage(file: Path) -> None:
        with file.open("r+b") as opened:
            opened.truncate(pages * PAGE)

    return damage


def zero(first_byte: int, count: int) -> Damage:
    def damage(file: Path) -> None:
        with file.open("r+b") as opened:
            opened.seek(first_byte)
            opened.write(bytes(count))

    return damage


def pages_with(file: Path, words: bytes) -> list[int]:
    raw = file.read_bytes()
    return [n for n in range(len(raw) // PAGE) if words in raw[n * PAGE : (n + 1) * PAGE]]


@pytest.fixture
def station(tmp_path: Path) -> Workstation:
    """40 cases of three acts, 30 of them received by the centre: 30 acts settled or sent, 90 unsent."""
    made = Workstation(tmp_path / "store.sqlite")
    for number in range(40):
        made.case(number, {"name": "某甲"} if number == 39 else None)
    with made.work() as work:
        outbox.mark_sent(work.connection, 30)
        first = outbox.after(work.connection, 0, 25, 10**9)[0]
        outbox.settle(work.connection, decode_command(first.body).cmd_id, "accepted", None, 1)
        work.commit()
    return made


def acts(file: Path) -> list[tuple[int, str, str]]:
    """(place, id, state) of every act in a sound store."""
    engine = open_store(file, NOW_MS)
    with engine.connect().execution_options(read_only=True) as connection:
        rows = connection.execute(text("SELECT dseq, cmd_id, state, body, hash FROM outbox ORDER BY dseq")).all()
        assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    engine.dispose()
    for row in rows:
        assert row.hash == chain_hash(decode_command(row.body).prev, row.body)
    return [(row.dseq, row.cmd_id, row.state) for row in rows]


def salvage_of(file: Path) -> Salvage:
    engine = open_store(file, NOW_MS)
    with engine.connect().execution_options(read_only=True) as connection:
        told = salvage_to_tell(connection)
    engine.dispose()
    assert told is not None
    return told


def aside(file: Path) -> Path:
    (found,) = file.parent.glob("store.damaged-*.sqlite")
    return found


DAMAGES = {
    "header": zero(0, 100),
    "first page": zero(0, PAGE),
    "noise over the first page": overwrite(0, 1),
    "one page in the middle": overwrite(40, 1),
    "ten pages in the middle": overwrite(30, 10),
    "a third of the file gone": truncate(110),
    "cut inside a page": lambda file: file.write_bytes(file.read_bytes()[: 120 * PAGE + 1234]),
    "another file": lambda file: file.write_bytes(b"PK\x03\x04" + bytes(20_000)),
    "nothing left": truncate(0),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_store_is_set_aside_and_what_is_readable_goes_on(station: Workstation, name: str) -> None:
    file = station.file
    before = acts(file)
    keep_identity(file, Identity(DEVICE, TOWN, SLOT))
    station.close()
    assert not is_damaged(file)
    DAMAGES[name](file)
    damaged = file.read_bytes()
    readable = {act.command.cmd_id for act in read_damaged(file).in_order()}
    assert is_damaged(file)
    after = acts(file)
    told = salvage_of(file)
    assert file.with_name(told.file) == aside(file) and aside(file).read_bytes() == damaged, "whole, under another name"
    assert {cmd_id for _, cmd_id, _ in after} == readable
    assert [a for a in before if a[1] in readable] == after, "in their order, at their places, in their states"
    unsent = [cmd_id for _, cmd_id, state in before if state == "pending"]
    assert told.acts == len([i for i in unsent if i in readable])
    if name in ("another file", "nothing left"):
        assert (told.acts, told.missing) == (0, None)
    else:
        assert told.missing is not None and told.missing >= 0
        lost = len(unsent) - told.acts
        tail = max((dseq for dseq, _, _ in after), default=0) < len(before)
        assert told.missing == lost or (tail and told.missing <= lost)
    if name in ("header", "first page", "noise over the first page"):
        assert (told.acts, told.missing) == (90, 0)
    assert not is_damaged(file)


def test_a_lost_page_of_acts_is_counted_from_the_gaps(station: Workstation) -> None:
    """The page with act 50 goes; the index still says which acts there were."""
    file = station.file
    before = acts(file)
    with station.work() as work:
        body = work.connection.execute(text("SELECT body FROM outbox WHERE dseq = 50")).scalar()
    station.close()
    (page,) = pages_with(file, str(body).encode())
    overwrite(page, 1)(file)
    after = acts(file)
    told = salvage_of(file)
    lost = {dseq for dseq, _, _ in before} - {dseq for dseq, _, _ in after}
    assert 50 in lost and told.missing == len(lost) and told.acts == 90 - len(lost)


def test_the_last_acts_are_missed_although_nothing_follows_them(station: Workstation) -> None:
    file = station.file
    with station.work() as work:
        body = work.connection.execute(text("SELECT body FROM outbox WHERE dseq = 120")).scalar()
    station.close()
    (page,) = pages_with(file, str(body).encode())
    overwrite(page, 1)(file)
    told = salvage_of(file)
    kept = [dseq for dseq, _, _ in acts(file)]
    assert max(kept) < 120 and told.missing == 120 - max(kept)


@pytest.fixture
def crashed(tmp_path: Path) -> Path:
    """The machine died with ten cases, 30 unsent acts, all of them in the log only."""
    made = Workstation(tmp_path / "living" / "store.sqlite")
    for number in range(10):
        made.case(number)
    file = tmp_path / "crashed" / "store.sqlite"
    file.parent.mkdir()
    for part in ("", "-wal", "-shm"):
        shutil.copy(f"{made.file}{part}", f"{file}{part}")
    made.close()
    keep_identity(file, Identity(DEVICE, TOWN, SLOT))
    assert file.stat().st_size == PAGE and wal_path(file).stat().st_size > 500_000
    return file


def test_a_crash_is_no_damage(crashed: Path) -> None:
    before = {part: Path(f"{crashed}{part}").read_bytes() for part in ("", "-wal")}
    assert not is_damaged(crashed)
    assert {part: Path(f"{crashed}{part}").read_bytes() for part in ("", "-wal")} == before, "looking changes nothing"
    assert len(acts(crashed)) == 30


def test_acts_that_stood_only_in_the_log_are_salvaged(crashed: Path) -> None:
    log = wal_path(crashed).read_bytes()
    truncate(0)(crashed)
    told = salvage_of(crashed)
    assert [dseq for dseq, _, _ in acts(crashed)] == list(range(1, 31)) and (told.acts, told.missing) == (30, 0)
    assert wal_path(aside(crashed)).read_bytes() == log, "the log went with its file"


def test_a_log_damaged_in_the_middle_is_noticed(crashed: Path) -> None:
    """SQLite alone would drop everything after the wrong frame and call the file sound."""
    wal = bytearray(wal_path(crashed).read_bytes())
    _, frames = frames_of(bytes(wal))
    ends = [n for n, frame in enumerate(frames) if frame.commits]
    assert not is_torn(bytes(wal)) and not is_torn(b"") and not is_torn(bytes(wal[:5000]))
    last = bytearray(wal)
    last[frames[ends[-1]].offset + 50] ^= 1
    assert not is_torn(bytes(last)), "a torn last transaction is a power cut: nobody was told that it is saved"
    wal[frames[ends[-9]].offset + 50] ^= 1
    wal_path(crashed).write_bytes(bytes(wal))
    assert is_damaged(crashed)
    told = salvage_of(crashed)
    assert (told.acts, told.missing) == (30, 0)


def test_one_changed_letter_in_an_unsent_act_is_noticed_and_never_sent(station: Workstation) -> None:
    file = station.file
    station.close()
    raw = file.read_bytes()
    changed = raw.replace("店外堆放35".encode(), "店外堆放53".encode())
    assert changed != raw
    file.write_bytes(changed)
    assert is_damaged(file)
    after = acts(file)
    told = salvage_of(file)
    assert told.missing == 1 and told.acts == 89 and len(after) == 119


def test_who_it_is_and_what_it_needs_offline_are_kept(station: Workstation) -> None:
    with station.work() as work:
        record = work.connection.execute(text("SELECT hash, record FROM personal")).one()
        session.keep_pass(work, CLERK, "demo-2026", 7)
    station.close()
    zero(0, PAGE)(station.file)
    again = Workstation(station.file)
    with again.work() as work:
        assert [work.read_meta(n) for n in ("device", "unit", "slot")] == [DEVICE, TOWN, SLOT]
        assert work.read_meta("reference") and work.connection.execute(text("SELECT count(*) FROM document")).scalar()
        assert session.sign_in_offline(work, CLERK, "demo-2026").offline
        ((digest, kept),) = personal.unsent(work.connection)
        assert (digest, kept) == (record.hash, bytes(record.record))
        for case_id in [row[0] for row in work.connection.execute(text("SELECT case_id FROM case_confirmed"))]:
            cases.replay(work, case_id)
        shown = work.connection.execute(text("SELECT count(*) FROM case_row WHERE state = 'dispatched'")).scalar()
        assert shown == 39, "cases whose every act is unsettled show again before the line is back"
        work.commit()
    number = again.act(c.Report("", "grid", STALLS, "新", "路口", TOWN, STATION)).number
    assert number.endswith("S041"), "no number is given twice"
    again.close()


def test_without_the_facts_numbers_go_on_where_no_day_reaches(tmp_path: Path) -> None:
    made = Workstation(tmp_path / "store.sqlite")
    made.case(1)
    made.close()
    keep_identity(made.file, Identity(DEVICE, TOWN, SLOT))
    truncate(0)(made.file)
    again = Workstation(made.file)
    assert again.act(c.Report("", "grid", STALLS, "新", "路口", TOWN, STATION)).number.endswith("S501")
    again.close()


def test_a_store_that_is_gone_comes_back_as_itself(tmp_path: Path) -> None:
    made = Workstation(tmp_path / "store.sqlite")
    made.close()
    keep_identity(made.file, Identity(DEVICE, TOWN, SLOT))
    made.file.unlink()
    assert salvage_of(made.file) == Salvage("", 0, None)
    with Workstation(made.file).work() as work:
        assert work.read_meta("device") == DEVICE


def test_an_ordinary_new_store_is_no_damage(tmp_path: Path) -> None:
    engine = open_store(tmp_path / "new" / "store.sqlite", NOW_MS)
    with engine.connect().execution_options(read_only=True) as connection:
        assert salvage_to_tell(connection) is None
    engine.dispose()
    assert known_identity(tmp_path / "new" / "store.sqlite") == Identity()


def test_it_is_told_until_somebody_has_read_it(station: Workstation) -> None:
    station.close()
    zero(0, 100)(station.file)
    assert salvage_of(station.file) == salvage_of(station.file)
    engine = open_store(station.file, NOW_MS)
    with engine.begin() as connection:
        salvage_was_told(connection)
        assert salvage_to_tell(connection) is None
    engine.dispose()


@pytest.mark.parametrize("step", range(5))
def test_a_change_of_names_cut_short_is_finished(crashed: Path, step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed before any of the renamings: no act is lost, no log is taken for another file's."""
    truncate(0)(crashed)
    rename, left = Path.rename, iter(range(step, -1, -1))

    class Killed(BaseException):
        pass

    def dying(self: Path, target: Path) -> Path:
        if next(left) == 0:
            raise Killed
        return rename(self, target)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", dying)
        with pytest.raises(Killed):
            open_store(crashed, NOW_MS)
    assert [dseq for dseq, _, _ in acts(crashed)] == list(range(1, 31))
    assert salvage_of(crashed).acts == 30
    assert wal_path(aside(crashed)).exists() and not list(crashed.parent.glob("store.fresh-*"))


def test_two_damages_in_one_second_keep_both_files(station: Workstation) -> None:
    station.close()
    for _ in range(2):
        zero(0, 100)(station.file)
        open_store(station.file, NOW_MS).dispose()
    assert len(list(station.file.parent.glob("store.damaged-*.sqlite"))) == 2
    assert salvage_of(station.file).acts == 90


@pytest.mark.landing
def test_whatever_the_damage_nothing_breaks_and_nothing_false_is_kept(station: Workstation, tmp_path: Path) -> None:
    whole = {cmd_id: (dseq, state) for dseq, cmd_id, state in acts(station.file)}
    station.close()
    raw = station.file.read_bytes()
    chance = random.Random(20261124)
    noticed = 0
    for number in range(60):
        broken = bytearray(raw)
        for _ in range(chance.choice((1, 3, 30))):
            start, length = chance.randrange(len(raw)), chance.choice((1, 20, PAGE, 8 * PAGE))
            noise = chance.choice((bytes(length), chance.randbytes(length), raw[: length + 1][:length]))
            broken[start : start + length] = noise[: len(raw) - start]
        file = tmp_path / f"case{number}" / "store.sqlite"
        file.parent.mkdir()
        file.write_bytes(bytes(broken))
        found = read_damaged(file)
        for act in found.in_order():
            assert whole[act.command.cmd_id][0] == act.command.dseq
        if is_damaged(file):
            noticed += 1
            assert {i for _, i, _ in acts(file)} == set(found.acts)
            assert (aside(file)).read_bytes() == bytes(broken)
    assert noticed > 40


def test_a_busy_or_unreadable_disk_is_no_damage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "store.sqlite"
    Workstation(file).close()

    class Driver(Exception):
        def __init__(self, code: int) -> None:
            self.sqlite_errorcode = code

    def error(code: int) -> OperationalError:
        return OperationalError("", None, Driver(code))

    assert not is_damage(error(5), file) and not is_damage(error(10), file)
    assert getattr(worded(error(5), file), "code", "") == "store_busy"
    assert getattr(worded(error(10), file), "code", "") == "store_io", (
        "nobody lost anything, and it is no fault of ours"
    )
    assert getattr(worded(error(8), file), "code", "") == "store_forbidden"
    assert getattr(worded(error(11), file), "code", "") == "store_unreadable"
    assert isinstance(worded(error(1), file), OperationalError)
    monkeypatch.setattr(Path, "open", _no_sector)
    assert is_damage(error(10), file), "the disk does not give it back"


def _no_sector(*_args: object, **_more: object) -> None:
    raise OSError(errno.EIO, "a bad sector")


def test_a_newer_store_is_declined_even_when_it_is_damaged(station: Workstation) -> None:
    with station.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    station.close()
    overwrite(60, 3)(station.file)
    before = station.file.read_bytes()
    with pytest.raises(Refused) as caught:
        open_store(station.file, NOW_MS)
    assert caught.value.code == "store_newer" and caught.value.args_by_name["found"] == "9999"
    assert station.file.read_bytes() == before
