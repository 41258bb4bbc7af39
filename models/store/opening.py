"""Opening a console's store: looked at before it is touched, set aside and salvaged when damaged, then brought up to date.

A store is encrypted when there is a key (docs/decisions/0012): a plain one is converted, and stays plain until next time
when that fails. Whether a key is missing or wrong is asked before anything may be called damaged.

A damaged file is renamed with a time stamp and never deleted. What can be read of it (models/store/salvage.py) goes into
a fresh store first; only when that is whole on the disk do the names change, and a change of names that was cut short is
finished at the next opening.
"""

from __future__ import annotations

import logging
from datetime import datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, LargeBinary, cast, select, text
from sqlalchemy.exc import DBAPIError

from models.clock import SHANGHAI
from models.errors import Bug, Refused, Weather
from models.files import sync_folder
from models.store import outbox
from models.store.carve import is_torn, wal_path
from models.store.console_tables import outbox as outbox_table
from models.store.encrypting import encrypt, finish_encrypting, remove_plain
from models.store.engine import open_file, open_to_look, refuse_network_drive
from models.store.fresh import Salvage, fill
from models.store.identity import known_identity
from models.store.locked import is_plain, refuse_without_key
from models.store.migrate import HEAD, copy_before_upgrade, migrate, version_of
from models.store.salvage import read_damaged
from models.store.store_key import StoreKey, keep_key_id
from models.store.trouble import is_damage, worded
from models.wire import Malformed, UnknownKind, chain_hash, decode_command

_SQL_ERROR = 1
_log = logging.getLogger("store")


def open_store(file: Path, now_ms: int, key: StoreKey | None = None) -> Engine:
    """The store, sound and of this program's version; new when there was none. With a key it is encrypted, unless its
    conversion has to wait (models/store/locked.py `is_plain` says so).

    Refused("store_on_network"), ("store_newer"), ("store_full"), ("store_forbidden"), ("store_locked"),
    ("store_key_wrong"): the file is as it was.
    """
    refuse_network_drive(file, Path("/proc/mounts"))
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        refuse_without_key(file, key)
        _finish_renaming(file)
        finish_encrypting(file)
        if is_damaged(file, key):
            _salvage(file, now_ms, key)
        if key is not None and not is_plain(file):
            keep_key_id(file, key.id)
        return _opened(file, key)
    except DBAPIError as error:
        raise worded(error, file) from error.orig


def _opened(file: Path, key: StoreKey | None) -> Engine:
    engine = open_file(file, None if is_plain(file) else key)
    migrate(engine, backup=copy_before_upgrade(file))
    if key is None:
        return engine
    if is_plain(file):
        engine.dispose()
        try:
            encrypt(file, key)
        except (DBAPIError, OSError, Refused, Weather, Bug):
            _log.exception("the store stays plain until the next start")
        engine = open_file(file, None if is_plain(file) else key)
        version_of(engine)
    if not is_plain(file):
        remove_plain(file)
    return engine


# Looking


def is_damaged(file: Path, key: StoreKey | None = None) -> bool:
    """True when a store stood here and cannot be relied on any more. Nothing is changed, not even by SQLite.
    Refused("store_locked"), ("store_key_wrong"): nobody can tell."""
    refuse_without_key(file, key)
    expected = bool(known_identity(file).device)
    wal = wal_path(file).read_bytes() if wal_path(file).exists() else b""
    if not file.exists() or not file.stat().st_size:
        return expected or bool(wal)
    if is_torn(wal):
        return True
    engine = open_to_look(file, None if is_plain(file) else key)
    try:
        version = version_of(engine)
        if version > HEAD:
            return False
        with engine.connect() as connection:
            if not version:
                return expected or bool(connection.execute(text("SELECT count(*) FROM sqlite_schema")).scalar())
            sound = connection.execute(text("PRAGMA quick_check(1)")).scalar() == "ok"
            return not (sound and _unsent_acts_are_whole(connection))
    except DBAPIError as error:
        # The questions asked here are right for every version: a table that is not there is damage as well.
        if is_damage(error, file) or getattr(error.orig, "sqlite_errorcode", 0) == _SQL_ERROR:
            return True
        raise
    finally:
        engine.dispose()


def _unsent_acts_are_whole(connection: Connection) -> bool:
    """Each act still to be sent has its hash: SQLite does not notice a letter that changed. Read as bytes: it need be no letter
    any more."""
    bodies, hashes = (cast(outbox_table.c[name], LargeBinary) for name in ("body", "hash"))
    kept = connection.execute(select(bodies, hashes).where(outbox_table.c.state != outbox.SETTLED))
    try:
        for raw, act_hash in kept:
            body = bytes(raw).decode()
            if chain_hash(decode_command(body).prev, body).encode() != bytes(act_hash):
                return False
    except (Malformed, UnknownKind, UnicodeDecodeError):
        return False
    return True


# Setting aside


def _salvage(file: Path, now_ms: int, key: StoreKey | None) -> None:
    found = read_damaged(file, key)
    moment = datetime.fromtimestamp(now_ms / 1000, SHANGHAI)
    stamp = _free_stamp(file, moment.strftime("%Y%m%d-%H%M%S"))
    there = file.exists() or wal_path(file).exists()
    told = Salvage(_aside(file, stamp).name if there else "", found.unsent(), found.missing())
    making = file.with_name("store.making.sqlite")
    for leftover in file.parent.glob(f"{making.name}*"):
        leftover.unlink()
    if key is not None:
        keep_key_id(file, key.id)
    engine = open_file(making, key)
    try:
        migrate(engine)
        with engine.begin() as connection:
            fill(connection, found, known_identity(file), told, moment.date().isoformat())
    finally:
        engine.dispose()
    making.rename(_fresh(file, stamp))
    sync_folder(file.parent)
    _finish_renaming(file)


def _aside(file: Path, stamp: str) -> Path:
    return file.with_name(f"{file.stem}.damaged-{stamp}{file.suffix}")


def _fresh(file: Path, stamp: str) -> Path:
    return file.with_name(f"{file.stem}.fresh-{stamp}{file.suffix}")


def _free_stamp(file: Path, stamp: str) -> str:
    number, free = 1, stamp
    while _aside(file, free).exists() or wal_path(_aside(file, free)).exists():
        number += 1
        free = f"{stamp}-{number}"
    return free


def _finish_renaming(file: Path) -> None:
    """A fresh store that is whole takes the damaged one's name. The log goes first: beside another file it would be
    taken for that one's."""
    for fresh in sorted(file.parent.glob(f"{file.stem}.fresh-*{file.suffix}")):
        stamp = fresh.name.removeprefix(f"{file.stem}.fresh-").removesuffix(file.suffix)
        for part in ("-wal", "-shm", ""):
            old = file.with_name(file.name + part)
            if old.exists():
                aside = _aside(file, stamp)
                old.rename(aside.with_name(aside.name + part))
        fresh.rename(file)
        sync_folder(file.parent)
