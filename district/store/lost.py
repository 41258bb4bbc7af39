"""What workstations say their acts had come to before the centre was put back, as rows; and what those came to since. What is said of
an act counts only from a workstation of the unit that made it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import asdict
from sqlalchemy import Connection, Row, and_, func, or_, select

from district.store.documents import read_meta, read_metas, write_meta
from district.store.tables import deferral, device, log, lost
from models.recovery import EFFECTIVE, Was, WasClock
from models.store.case_table import case_row
from models.store.many_rows import insert_rows
from models.wire import decode, encode

Place = tuple[int, int]
"""Of a past order: the number of its history, the place in it."""

Clocks = dict[str, WasClock]
"""By id."""

_CLOCKS = "clocks_before:"
_TELLER = device.alias("teller")
_IS_DECIDED = or_(log.c.outcome != "deferred", deferral.c.settled_gseq.is_not(None))


def note(connection: Connection, teller: str, told: Sequence[Was], now_ms: int) -> None:
    """Keep what a workstation says; what it said of an act before stays as it was."""
    fresh = {was.cmd_id: was for was in told}
    known = select(lost.c.cmd_id).where(lost.c.device == teller, lost.c.cmd_id.in_(list(fresh)))
    for cmd_id in connection.execute(known).scalars():
        del fresh[cmd_id]
    rows = [{**asdict(was), "device": teller, "told_at": now_ms} for was in fresh.values()]
    for row in rows:
        del row["clocks"]
    insert_rows(connection, lost, rows)
    clocks = {was.cmd_id: was.clocks for was in fresh.values() if was.clocks}
    if clocks:
        name = _CLOCKS + teller
        write_meta(connection, name, encode({**_clocks(read_meta(connection, name)), **clocks}).decode())


def clocks_told(connection: Connection) -> dict[str, Clocks]:
    """What was said of the clocks of acts, by act: of several workstations that told of one (its maker, and who carried it) the
    word of one that knows its clocks."""
    asked = select(lost.c.cmd_id, lost.c.device, lost.c.epoch, lost.c.gseq).select_from(_told())
    rows = connection.execute(asked.order_by(lost.c.epoch, lost.c.gseq, lost.c.device)).all()
    tellers = {str(row.device) for row in rows}
    words = read_metas(connection, *(_CLOCKS + teller for teller in sorted(tellers)))
    told = {teller: _clocks(words.get(_CLOCKS + teller, "")) for teller in tellers}
    places: dict[str, Place] = {}
    found: dict[str, Clocks] = {}
    for row in rows:
        clocks = told[row.device].get(row.cmd_id)
        if places.setdefault(row.cmd_id, (row.epoch, row.gseq)) == (row.epoch, row.gseq) and clocks:
            found.setdefault(row.cmd_id, clocks)
    return found


def _clocks(words: str) -> dict[str, Clocks]:
    return decode(words, dict[str, Clocks]) if words else {}


def told_of(connection: Connection, cmd_ids: Sequence[str], unit: str) -> set[str]:
    """Those of these acts that a workstation of the unit said were lost."""
    told = select(lost.c.cmd_id).join(device, device.c.id == lost.c.device)
    return set(connection.execute(told.where(device.c.unit == unit, lost.c.cmd_id.in_(cmd_ids))).scalars())


def told_effective(connection: Connection, cmd_id: str, unit: str) -> bool:
    """True when a workstation of the unit said that this act had taken effect before it was lost."""
    told = select(lost.c.cmd_id).join(device, device.c.id == lost.c.device)
    mine = told.where(device.c.unit == unit, lost.c.cmd_id == cmd_id, lost.c.outcome.in_(EFFECTIVE))
    return connection.execute(mine).first() is not None


def began_after(connection: Connection, case_id: str, gseq: int) -> bool:
    """True when the first the order heard of the case came after that place, and its unit does not say that it was lost."""
    first = select(log.c.gseq, log.c.cmd_id, device.c.unit).join(device, device.c.id == log.c.device)
    found = connection.execute(first.where(log.c.case_id == case_id).order_by(log.c.gseq).limit(1)).first()
    return found is not None and int(found.gseq) > gseq and not told_of(connection, [found.cmd_id], found.unit)


def makers_of_undecided(connection: Connection) -> dict[str, str]:
    """The workstation of every act that is kept undecided."""
    mine = select(log.c.cmd_id, log.c.device).join(deferral, deferral.c.cmd_id == log.c.cmd_id)
    return {row.cmd_id: row.device for row in connection.execute(mine.where(deferral.c.settled_gseq.is_(None)))}


def places_of_undecided(connection: Connection) -> dict[str, Place]:
    """The first place they had, those that had one."""
    asked = select(lost.c.cmd_id, lost.c.epoch, lost.c.gseq).select_from(_told())
    found: dict[str, Place] = {}
    for row in connection.execute(asked.where(~_IS_DECIDED)):
        place = (int(row.epoch), int(row.gseq))
        found[row.cmd_id] = min(found.get(row.cmd_id, place), place)
    return found


def count_told(connection: Connection) -> int:
    """How many acts are said to have been lost, back or not."""
    return int(connection.execute(select(func.count(lost.c.cmd_id.distinct()))).scalar_one())


def decided_again(connection: Connection) -> list[Row[Any]]:
    """Every lost act that is decided again, once: what it was, what the log says it came to, who made it. Newest first."""
    of_act = (log.c.cmd_id, log.c.outcome, log.c.reason, log.c.actor, log.c.kind, log.c.case_id)
    was = (lost.c.outcome.label("was"), lost.c.code.label("was_code"), lost.c.epoch)
    settled = (deferral.c.outcome.label("settled"), deferral.c.code.label("settled_code"))
    asked = select(*of_act, *was, *settled, device.c.unit, device.c.slot, case_row.c.number)
    asked = asked.select_from(_told().outerjoin(case_row, case_row.c.id == log.c.case_id)).where(_IS_DECIDED)
    newest_first = asked.order_by(log.c.gseq.desc(), lost.c.epoch, lost.c.gseq)
    rows: list[Row[Any]] = list(connection.execute(newest_first))
    found: dict[str, Row[Any]] = {}
    for row in rows:
        found.setdefault(row.cmd_id, row)
    return list(found.values())


def _told() -> Any:
    """What was said of acts the order has, by workstations of the unit that made them; `device` is the maker."""
    made = lost.join(log, log.c.cmd_id == lost.c.cmd_id).join(device, device.c.id == log.c.device)
    by_its_unit = and_(_TELLER.c.id == lost.c.device, _TELLER.c.unit == device.c.unit)
    return made.join(_TELLER, by_its_unit).outerjoin(deferral, deferral.c.cmd_id == log.c.cmd_id)
