"""Opening a database: every SQLite file of ours through sqlcipher3, served districts on PostgreSQL (D21, measured.md).

SQLite runs in WAL with synchronous FULL: what is committed survives a power cut. A transaction begins IMMEDIATE, so the
write lock is taken before the first row is read (D1, sync-R9), unless it says it only reads.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import sqlcipher3
from sqlalchemy import Connection, Engine, create_engine, event, text

from models.errors import Refused

ORDER_LOCK = 341_002
"""Key of PostgreSQL's advisory lock that orders a district's commits (D1)."""

_NETWORK_FILE_SYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "fuse.sshfs", "afs", "ceph", "davfs"})


def open_engine(url: str) -> Engine:
    """An engine for `sqlite:///path` or `postgresql+psycopg://…`."""
    if url.startswith("sqlite"):
        return _open_sqlite(url)
    return create_engine(url, hide_parameters=True, pool_size=4, max_overflow=4, pool_pre_ping=True)


def open_file(path: Path) -> Engine:
    """An engine for a SQLite file on a local disk; Refused("store_on_network") for any other."""
    refuse_network_drive(path, Path("/proc/mounts"))
    path.parent.mkdir(parents=True, exist_ok=True)
    return _open_sqlite(f"sqlite:///{path}")


def _open_sqlite(url: str) -> Engine:
    engine = create_engine(
        url, hide_parameters=True, module=sqlcipher3.dbapi2, connect_args={"check_same_thread": False, "timeout": 30}
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


def take_order_lock(connection: Connection) -> None:
    """Take the district's order lock until the end of the transaction. On SQLite BEGIN IMMEDIATE already did."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ORDER_LOCK})


def refuse_network_drive(path: Path, mounts: Path) -> None:
    """Refused("store_on_network") when `path` lies on a network file system named in `mounts` (D21): SQLite's locks do
    not hold there."""
    if not mounts.exists():
        return
    folder = path.absolute().parent
    best, kind = "", ""
    for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines():
        fields = line.split()
        inside = len(fields) > 2 and (folder.is_relative_to(fields[1]))
        if inside and len(fields[1]) >= len(best):
            best, kind = fields[1], fields[2]
    if kind in _NETWORK_FILE_SYSTEMS:
        raise Refused("store_on_network", folder=str(folder), kind=kind)
