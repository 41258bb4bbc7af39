"""The one table of cases, on both sides: flat columns for every list and count, and the whole case beside them (D10)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec
from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Connection,
    Index,
    LargeBinary,
    MetaData,
    Table,
    Text,
    bindparam,
    delete,
    select,
)

from models.case import Case
from models.retention import NEVER_MS, ended_by
from models.row import CaseRow, row_of
from models.store.many_rows import delete_rows, insert_rows
from models.wire import decode_case, encode

metadata = MetaData()
_TYPES: dict[Any, Any] = {str: Text, int: BigInteger, bool: Boolean}
ROW_FIELDS = tuple(CaseRow.__struct_fields__)


def _column(field: msgspec.structs.FieldInfo) -> Column[Any]:
    nullable = field.type not in _TYPES
    return Column(
        field.name, BigInteger if nullable else _TYPES[field.type], nullable=nullable, primary_key=field.name == "id"
    )


case_row = Table(
    "case_row",
    metadata,
    *(_column(field) for field in msgspec.structs.fields(CaseRow)),
    Column("due_sort", BigInteger, nullable=False),
    Column("document", LargeBinary, nullable=False),
    Column("ended_by", BigInteger, nullable=False, server_default=str(NEVER_MS)),
)
Index("case_row_due", case_row.c.is_open, case_row.c.due_sort, case_row.c.id)
Index("case_row_reported", case_row.c.reported_at, case_row.c.id)
Index("case_row_state", case_row.c.state)
Index("case_row_next", case_row.c.next_unit, case_row.c.is_open)
Index("case_row_ended", case_row.c.ended_by)
Index("case_row_category", case_row.c.category, case_row.c.reported_at)


def values_of(case: Case, document: bytes = b"") -> tuple[Any, ...]:
    """The row of a case as a tuple, in column order; `document` is the case encoded, where it is at hand."""
    row = row_of(case)
    return (*msgspec.structs.astuple(row), _due_sort(case, row), document or encode(case), ended_by(case))


def _due_sort(case: Case, row: CaseRow) -> int:
    """Where the case stands among the urgent. One that was sent to a unit which knows nothing of it yet has no running
    clock and is the clerk's to ring about at once (D7): it stands where it was sent, before all that is due later."""
    if row.due_at is not None:
        return row.due_at
    if row.next_code == "case.log_call" and case.lead is not None:
        return case.lead.assigned_at.shown_at
    return NEVER_MS


_DOCUMENT = select(case_row.c.document).where(case_row.c.id == bindparam("id"))
_DOCUMENTS = select(case_row.c.id, case_row.c.document).where(case_row.c.id.in_(bindparam("ids", expanding=True)))
_NAMES = tuple(c.name for c in case_row.columns)


def get_case(connection: Connection, case_id: str) -> Case | None:
    """The case as last stored."""
    raw = connection.execute(_DOCUMENT, {"id": case_id}).scalar()
    return None if raw is None else decode_case(raw)


def get_cases(connection: Connection, case_ids: Iterable[str]) -> dict[str, Case]:
    """Those of these cases that are stored, as last stored."""
    found = connection.execute(_DOCUMENTS, {"ids": list(case_ids)})
    return {str(row.id): decode_case(row.document) for row in found}


def put_cases(connection: Connection, cases: Sequence[Case], *, new: bool = False) -> None:
    """Store cases, replacing earlier versions. `new` promises that none of them is stored yet (bulk load)."""
    if not cases:
        return
    if not new:
        delete_rows(connection, case_row.c.id, (case.id for case in cases))
    insert_rows(connection, case_row, [dict(zip(_NAMES, values_of(case), strict=True)) for case in cases])


def put_case(connection: Connection, case: Case) -> None:
    """Store one case, replacing its earlier version."""
    put_cases(connection, (case,))


def every_case(connection: Connection) -> Iterator[Case]:
    """All cases, oldest first, one at a time: for counting over a whole store."""
    documents = select(case_row.c.document).order_by(case_row.c.reported_at, case_row.c.id)
    for raw in connection.execution_options(yield_per=500).execute(documents).scalars():
        yield decode_case(raw)


def drop_cases(connection: Connection, case_ids: Iterable[str]) -> None:
    """Forget cases that left this store's scope."""
    delete_rows(connection, case_row.c.id, case_ids)


def drop_all(connection: Connection) -> None:
    """Forget every case: another base takes their place in the same transaction."""
    connection.execute(delete(case_row))


def rows(connection: Connection, statement: Any) -> Iterable[CaseRow]:
    """The CaseRows of a select over `case_row`'s leading columns."""
    width = len(ROW_FIELDS)
    for found in connection.execute(statement):
        yield CaseRow(*found[:width])
