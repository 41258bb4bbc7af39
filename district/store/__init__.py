"""How the district is kept: the only SQL of the district centre. Functions over an open connection; no rule lives here."""

from __future__ import annotations

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DatabaseError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnectionFree

UNAVAILABLE = (OperationalError, InterfaceError, NoConnectionFree)
"""What the database raises when it is busy, full or gone: weather, not a mistake."""

DAMAGED = DatabaseError
"""What it raises, besides those, when its file is damaged or none of its own."""

__all__ = ["DAMAGED", "UNAVAILABLE", "Connection", "Engine"]
