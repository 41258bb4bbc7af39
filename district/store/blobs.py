"""The list of photographs and files the centre has, as rows; their bytes lie in a folder (district/blobs.py)."""

from __future__ import annotations

from sqlalchemy import Connection, insert, select

from district.store.tables import blob


def is_kept(connection: Connection, sha256: str) -> bool:
    """True when the bytes with that hash are here."""
    return connection.execute(select(blob.c.sha256).where(blob.c.sha256 == sha256)).first() is not None


def insert_kept(connection: Connection, sha256: str, size: int, device: str, now_ms: int) -> None:
    """They are, from that workstation."""
    connection.execute(insert(blob).values(sha256=sha256, size=size, device=device, stored_at=now_ms))


def all_kept(connection: Connection) -> dict[str, int]:
    """Size by hash of everything that is here."""
    return {str(row.sha256): int(row.size) for row in connection.execute(select(blob.c.sha256, blob.c.size))}
