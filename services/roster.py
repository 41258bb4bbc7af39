"""值守通讯录, first form: the village workstations of the town, who runs them, the last call, what they have in hand."""

from __future__ import annotations

from models.evidence import counting_bounds
from models.found_by import folded, found_by
from models.people import Person, Role
from models.store.case_lists import station_loads
from models.store.search import last_calls
from models.store.work import Work
from models.views import StationRow
from services.desk import Desk


def stations(work: Work, desk: Desk, text: str = "") -> tuple[StationRow, ...]:
    """The stations of the desk's town that match the words or pinyin initials typed, in the order of the division list,
    each with who is on duty now."""
    rules, now_ms = work.rules, work.present().shown_at
    calls = last_calls(work.connection)
    load = station_loads(work.connection, *counting_bounds(work.present()))
    found = []
    for station in rules.stations(rules.town_of(desk.unit)):
        staff = rules.staff(station.code)
        call = calls.get(station.code)
        open_cases, red, yellow, own_red, own_yellow = load.get(station.code, (0, 0, 0, 0, 0))
        on_duty = rules.on_duty(station.code, now_ms)
        row = StationRow(
            code=station.code,
            name=station.name,
            head=_named(staff, Role.STATION_HEAD),
            deputy=_named(staff, Role.STATION_DEPUTY),
            members=tuple(p.name for p in staff if Role.GRID_MEMBER in p.roles),
            on_duty=on_duty.name if on_duty else "",
            on_duty_title=on_duty.title if on_duty else "",
            phone=station.duty_phone,
            last_call_at=call[0] if call else None,
            last_call_result=call[1] if call else "",
            open_cases=open_cases,
            red=red,
            yellow=yellow,
            own_red=own_red,
            own_yellow=own_yellow,
        )
        if _matches(row, folded(text).strip()):
            found.append(row)
    return tuple(found)


def _named(staff: list[Person], role: Role) -> str:
    return next((p.name for p in staff if role in p.roles), "")


def _matches(row: StationRow, text: str) -> bool:
    return any(text in found_by(word) for word in (row.name, row.head, row.deputy, *row.members, row.phone))
