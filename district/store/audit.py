"""Everything, in order, for the audit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, select, text

from district.store.tables import alias, case_scope, device, feed, log, quarantine, scope_head, undelivered
from models.store.case_table import case_row

_AT_ONCE = 2_000


def entries(connection: Connection) -> Iterator[Row[Any]]:
    """The log."""
    yield from connection.execution_options(yield_per=_AT_ONCE).execute(select(log).order_by(log.c.gseq))


def feed_items(connection: Connection) -> Iterator[Row[Any]]:
    """Every feed, each in its order, with the entries."""
    columns = (feed.c.scope, feed.c.sseq, feed.c.mode, feed.c.document, feed.c.chain.label("scope_chain"), log)
    query = select(*columns).join(log, log.c.gseq == feed.c.gseq).order_by(feed.c.scope, feed.c.sseq)
    yield from connection.execution_options(yield_per=_AT_ONCE).execute(query)


def scope_heads(connection: Connection) -> list[Row[Any]]:
    """Where the feeds end."""
    return list(connection.execute(select(scope_head)).all())


def devices(connection: Connection) -> list[Row[Any]]:
    """Every workstation."""
    return list(connection.execute(select(device)).all())


def aliases(connection: Connection) -> list[Row[Any]]:
    """Places of chains that stand for acts of other chains."""
    return list(connection.execute(select(alias)).all())


def reviewed(connection: Connection) -> list[Row[Any]]:
    """Acts of revoked workstations that a person has decided on."""
    return list(connection.execute(select(quarantine).where(quarantine.c.decision != "")).all())


def case_documents(connection: Connection) -> Iterator[tuple[str, bytes]]:
    """Every case as stored."""
    query = select(case_row.c.id, case_row.c.document)
    for row in connection.execution_options(yield_per=_AT_ONCE).execute(query):
        yield str(row.id), bytes(row.document)


def case_scopes(connection: Connection) -> dict[str, set[str]]:
    """Which feeds carry which case."""
    found: dict[str, set[str]] = {}
    for row in connection.execute(select(case_scope)):
        found.setdefault(row.case_id, set()).add(row.scope)
    return found


def undelivered_of_cases(connection: Connection) -> dict[str, set[tuple[str, str]]]:
    """What no console has yet, with the unit it is for, by case."""
    found: dict[str, set[tuple[str, str]]] = {}
    for row in connection.execute(select(undelivered)):
        found.setdefault(row.case_id, set()).add((row.assignment, row.receiver))
    return found


def damage_of(connection: Connection) -> str:
    """What SQLite finds wrong with its own file; "" when nothing is."""
    found = str(connection.execute(text("PRAGMA integrity_check")).scalar())
    return "" if found == "ok" else found


def identity_of(connection: Connection) -> str:
    """What no other PostgreSQL database has, by whatever address it is reached."""
    asked = text("SELECT current_database() || ' ' || pg_postmaster_start_time()")
    return str(connection.execute(asked).scalar())
