"""A plain store becomes an encrypted one: everything is there, whatever kills the program meanwhile."""

from __future__ import annotations

import os
import random
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from models.errors import Refused
from models.store import encrypting, outbox
from models.store.engine import open_file
from models.store.locked import is_plain
from models.store.migrate import migrate
from models.store.opening import is_damaged, open_store
from models.store.store_key import known_key_id, new_store_key
from tests.store.make_sample import DEVICE, Workstation
from tests.store.test_disk_full import fill, small_disk
from tests.store.test_sample import NEXT, NEXT_VERSION, ROOT

__all__ = ["small_disk"]

NOW_MS = 1_795_402_800_000
KEY = new_store_key(random.Random(1).randbytes)
PAGE = 4096


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A plain store with 24 unsent acts, part of them in the log only, and the copy an upgrade left."""
    folder = tmp_path_factory.mktemp("plain")
    made = Workstation(folder / "living" / "store.sqlite")
    for number in range(4):
        made.case(number)
    made.close()
    made = Workstation(made.file, seed=2)
    for number in range(4, 8):
        made.case(number)
    (folder / "left").mkdir()
    for part in ("", "-wal", "-shm"):
        shutil.copy(f"{made.file}{part}", folder / "left" / f"store.sqlite{part}")
    (folder / "left" / "store.before-upgrade.sqlite").write_bytes(b"SQLite format 3\x00 older")
    made.close()
    return folder / "left" / "store.sqlite"


@pytest.fixture
def file(plain: Path, tmp_path: Path) -> Path:
    shutil.copytree(plain.parent, tmp_path / "store")
    return tmp_path / "store" / "store.sqlite"


Content = tuple[dict[str, int], tuple[int, str], int, str]


def content(file: Path, key: Any = KEY) -> Content:
    """Rows of every table, head of the chain, unsent acts, device."""
    engine = open_store(file, NOW_MS, key)
    with engine.connect().execution_options(read_only=True) as connection:
        assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
        device = connection.execute(text("SELECT value FROM meta WHERE name = 'device'")).scalar()
        found = encrypting._rows(connection), outbox.head(connection), outbox.unsent(connection).count, str(device)
    engine.dispose()
    return found


@pytest.fixture(scope="module")
def before(plain: Path, tmp_path_factory: pytest.TempPathFactory) -> Content:
    copied = shutil.copytree(plain.parent, tmp_path_factory.mktemp("before") / "store")
    found = content(copied / "store.sqlite", None)
    assert found[1][0] == found[2] == 24 and found[3] == DEVICE
    return found


def test_everything_is_there_and_nothing_plain_is_left(file: Path, before: Content) -> None:
    assert content(file) == before
    assert {f.name for f in file.parent.iterdir()} == {"store.sqlite", "encryption.json"}
    assert not is_plain(file) and known_key_id(file) == KEY.id
    for left in file.parent.iterdir():
        assert "店外堆放".encode() not in left.read_bytes()
    assert content(file) == before, "and once more"


def killed(child: Callable[[], object], after_ms: int | None = None) -> bool:
    """Run it in a process of its own until it ends or kills itself; after so long it is killed. True when it was."""
    pid = os.fork()
    if pid == 0:
        try:
            child()
        finally:
            os._exit(0)
    if after_ms is not None:
        time.sleep(after_ms / 1_000)
        os.kill(pid, signal.SIGKILL)
    return os.WIFSIGNALED(os.waitpid(pid, 0)[1])


def dying_at(step: int) -> Iterator[None]:
    """Kills this process before its step-th change of the folder or wait for the disk."""
    left = iter(range(step, -1, -1))

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def dying(*arguments: Any, **named: Any) -> Any:
            changes = not isinstance(arguments[0], Path) or arguments[0].exists()
            if changes and next(left, 1) == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*arguments, **named)

        return dying

    for owner, names in ((Path, ("rename", "replace", "unlink")), (os, ("fsync",)), (encrypting, ("_prove_equal",))):
        for name in names:
            setattr(owner, name, counted(getattr(owner, name)))
    yield


def test_killed_at_every_step_nothing_is_lost_and_the_next_start_goes_on(
    plain: Path, before: Content, tmp_path: Path
) -> None:
    """Before each change of names, each removal and each wait for the disk, until none is left."""
    for step in range(60):
        folder = shutil.copytree(plain.parent, tmp_path / str(step))

        def child(file: Path = folder / "store.sqlite", step: int = step) -> None:
            next(iter(dying_at(step)))
            open_store(file, NOW_MS, KEY).dispose()

        was_killed = killed(child)
        file = folder / "store.sqlite"
        whole = [f for f in (file, encrypting.plain_left(file), file.with_name("store.encrypted.sqlite")) if f.exists()]
        assert whole, step
        assert content(file) == before, step
        assert {f.name for f in folder.iterdir()} == {"store.sqlite", "encryption.json"}, step
        shutil.rmtree(folder)
        if not was_killed:
            break
    assert not was_killed and step > 10, f"{step} steps"


def test_killed_while_it_is_copied(plain: Path, before: Content, tmp_path: Path) -> None:
    was_killed = 0
    for number, after_ms in enumerate((5, 15, 25, 40)):
        folder = shutil.copytree(plain.parent, tmp_path / str(number))
        file = folder / "store.sqlite"
        was_killed += killed(lambda file=file: open_store(file, NOW_MS, KEY).dispose(), after_ms)
        assert content(file) == before
    assert was_killed


def test_a_copy_made_before_more_was_done_is_made_anew(file: Path, before: Content) -> None:
    """Killed between the copy and the change of names, then opened by a program that knows of no keys."""
    (file.with_name("store.encrypted.sqlite")).write_bytes(random.Random(4).randbytes(10 * PAGE))
    older = Workstation(file, seed=3)
    older.case(9)
    older.close()
    after = content(file)
    assert after[2] == before[2] + 3 and not is_plain(file)


def test_a_store_another_program_has_open_stays_plain(file: Path, before: Content, caplog: Any) -> None:
    other = Workstation(file, seed=3)
    assert content(file) == before and is_plain(file)
    assert "stays plain" in caplog.text
    other.case(9)
    other.close()
    assert content(file)[2] == before[2] + 3 and not is_plain(file)


def test_a_newer_store_is_declined_as_it_is(file: Path) -> None:
    engine = open_store(file, NOW_MS)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    raw = file.read_bytes()
    with pytest.raises(Refused, match="store_newer"):
        open_store(file, NOW_MS, KEY)
    assert file.read_bytes() == raw


def test_an_upgrade_of_an_encrypted_store_keeps_an_encrypted_copy(file: Path, before: Content, tmp_path: Path) -> None:
    assert content(file) == before
    scripts = shutil.copytree(ROOT / "models/store/migrations", tmp_path / "scripts")
    (scripts / "versions" / f"{NEXT_VERSION}_next.py").write_text(NEXT, encoding="utf-8")
    engine = open_file(file, KEY)
    copy = file.with_name("store.before-upgrade.sqlite")
    migrate(engine, scripts, NEXT_VERSION, copy)
    engine.dispose()
    assert copy.exists() and not is_plain(copy)
    encrypting.remove_plain(file)
    assert copy.exists(), "only what is plain goes"


@pytest.mark.parametrize("leave", [100_000, 400_000])
def test_on_a_full_disk_it_stays_plain_and_is_tried_again(
    plain: Path, before: Content, small_disk: Path, leave: int, caplog: Any
) -> None:
    folder = shutil.copytree(plain.parent, small_disk / "store")
    file = folder / "store.sqlite"
    open_store(file, NOW_MS).dispose()
    filler = fill(small_disk, leave)
    assert content(file) == before and is_plain(file) and not is_damaged(file)
    assert "stays plain" in caplog.text
    assert not [f.name for f in folder.iterdir() if "encrypt" in f.name and f.suffix == ".sqlite"]
    filler.unlink()
    assert content(file) == before and not is_plain(file)
