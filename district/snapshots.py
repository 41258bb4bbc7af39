"""A scope's state at one place of its feed: a manifest and content-addressed parts (sync.md §3.4, §3.11)."""

from __future__ import annotations

import hashlib

from sqlalchemy import Connection, delete, insert, select

from district.journal import epoch_of
from district.store.tables import case_scope, scope_head, snapshot_part
from models.store.case_table import case_row
from models.wire import GENESIS, SnapshotManifest, SnapshotPart

CASES_A_PART = 1_000


def take(connection: Connection, scope: str, now_ms: int) -> SnapshotManifest:
    """Write the scope's parts anew and describe them. Must run inside one transaction: rows and place belong together."""
    head = connection.execute(select(scope_head).where(scope_head.c.scope == scope)).first()
    query = select(case_row.c.id, case_row.c.document).join(case_scope, case_scope.c.case_id == case_row.c.id)
    rows = connection.execute(query.where(case_scope.c.scope == scope).order_by(case_row.c.id)).all()
    connection.execute(delete(snapshot_part).where(snapshot_part.c.scope == scope))
    parts = []
    state = hashlib.sha256()
    for start in range(0, len(rows), CASES_A_PART):
        lines = [bytes(row.document) for row in rows[start : start + CASES_A_PART]]
        for line in lines:
            state.update(hashlib.sha256(line).digest())
        body = b"\n".join(lines) + b"\n"
        name = hashlib.sha256(body).hexdigest()
        connection.execute(insert(snapshot_part).values(scope=scope, sha256=name, body=body))
        parts.append(SnapshotPart(name, len(body), len(lines)))
    sseq, chain = (0, GENESIS) if head is None else (int(head.sseq), str(head.chain))
    return SnapshotManifest(epoch_of(connection), scope, sseq, chain, state.hexdigest(), parts, now_ms)


def part(connection: Connection, scope: str, sha256: str) -> bytes | None:
    """One part of the scope's last snapshot; None when it is not there (take a new snapshot)."""
    query = select(snapshot_part.c.body).where(snapshot_part.c.scope == scope, snapshot_part.c.sha256 == sha256)
    found = connection.execute(query).scalar()
    return None if found is None else bytes(found)
