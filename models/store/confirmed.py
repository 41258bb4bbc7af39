"""What the centre confirmed of the cases this console has touched; the rest of `case_row` is confirmed as it is (D10)."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, delete, insert, select

from models.case import Case
from models.store.case_table import get_case
from models.store.console_tables import case_confirmed
from models.wire import decode_case, encode

_TOUCHED = select(case_confirmed.c.case_id)
_RELEASE = delete(case_confirmed).where(case_confirmed.c.case_id == bindparam("id"))
_DOCUMENT = select(case_confirmed.c.document).where(case_confirmed.c.case_id == bindparam("id"))


def is_touched(connection: Connection, case_id: str) -> bool:
    """True when unsettled acts of this store lie on top of the case."""
    return (
        connection.execute(select(case_confirmed.c.case_id).where(case_confirmed.c.case_id == case_id)).first()
        is not None
    )


def confirmed(connection: Connection, case_id: str) -> Case | None:
    """The case as the centre last said; None when it does not know it (yet)."""
    row = connection.execute(_DOCUMENT, {"id": case_id}).first()
    if row is None:
        return get_case(connection, case_id)
    return None if row.document is None else decode_case(row.document)


def set_aside(connection: Connection, case_id: str, case: Case | None) -> None:
    """Keep the confirmed case beside the row, because own acts are about to lie on top of it."""
    connection.execute(delete(case_confirmed).where(case_confirmed.c.case_id == case_id))
    document = None if case is None else encode(case)
    connection.execute(insert(case_confirmed).values(case_id=case_id, document=document))


def release(connection: Connection, *case_ids: str) -> None:
    """No own act lies on top of these any more."""
    if case_ids:
        connection.execute(_RELEASE, [{"id": case_id} for case_id in case_ids])


def touched(connection: Connection) -> list[str]:
    """Ids of all cases with own unsettled acts on top."""
    return [str(i) for i in connection.execute(_TOUCHED).scalars()]
