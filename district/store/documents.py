"""Named facts of the district, reference documents and kept snapshots, as rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, delete, exists, insert, select, update

from district.store.tables import case_scope, document, meta, snapshot, snapshot_part
from models.store.case_table import case_row

_DOCUMENTS = (
    select(case_row.c.document).where(case_row.c.id.in_(bindparam("ids", expanding=True))).order_by(case_row.c.id)
)
_META = select(meta.c.value).where(meta.c.name == bindparam("name"))


def read_meta(connection: Connection, name: str, default: str = "") -> str:
    """A named fact."""
    found = connection.execute(_META, {"name": name}).scalar()
    return default if found is None else str(found)


_METAS = select(meta.c.name, meta.c.value).where(meta.c.name.in_(bindparam("names", expanding=True)))


def read_metas(connection: Connection, *names: str) -> dict[str, str]:
    """Several named facts in one question; one that is not there is left out."""
    return {str(row.name): str(row.value) for row in connection.execute(_METAS, {"names": names})}


def write_meta(connection: Connection, name: str, value: str) -> None:
    """Set a named fact."""
    if connection.execute(update(meta).where(meta.c.name == name).values(value=value)).rowcount == 0:
        connection.execute(insert(meta).values(name=name, value=value))


def forget_meta(connection: Connection, name: str) -> None:
    """It is no fact any more."""
    connection.execute(delete(meta).where(meta.c.name == name))


# Documents by their hash


def put_document(connection: Connection, sha256: str, body: bytes) -> None:
    """Keep a document; keeping it twice is keeping it once."""
    if connection.execute(select(document.c.sha256).where(document.c.sha256 == sha256)).first() is None:
        connection.execute(insert(document).values(sha256=sha256, body=body))


def get_document(connection: Connection, sha256: str) -> bytes | None:
    """The document with that hash."""
    found = connection.execute(select(document.c.body).where(document.c.sha256 == sha256)).scalar()
    return None if found is None else bytes(found)


def scope_has_case(connection: Connection, scope: str, case_id: str) -> bool:
    """True when the feed of that unit carries the case."""
    mine = select(case_scope.c.case_id).where(case_scope.c.case_id == case_id, case_scope.c.scope == scope)
    return connection.execute(mine).first() is not None


# Snapshots


# Asked by the end of a case, of which few are still to come or lately past: by its scope, every case the unit ever had would be
# looked at. Put in order afterwards, as the order asked for would have every case looked at as well.
_IN_SCOPE = exists().where(case_scope.c.case_id == case_row.c.id, case_scope.c.scope == bindparam("of"))
_HELD = select(case_row.c.id).where(case_row.c.ended_by >= bindparam("since"), _IN_SCOPE)


def held_cases(connection: Connection, scope: str, since: int) -> list[str]:
    """The cases of a scope that had not ended by then (ms UTC), by id."""
    return sorted(connection.execute(_HELD, {"of": scope, "since": since}).scalars())


def case_documents(connection: Connection, ids: Sequence[str]) -> list[bytes]:
    """These cases by id, as they are stored; no more than one statement takes."""
    return [bytes(line) for line in connection.execute(_DOCUMENTS, {"ids": list(ids)}).scalars()]


def find_snapshot(connection: Connection, scope: str, sseq: int, epoch: int) -> bytes | None:
    """The manifest of a snapshot kept at exactly this place."""
    mine = (snapshot.c.scope == scope, snapshot.c.sseq == sseq, snapshot.c.epoch == epoch)
    found = connection.execute(select(snapshot.c.manifest).where(*mine)).scalar()
    return None if found is None else bytes(found)


def snapshots_of(connection: Connection, scope: str) -> list[Row[Any]]:
    """The kept snapshots of a scope, newest first."""
    mine = select(snapshot).where(snapshot.c.scope == scope)
    return list(connection.execute(mine.order_by(snapshot.c.epoch.desc(), snapshot.c.sseq.desc())).all())


def insert_snapshot(connection: Connection, scope: str, sseq: int, epoch: int, manifest: bytes, now_ms: int) -> None:
    """Keep a manifest."""
    values = {"scope": scope, "sseq": sseq, "epoch": epoch, "manifest": manifest, "taken_at": now_ms}
    connection.execute(insert(snapshot).values(**values))


def drop_snapshot(connection: Connection, scope: str, sseq: int, epoch: int) -> None:
    """Forget a manifest."""
    mine = (snapshot.c.scope == scope, snapshot.c.sseq == sseq, snapshot.c.epoch == epoch)
    connection.execute(delete(snapshot).where(*mine))


def part_names(connection: Connection, scope: str) -> set[str]:
    """The hashes of the parts kept for a scope."""
    return set(connection.execute(select(snapshot_part.c.sha256).where(snapshot_part.c.scope == scope)).scalars())


def insert_part(connection: Connection, scope: str, sha256: str, body: bytes) -> None:
    """Keep a part."""
    connection.execute(insert(snapshot_part).values(scope=scope, sha256=sha256, body=body))


def drop_parts(connection: Connection, scope: str, names: set[str]) -> None:
    """Forget parts no manifest names any more."""
    for name in sorted(names):
        mine = (snapshot_part.c.scope == scope, snapshot_part.c.sha256 == name)
        connection.execute(delete(snapshot_part).where(*mine))


def get_part(connection: Connection, scope: str, sha256: str) -> bytes | None:
    """A part of a kept snapshot of this scope."""
    mine = (snapshot_part.c.scope == scope, snapshot_part.c.sha256 == sha256)
    found = connection.execute(select(snapshot_part.c.body).where(*mine)).scalar()
    return None if found is None else bytes(found)
