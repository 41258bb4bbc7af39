"""Encrypting a store that is plain: a whole copy beside it, proved equal, takes its name; the plain one goes only when the
encrypted one has opened (docs/decisions/0012).

Whatever the instant at which the program is killed, at least one whole store is there, and the next opening goes on.
"""

from __future__ import annotations

import os
from pathlib import Path

from sqlalchemy import Connection, Engine, text

from models.errors import Bug, Weather
from models.files import sync_folder
from models.store import outbox
from models.store.carve import wal_path
from models.store.engine import export_encrypted, open_to_look
from models.store.locked import is_plain
from models.store.migrate import copy_before_upgrade
from models.store.store_key import StoreKey, keep_key_id

_SIDE_FILES = ("-wal", "-shm", "-journal")


def encrypt(file: Path, key: StoreKey) -> None:
    """Put an encrypted store in the place of the plain one, which is kept under another name. DBAPIError, OSError,
    Refused("store_full"), Weather("store_busy"): the plain store is as it was."""
    making = file.with_name("store.encrypting.sqlite")
    _remove(making)
    try:
        export_encrypted(file, making, key)
        _prove_equal(file, making, key)
        _sync(making)
        keep_key_id(file, key.id)
    except BaseException:
        _remove(making)
        raise
    making.rename(_encrypted(file))
    sync_folder(file.parent)
    if wal_path(file).exists():  # another program has begun to write into the plain one: another time
        _remove(_encrypted(file))
        raise Weather("store_busy")
    file.rename(plain_left(file))
    sync_folder(file.parent)
    finish_encrypting(file)


def finish_encrypting(file: Path) -> None:
    """A change of names that was cut short is brought to its end. While the plain store still has its name, acts may
    have been added to it since: the copy goes, and encrypting begins anew."""
    _remove(file.with_name("store.encrypting.sqlite"))
    if file.exists():
        _remove(_encrypted(file))
    elif _encrypted(file).exists():
        _encrypted(file).rename(file)
        sync_folder(file.parent)


def plain_left(file: Path) -> Path:
    """Where the plain store waits until the encrypted one has opened."""
    return file.with_name("store.plain.sqlite")


def remove_plain(file: Path) -> None:
    """The encrypted store has opened: what stood here in plain goes, the copy made before an upgrade too."""
    for left in (plain_left(file), copy_before_upgrade(file)):
        if is_plain(left):
            _remove(left)
            sync_folder(file.parent)


def _encrypted(file: Path) -> Path:
    return file.with_name("store.encrypted.sqlite")


def _prove_equal(file: Path, copy: Path, key: StoreKey) -> None:
    before, after = open_to_look(file), open_to_look(copy, key)
    try:
        if _wrong_pages(after) or _summary(before) != _summary(after):
            raise Bug("the encrypted copy of the store is not equal to it")
    finally:
        before.dispose()
        after.dispose()


def _wrong_pages(engine: Engine) -> bool:
    with engine.connect() as connection:
        return bool(connection.execute(text("PRAGMA cipher_integrity_check")).all())


def _summary(engine: Engine) -> tuple[str, dict[str, int], tuple[int, str]]:
    """Soundness, rows of every table, and the head of the chain of acts."""
    with engine.connect() as connection:
        sound = str(connection.execute(text("PRAGMA integrity_check")).scalar())
        return sound, _rows(connection), outbox.head(connection)


def _rows(connection: Connection) -> dict[str, int]:
    names = connection.execute(text("SELECT name FROM sqlite_schema WHERE type = 'table'")).scalars().all()
    quoted = connection.dialect.identifier_preparer.quote_identifier
    return {n: int(connection.execute(text(f"SELECT count(*) FROM {quoted(n)}")).scalar_one()) for n in names}


def _sync(file: Path) -> None:
    with file.open("rb+") as opened:
        os.fsync(opened.fileno())


def _remove(file: Path) -> None:
    for part in ("", *_SIDE_FILES):
        file.with_name(file.name + part).unlink(missing_ok=True)
