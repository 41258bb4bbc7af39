"""What is done from the roster: the cases a station can be rung about, the call logged on one of them, a case sent to it."""

from __future__ import annotations

from models import commands as c
from models.case import AssignmentRole
from models.decide import allowed
from models.row import row_of
from models.store.case_lists import about_station
from models.store.case_table import get_case
from models.store.work import Work
from models.views import StationCase
from services import cases
from services.cases import Acted, actor_at
from services.desk import Desk
from services.owner_workstation import at_another

MOST = 60


def cases_of(work: Work, desk: Desk, station: str, elsewhere: bool = False) -> tuple[StationCase, ...]:
    """Open cases of the station's place or in its hands; `elsewhere` adds, behind them, what this desk has yet to send
    that lies in another village. What can be sent to the station stands first, then what is due first. `may_dispatch`
    and `may_call` as the rule book allows this person now."""
    actor, rules, now_ms = actor_at(work, desk), work.rules, work.present().lo
    takes = station in {unit.code for unit in rules.assignable_units(desk.unit)}
    found = []
    for case in about_station(work.connection, station, elsewhere, MOST):
        kinds, row = allowed(case, actor, rules, now_ms), row_of(case)
        place = rules.organisations.get(row.station)
        found.append(
            StationCase(
                id=case.id,
                number=case.number,
                title=case.title,
                place=case.place,
                state=case.state.value,
                due_at=row.due_at,
                yellow_at=row.yellow_at,
                stage=row.clock_stage,
                provisional=row.clock_provisional,
                may_call="case.log_call" in kinds,
                may_dispatch=takes and "case.dispatch" in kinds,
                elsewhere=station not in (row.station, row.lead),
                station_name=place.short_name if place else "",
                at_another=at_another(work, desk, case),
            )
        )
    return tuple(found)


def ring(work: Work, desk: Desk, station: str, case_id: str, result: str, who: str) -> Acted:
    """Log what came of a call to the station about a case; answered, it tells the station of what it was sent (D7)."""
    case = get_case(work.connection, case_id)
    held = case.assignments if case is not None else ()
    duties = [a for a in held if a.receiver == station and not a.ended and a.role is not AssignmentRole.TOWN]
    acted = cases.act(work, desk, c.LogCall(station, result, who, duties[0].id if duties else "", who), case_id)
    work.commit()
    return acted


def send(work: Work, desk: Desk, station: str, case_id: str) -> Acted:
    """派发 the case to the station. Refused says why not."""
    acted = cases.act(work, desk, c.Dispatch(station), case_id)
    work.commit()
    return acted
