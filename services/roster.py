"""值守通讯录, first form: the village workstations of the town, who runs them, the last call, what they have in hand."""

from __future__ import annotations

from sqlalchemy import and_, func, select

from models.evidence import counting_bounds
from models.people import Person, Role
from models.pinyin import initials
from models.store.case_table import case_row
from models.store.console_tables import last_call
from models.store.work import Work
from models.views import StationRow
from services.desk import Desk

_C = case_row.c


def stations(work: Work, desk: Desk, text: str = "") -> tuple[StationRow, ...]:
    """The stations of the desk's town that match the words or pinyin initials typed, in the order of the division list.

    The person on duty is the deputy head: the one the plan makes every village name (二, R14).
    """
    rules = work.rules
    calls = {row.unit: row for row in work.connection.execute(select(last_call))}
    load = _load(work)
    found = []
    for station in rules.stations(rules.town_of(desk.unit)):
        staff = rules.staff(station.code)
        call = calls.get(station.code)
        open_cases, red, yellow = load.get(station.code, (0, 0, 0))
        deputy = _named(staff, Role.STATION_DEPUTY)
        row = StationRow(
            code=station.code,
            name=station.name,
            pinyin_initials=initials(station.name),
            head=_named(staff, Role.STATION_HEAD),
            deputy=deputy,
            members=tuple(p.name for p in staff if Role.GRID_MEMBER in p.roles),
            on_duty=deputy,
            phone=station.duty_phone,
            last_call_at=int(call.at) if call else None,
            last_call_result=str(call.result) if call else "",
            open_cases=open_cases,
            red=red,
            yellow=yellow,
        )
        if _matches(row, text.strip().lower()):
            found.append(row)
    return tuple(found)


def _named(staff: list[Person], role: Role) -> str:
    return next((p.name for p in staff if role in p.roles), "")


def _matches(row: StationRow, text: str) -> bool:
    words = (row.name, row.pinyin_initials, row.head, row.deputy, *row.members, row.phone)
    return not text or any(text in word.lower() for word in words)


def _load(work: Work) -> dict[str, tuple[int, int, int]]:
    """Open cases of each station's place, and how many of the clocks it owes itself are red or yellow."""
    mine = _C.clock_owner == _C.station
    now_lo, now_hi = counting_bounds(work.present())
    red = func.count().filter(and_(mine, _C.due_at < now_lo))
    yellow = func.count().filter(and_(mine, _C.yellow_at <= now_hi, _C.due_at >= now_hi))
    query = select(_C.station, func.count(), red, yellow).where(_C.is_open.is_(True)).group_by(_C.station)
    return {str(r[0]): (int(r[1]), int(r[2]), int(r[3])) for r in work.connection.execute(query)}
