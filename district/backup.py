"""`backup`, `verify`, `restore`: a whole copy of a SQLite district that has been read through before anybody relies on it.
The bytes of photographs and files are not in it: their folder only grows, and is copied beside it by any tool.

A served PostgreSQL is backed up by its own tools, and such a copy is read through in a database it was put back into for that
(`verify`); that a restored one has forgotten something the service notices by itself, whoever restored it (district/restored.py).
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from district import keys, past, restored
from district.audit import Audit, audit
from district.blobs import missing
from district.centre import HEAD, SCRIPTS, one_view
from district.store import Engine
from district.store.audit import damage_of, identity_of
from models.blob_folder import BlobFolder
from models.errors import Refused
from models.files import FOR_ITS_OWNER, sync_folder, told_when_full
from models.store.engine import is_in_use, open_engine
from models.store.migrate import copy_whole, migrate, version_of
from models.store.trouble import in_words

_SQLITE = "sqlite:///"


def backup(url: str, target: Path) -> Audit:
    """Copy the database, which may be in use, and read the copy through; only a sound one gets its name.
    Refused("backup_by_its_own_tools"), ("backup_exists"), ("audit_failed"), and what models/store/trouble.py names."""
    _file_of(url)
    if target.exists():
        raise Refused("backup_exists", file=str(target))
    making = target.with_name(f"{target.name}.unread")
    making.unlink(missing_ok=True)
    engine = open_engine(url)
    try:
        with in_words(engine):
            copy_whole(engine, making)
    finally:
        engine.dispose()
    try:
        found = verify(making)
        making.replace(target)
    finally:
        making.unlink(missing_ok=True)
    sync_folder(target.parent)
    return found


def verify(file: Path, blobs: BlobFolder | None = None) -> Audit:
    """Read a copy through: every chain, every feed, every case, and with `blobs` every file the cases have: the copy holds
    their list, never their bytes. Refused("no_such_backup"), ("store_newer"), ("audit_failed"), ("store_unreadable") for one that is
    damaged or no database."""
    if not file.is_file():
        raise Refused("no_such_backup", file=str(file))
    engine = open_engine(f"{_SQLITE}{file}")
    try:
        with in_words(engine):
            version = version_of(engine)
            if not version or version > HEAD:
                raise Refused("store_newer", found=version or "?", known=HEAD)
            with engine.connect().execution_options(read_only=True) as connection:
                damage = damage_of(connection)
                found = audit(connection) if version == HEAD else None
    finally:
        engine.dispose()
    if found is None:
        found = _read_upgraded(file)
    if damage:
        found.contradictions.append(f"the file is damaged: {' '.join(damage.split())}")
    return _sound(found, blobs)


def verify_restored(url: str, blobs: BlobFolder | None = None) -> Audit:
    """Read a PostgreSQL database through into which a copy made by its own tools was put back, beside the one in use. Refused as
    `verify`."""
    engine = open_engine(url)
    try:
        version = version_of(engine)
        if version != HEAD:
            raise Refused("store_newer", found=version or "?", known=HEAD)
        with engine.connect().execution_options(**one_view(engine)) as connection:
            found = audit(connection)
    finally:
        engine.dispose()
    return _sound(found, blobs)


def _sound(found: Audit, blobs: BlobFolder | None) -> Audit:
    if blobs is not None:
        lost = missing(blobs, found.attachments)
        found.contradictions += [f"attachment {sha256}: not in the folder, or not whole" for sha256 in lost]
    if found.contradictions:
        raise Refused("audit_failed", count=len(found.contradictions), first=found.contradictions[0])
    return found


def _read_upgraded(file: Path) -> Audit:
    """What is in a copy of an older version, which stays as it is."""
    reading = file.with_name(f"{file.name}.reading")
    _forget(reading)
    engine = open_engine(f"{_SQLITE}{reading}")
    try:
        shutil.copyfile(file, reading)
        with in_words(engine):
            migrate(engine, SCRIPTS, HEAD)
            with engine.connect().execution_options(read_only=True) as connection:
                return audit(connection)
    finally:
        engine.dispose()
        _forget(reading)


def _forget(file: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        file.with_name(f"{file.name}{suffix}").unlink(missing_ok=True)


def restore(file: Path, url: str, keys_folder: Path, now_ms: int) -> tuple[Audit, Path | None]:
    """Put a sound copy in the place of the database, which is set aside under another name, and begin a new epoch. The
    service must not be running (`refuse_in_use`). Returns what was read, and where the old database is now (None: there was none). Nothing
    is touched before the copy lies beside its place, whole and durable. Refused("centre_key_differs") for the copy of
    another district, ("store_full")."""
    found = verify(file)
    _refuse_stranger(file, keys_folder)
    place = _file_of(url)
    was = restored.kept_head(keys_folder)
    making = place.with_name(f"{place.name}.making")
    try:
        _copied(file, making)
        aside = _set_aside(place, now_ms)
        making.replace(place)
    finally:
        making.unlink(missing_ok=True)
    sync_folder(place.parent)
    engine = open_engine(url)
    migrate(engine, SCRIPTS, HEAD)
    with engine.begin() as connection:
        past.begin_new_epoch(connection, was, now_ms)
        here = past.remembering(past.head_of(connection), was)
    engine.dispose()
    restored.keep_head(keys_folder, here)
    return found, aside


def refuse_itself(copy: Path | str, url: str) -> None:
    """Refused("copy_is_the_database") for what is no copy: nothing would be left when the database is lost."""
    if isinstance(copy, Path):
        is_same = url.startswith(_SQLITE) and copy.exists() and _file_of(url).exists() and copy.samefile(_file_of(url))
    else:
        is_same = not url.startswith(_SQLITE) and _identity(copy) == _identity(url)
    if is_same:
        raise Refused("copy_is_the_database")


def _identity(url: str) -> str:
    engine: Engine = open_engine(url)
    try:
        with engine.connect().execution_options(**one_view(engine)) as connection:
            return identity_of(connection)
    finally:
        engine.dispose()


def refuse_in_use(url: str) -> None:
    """Refused("database_in_use"): a service that goes on would write into the file that is set aside, hand out receipts for
    it, and nobody would look there."""
    place = _file_of(url)
    if place.exists() and is_in_use(place):
        raise Refused("database_in_use", file=str(place))


def _refuse_stranger(file: Path, keys_folder: Path) -> None:
    """The folder of keys remembers the district's order beside its key: another district's copy would overwrite that, and
    nobody could serve it afterwards. A folder that holds no key yet may be put back later."""
    engine = open_engine(f"{_SQLITE}{file}")
    with engine.connect().execution_options(read_only=True) as connection:
        known = keys.known_key(connection)
    engine.dispose()
    if known and keys.has_key(keys_folder) and known != keys.read_signing_key(keys_folder).public:
        raise Refused("centre_key_differs")


def _copied(file: Path, making: Path) -> None:
    making.unlink(missing_ok=True)
    with told_when_full():
        making.touch(FOR_ITS_OWNER)
        shutil.copyfile(file, making)
        with making.open("rb+") as opened:
            os.fsync(opened.fileno())


def _set_aside(place: Path, now_ms: int) -> Path | None:
    """The log goes first, also when its database is gone: SQLite would play it into whatever bears the name next."""
    aside = place.with_name(f"{place.name}.before-restore-{now_ms}")
    had_one = place.exists()
    for suffix in ("-wal", "-shm", ""):
        old = place.with_name(f"{place.name}{suffix}")
        if old.exists():
            old.replace(aside.with_name(f"{aside.name}{suffix}"))
    return aside if had_one else None


def _file_of(url: str) -> Path:
    if not url.startswith(_SQLITE):
        raise Refused("backup_by_its_own_tools")
    return Path(url.removeprefix(_SQLITE))
