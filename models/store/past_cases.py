"""Cases whose end is long past, on a workstation: let go in time; one that somebody asked the centre for stays for a week
(sync.md §3.11)."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, delete, insert, select

from models.retention import horizon
from models.store import blobs, carried, confirmed, outbox
from models.store.case_table import case_row, drop_cases
from models.store.console_tables import fetched_case
from models.store.search import forget

_STILL_WANTED = select(fetched_case.c.case_id)
_PAST = (
    select(case_row.c.id)
    .where(case_row.c.ended_by < bindparam("since"), case_row.c.id.not_in(_STILL_WANTED))
    .order_by(case_row.c.ended_by, case_row.c.id)
)


def let_go(connection: Connection, now_ms: int, most: int) -> list[str]:
    """Forget up to `most` cases of the past, as the centre's clock has it, and return them. What an act of this store still
    waits on, or a file that the centre has not got, stays."""
    connection.execute(delete(fetched_case).where(fetched_case.c.until <= now_ms))
    needed = {*confirmed.touched(connection), *outbox.waiting_cases(connection), *carried.cases_on_top(connection)}
    needed |= {held.case_id for held, _act in blobs.waiting(connection)}
    found = connection.execute(_PAST.limit(most + len(needed)), {"since": horizon(now_ms)}).scalars()
    gone = [str(case_id) for case_id in found if case_id not in needed][:most]
    drop_cases(connection, gone)
    forget(connection, gone)
    return gone


def hold(connection: Connection, case_ids: Iterable[str], until_ms: int) -> None:
    """Somebody asked for these: they stay until then (ms UTC)."""
    for case_id in case_ids:
        connection.execute(delete(fetched_case).where(fetched_case.c.case_id == case_id))
        connection.execute(insert(fetched_case).values(case_id=case_id, until=until_ms))


def hold_none(connection: Connection) -> None:
    """None of those that somebody asked for is here any more."""
    connection.execute(delete(fetched_case))
