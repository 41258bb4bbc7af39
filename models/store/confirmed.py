"""What the centre confirmed of the cases this console has touched; the rest of `case_row` is confirmed as it is (D10)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Connection, bindparam, select

from models.case import Case
from models.store.case_table import get_cases
from models.store.console_tables import case_confirmed
from models.store.many_rows import delete_rows, insert_rows
from models.wire import decode_case, encode

_TOUCHED = select(case_confirmed.c.case_id)
_DOCUMENTS = select(case_confirmed).where(case_confirmed.c.case_id.in_(bindparam("ids", expanding=True)))


def is_touched(connection: Connection, case_id: str) -> bool:
    """True when unsettled acts of this store lie on top of the case."""
    return (
        connection.execute(select(case_confirmed.c.case_id).where(case_confirmed.c.case_id == case_id)).first()
        is not None
    )


def confirmed(connection: Connection, case_id: str) -> Case | None:
    """The case as the centre last said; None when it does not know it (yet)."""
    return confirmed_of(connection, (case_id,))[case_id]


def confirmed_of(connection: Connection, case_ids: Iterable[str]) -> dict[str, Case | None]:
    """The same for each of many."""
    wanted = dict.fromkeys(case_ids)
    rows = connection.execute(_DOCUMENTS, {"ids": list(wanted)}) if wanted else ()
    aside = {str(row.case_id): None if row.document is None else decode_case(row.document) for row in rows}
    stored = get_cases(connection, wanted.keys() - aside.keys()) if len(aside) < len(wanted) else {}
    return {case_id: aside[case_id] if case_id in aside else stored.get(case_id) for case_id in wanted}


def set_aside(connection: Connection, bases: Mapping[str, Case | None]) -> None:
    """Keep the confirmed cases beside the rows, because own acts are about to lie on top of them. None: the centre does not
    know that one (yet)."""
    release(connection, *bases)
    rows = [{"case_id": i, "document": None if case is None else encode(case)} for i, case in bases.items()]
    insert_rows(connection, case_confirmed, rows)


def release(connection: Connection, *case_ids: str) -> None:
    """No own act lies on top of these any more."""
    delete_rows(connection, case_confirmed.c.case_id, case_ids)


def touched(connection: Connection) -> list[str]:
    """Ids of all cases with own unsettled acts on top."""
    return [str(i) for i in connection.execute(_TOUCHED).scalars()]
