"""What workstations say their acts had come to before the centre was put back, as rows; and what those came to since."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, and_, func, or_, select

from district.store.records import Deferral
from district.store.tables import deferral, device, log, lost
from models.recovery import Was
from models.store.case_table import case_row
from models.store.many_rows import insert_rows

_AT_ONCE = 400


def note(connection: Connection, teller: str, told: Sequence[Was], now_ms: int) -> None:
    """Keep what a workstation says; what it said of an act before stays as it was."""
    for start in range(0, len(told), _AT_ONCE):
        page = {was.cmd_id: was for was in told[start : start + _AT_ONCE]}
        mine = select(lost.c.cmd_id).where(lost.c.device == teller, lost.c.cmd_id.in_(list(page)))
        known = set(connection.execute(mine).scalars())
        fresh = [
            {
                "cmd_id": was.cmd_id,
                "device": teller,
                "epoch": was.epoch,
                "gseq": was.gseq,
                "outcome": was.outcome,
                "code": was.code,
                "told_at": now_ms,
            }
            for was in page.values()
            if was.cmd_id not in known
        ]
        insert_rows(connection, lost, fresh)


def told_of(connection: Connection, cmd_ids: Sequence[str], unit: str) -> set[str]:
    """Those of these acts that a workstation of the unit said were lost."""
    found: set[str] = set()
    told = select(lost.c.cmd_id).select_from(lost.join(device, device.c.id == lost.c.device))
    for start in range(0, len(cmd_ids), _AT_ONCE):
        page = cmd_ids[start : start + _AT_ONCE]
        found.update(connection.execute(told.where(device.c.unit == unit, lost.c.cmd_id.in_(page))).scalars())
    return found


def began_after(connection: Connection, case_id: str, gseq: int) -> bool:
    """True when the first the order heard of the case came after that place, and its unit does not say that it was lost."""
    first = select(log.c.gseq, log.c.cmd_id, device.c.unit).join(device, device.c.id == log.c.device)
    found = connection.execute(first.where(log.c.case_id == case_id).order_by(log.c.gseq).limit(1)).first()
    return found is not None and int(found.gseq) > gseq and not told_of(connection, [found.cmd_id], found.unit)


def places_of(connection: Connection, deferrals: Sequence[Deferral]) -> dict[str, tuple[str, tuple[int, int] | None]]:
    """The workstation of each act, and the place (history, number) it had as a workstation of the same unit says."""
    found: dict[str, tuple[str, tuple[int, int] | None]] = {}
    teller = device.alias("teller")
    told = lost.join(teller, teller.c.id == lost.c.device)
    of_this_act = and_(lost.c.cmd_id == deferral.c.cmd_id, teller.c.unit == deferral.c.unit)
    joined = deferral.join(log, log.c.cmd_id == deferral.c.cmd_id).outerjoin(told, of_this_act)
    for start in range(0, len(deferrals), _AT_ONCE):
        ids = [one.cmd_id for one in deferrals[start : start + _AT_ONCE]]
        asked = select(deferral.c.cmd_id, log.c.device, lost.c.epoch, lost.c.gseq.label("was")).select_from(joined)
        for row in connection.execute(asked.where(deferral.c.cmd_id.in_(ids))):
            was = None if row.was is None else (int(row.epoch), int(row.was))
            before = found.get(row.cmd_id)
            if before is None or before[1] is None or (was is not None and was < before[1]):
                found[row.cmd_id] = (row.device, was)
    return found


# What came of them

_IS_DECIDED = or_(log.c.outcome != "deferred", deferral.c.settled_gseq.is_not(None))


def counts(connection: Connection) -> tuple[int, int]:
    """How many acts were told of as lost, and how many of those are decided again."""
    offered = connection.execute(select(func.count(lost.c.cmd_id.distinct()))).scalar_one()
    back = select(func.count(lost.c.cmd_id.distinct())).select_from(_joined()).where(_IS_DECIDED)
    return int(offered), int(connection.execute(back).scalar_one())


def decided_again(connection: Connection) -> list[Row[Any]]:
    """Every lost act that is decided again: what it was, what the log says it came to, who made it. Newest first."""
    of_act = (log.c.cmd_id, log.c.outcome, log.c.reason, log.c.actor, log.c.kind, log.c.case_id)
    was = (lost.c.outcome.label("was"), lost.c.code.label("was_code"))
    settled = (deferral.c.outcome.label("settled"), deferral.c.code.label("settled_code"))
    asked = select(*of_act, *was, *settled, device.c.unit, device.c.slot, case_row.c.number)
    with_device = _joined().join(device, device.c.id == log.c.device)
    asked = asked.select_from(with_device.outerjoin(case_row, case_row.c.id == log.c.case_id))
    rows: list[Row[Any]] = list(connection.execute(asked.where(_IS_DECIDED).order_by(log.c.gseq.desc())))
    return rows


def _joined() -> Any:
    return lost.join(log, log.c.cmd_id == lost.c.cmd_id).outerjoin(deferral, deferral.c.cmd_id == log.c.cmd_id)
