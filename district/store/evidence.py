"""What the order holds on one case, heads of the district's chain, and who took an evidence file, as rows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from district.store.tables import device, evidence_export, log
from models.store.case_table import case_row
from models.wire import GENESIS

_AT_ONCE = 400


def entries_of_case(connection: Connection, case_id: str) -> list[Row[Any]]:
    """Every entry about a case, in the order."""
    return list(connection.execute(select(log).where(log.c.case_id == case_id).order_by(log.c.gseq)))


def heads_at(connection: Connection, places: Iterable[int]) -> dict[int, str]:
    """The district's chain at these places of the order; a place it does not reach is left out."""
    wanted = sorted(set(places))
    found = {0: GENESIS} if 0 in wanted else {}
    for start in range(0, len(wanted), _AT_ONCE):
        mine = select(log.c.gseq, log.c.chain).where(log.c.gseq.in_(wanted[start : start + _AT_ONCE]))
        found.update({int(row.gseq): str(row.chain) for row in connection.execute(mine.order_by(log.c.gseq))})
    return found


def devices_named(connection: Connection, ids: set[str]) -> list[Row[Any]]:
    """These workstations."""
    return list(connection.execute(select(device).where(device.c.id.in_(sorted(ids))).order_by(device.c.id)))


def cases_numbered(connection: Connection, number: str) -> list[str]:
    """The ids of the cases with a number as people say it."""
    return list(connection.execute(select(case_row.c.id).where(case_row.c.number == number)).scalars())


# Who took one


def insert_export(connection: Connection, **told: str | int) -> None:
    """An evidence file was given out: case_id, person, unit, device, made_at, head_gseq, sha256."""
    connection.execute(insert(evidence_export).values(**told))


def exports_of(connection: Connection, case_id: str) -> list[Row[Any]]:
    """Every evidence file of a case that was given out, oldest first."""
    mine = select(evidence_export).where(evidence_export.c.case_id == case_id)
    return list(connection.execute(mine.order_by(evidence_export.c.made_at, evidence_export.c.sha256)))
