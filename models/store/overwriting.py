"""What is deleted is overwritten as well: SQLite lets go of the place and leaves the bytes, and salvage would find them again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection


@contextmanager
def overwriting(connection: Connection) -> Iterator[None]:
    """As long as it lasts, the bytes of what is deleted go too."""
    connection.exec_driver_sql("PRAGMA secure_delete=ON")
    try:
        yield
    finally:
        connection.exec_driver_sql("PRAGMA secure_delete=OFF")
