"""Opening a database: every SQLite file of ours through sqlcipher3, served districts on PostgreSQL (D21, measured.md).

SQLite runs in WAL with synchronous FULL: what is committed survives a power cut. A transaction begins IMMEDIATE, so the
write lock is taken before the first row is read (D1, sync-R9), unless it says it only reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlcipher3
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import NullPool

from models.errors import Refused
from models.store.store_key import StoreKey

ORDER_LOCK = 341_002
"""Key of PostgreSQL's advisory lock that orders a district's commits (D1)."""

StoreEngine = Engine
"""What opens connections to one file: for those who only pass it on."""

_NETWORK_FILE_SYSTEMS = frozenset(
    {"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "davfs", "glusterfs", "lustre", "vboxsf"}
    | {"fuse.sshfs", "fuse.davfs", "fuse.glusterfs", "fuse.gvfsd-fuse", "fuse.rclone"}
)
_ESCAPED = re.compile(r"\\([0-7]{3})")
"""How the list of mounts writes a space in a name."""


def open_engine(url: str) -> Engine:
    """An engine for `sqlite:///path` or `postgresql+psycopg://…`."""
    if url.startswith("sqlite"):
        return _open_sqlite(url)
    # The connection used last comes first: what it has prepared, and what its process has in memory, is used again.
    return create_engine(url, hide_parameters=True, pool_size=4, max_overflow=4, pool_pre_ping=True, pool_use_lifo=True)


def open_file(path: Path, key: StoreKey | None = None) -> Engine:
    """An engine for a SQLite file on a local disk, encrypted when there is a key; Refused("store_on_network") for any
    other."""
    refuse_network_drive(path, Path("/proc/mounts"))
    path.parent.mkdir(parents=True, exist_ok=True)
    return _open_sqlite(f"sqlite:///{path}", key)


def open_to_look(file: Path, key: StoreKey | None = None) -> Engine:
    """An engine that changes nothing: no checkpoint, no journal mode, not even when it is closed."""
    name = f"file:{quote(str(file.absolute()))}?mode=ro"
    return create_engine(
        "sqlite://",
        hide_parameters=True,
        poolclass=NullPool,
        module=sqlcipher3.dbapi2,
        creator=lambda: _connected(name, key, uri=True),
    )


def export_encrypted(path: Path, target: Path, key: StoreKey) -> None:
    """Write the whole plain store into a new encrypted file, with nobody else at either. DBAPIError; also when another
    program has the store open."""
    connection = _connected(str(path), None)
    try:
        connection.isolation_level = None
        # Leaving WAL needs the file for oneself, and the lock is then kept until the end.
        for pragma in ("busy_timeout=1000", "locking_mode=EXCLUSIVE", "journal_mode=DELETE"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("COMMIT")
        connection.execute("ATTACH DATABASE ? AS encrypted KEY ?", (str(target), key.phrase))
        connection.execute("SELECT sqlcipher_export('encrypted')")
        connection.execute("DETACH DATABASE encrypted")
    except sqlcipher3.dbapi2.Error as error:
        raise OperationalError("encrypting the store", None, error) from error
    finally:
        connection.close()


def is_in_use(file: Path) -> bool:
    """True when somebody else, another program or another connection, has this SQLite file open. It is not changed, and may
    be damaged."""
    connection = _connected(str(file), None)
    try:
        for pragma in ("busy_timeout=1000", "locking_mode=EXCLUSIVE"):
            connection.execute(f"PRAGMA {pragma}")
        # The first look in WAL takes the file for oneself, and whoever has it open keeps a lock of his own on it.
        connection.execute("SELECT count(*) FROM sqlite_master").fetchall()
    except sqlcipher3.dbapi2.OperationalError as error:
        return "locked" in str(error)
    except sqlcipher3.dbapi2.DatabaseError:
        return False
    finally:
        connection.close()
    return False


def _connected(name: str, key: StoreKey | None, uri: bool = False) -> Any:
    connection = sqlcipher3.dbapi2.connect(name, uri=uri, check_same_thread=False, timeout=30)
    if key is not None:
        # The key comes before anything that reads. A damaged page is told by the error; SQLCipher says it on stderr too.
        connection.execute(f'PRAGMA key = "{key.phrase}"')
        connection.execute("PRAGMA cipher_log_level = NONE")
    return connection


def _open_sqlite(url: str, key: StoreKey | None = None) -> Engine:
    name = url.removeprefix("sqlite:///")
    engine = create_engine(
        url, hide_parameters=True, module=sqlcipher3.dbapi2, creator=lambda: _connected(name or ":memory:", key)
    )

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get("read_only", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


@contextmanager
def unsynced(connection: Connection) -> Iterator[None]:
    """On SQLite, commits inside do not wait for the disk; all of it is on the disk when this ends. For filling a database
    that is made anew when a power cut ruins it, never for one in use. No transaction may be open at either end."""
    if connection.dialect.name != "sqlite":
        yield
        return
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA synchronous=OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA synchronous=FULL")
        driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def take_order_lock(connection: Connection) -> None:
    """Take the district's order lock until the end of the transaction. On SQLite BEGIN IMMEDIATE already did."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ORDER_LOCK})


def refuse_network_drive(path: Path, mounts: Path) -> None:
    """Refused("store_on_network") when `path` lies on a network file system named in `mounts` (D21): SQLite's locks do
    not hold there."""
    if not mounts.exists():
        return
    folder = path.resolve().parent
    best, kind = "", ""
    for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines():
        fields = line.split()
        point = _ESCAPED.sub(lambda m: chr(int(m[1], 8)), fields[1]) if len(fields) > 2 else ""
        if point and folder.is_relative_to(point) and len(point) >= len(best):
            best, kind = point, fields[2]
    if kind in _NETWORK_FILE_SYSTEMS:
        raise Refused("store_on_network", folder=str(folder), kind=kind)
