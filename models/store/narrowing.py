"""What narrows a queue besides its chip and its words: the cases behind one figure of the alerts page, roster or head."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from sqlalchemy import ColumnElement, Connection, and_, or_, select

from models.case import NO_RESULT, Case, StageClock, State, Verdict
from models.clock import DAY_MS, SHANGHAI_MS
from models.organisation import DISTRICT_CODE
from models.owed_evidence import as_shown
from models.store.case_table import case_row
from models.views import QueueQuery
from models.wire import decode_case

_C = case_row.c
EPOCH_DAY = date(1970, 1, 1).toordinal()
IS_OPEN = _C.is_open.is_(True)
JUDGED = (Verdict.ON_TIME, Verdict.LATE)


def conditions(
    connection: Connection, query: QueueQuery, unit: str, now_lo: int, now_hi: int
) -> list[ColumnElement[bool]]:
    """The conditions of a query's figure at a desk of `unit`, all of which hold; `now_lo` and `now_hi` bound the present."""
    found: list[ColumnElement[bool]] = []
    if query.unit:
        found.append(_C.clock_owner == query.unit)
    if query.stage:
        found.append(_C.clock_stage == query.stage)
    if query.station:
        found.append(_C.station == query.station)
    if query.light:
        found.append(lights(now_lo, now_hi)[query.light])
    if query.promise:
        found.append(_C.id.in_(_judged(connection, query, unit)))
    elif query.day:
        start = midnight(query.day)
        found.append(and_(_C.closed_at >= start, _C.closed_at < start + DAY_MS, _C.close_kind.not_in(NO_RESULT)))
    if query.light == "late":
        found.append(_C.id.in_(late_among(connection, and_(*found), unit)))
    return found


def is_red(now_lo: int) -> ColumnElement[bool]:
    """Surely over. As models/light.py has it: what is 暂定 is never red."""
    return and_(IS_OPEN, _C.due_at < now_lo, _C.clock_provisional.is_(False))


def is_next_of(unit: str) -> ColumnElement[bool]:
    """The next move is this desk's, as models.row.at_desk has it."""
    return or_(_C.next_unit == unit, and_(_C.next_code == "case.log_call", _C.lead == unit))


def is_asked() -> ColumnElement[bool]:
    """Somebody is asked for an answer, or two for a ruling: of an ended case too, whose late result nobody has judged yet."""
    return or_(_C.next_code.like("case.answer\\_%", escape="\\"), and_(IS_OPEN, _C.any_doubtful.is_(True)))


def lights(now_lo: int, now_hi: int) -> dict[str, ColumnElement[bool]]:
    """How a case shines, by the names of models.views.LIGHTS: surely red; yellow, or possibly so; in doubt; green."""
    is_fixed = _C.clock_provisional.is_(False)
    is_yet = or_(_C.due_at >= now_hi, _C.clock_provisional.is_(True))
    is_yellow = and_(_C.yellow_at.is_not(None), _C.yellow_at <= now_hi)
    return {
        "red": is_red(now_lo),
        "yellow": and_(IS_OPEN, is_yellow, is_yet),
        "green": and_(IS_OPEN, is_yet, or_(_C.yellow_at.is_(None), _C.yellow_at > now_hi)),
        "doubtful": and_(IS_OPEN, _C.due_at >= now_lo, _C.due_at < now_hi, is_fixed),
        "running": and_(IS_OPEN, _C.due_at.is_not(None)),
        "late": _C.any_late.is_(True),
    }


def midnight(day: str) -> int:
    """The first instant of a local day "YYYY-MM-DD" (Shanghai is UTC+8 all year)."""
    return (date.fromisoformat(day).toordinal() - EPOCH_DAY) * DAY_MS - SHANGHAI_MS


def stopped_since(connection: Connection, since_ms: int) -> Iterator[tuple[Case, StageClock]]:
    """Every clock that stopped since an instant, with its case: of the cases that were open then or are now."""
    statement = select(_C.document).where(or_(_C.closed_at >= since_ms, IS_OPEN))
    for raw in connection.execute(statement).scalars():
        case = decode_case(bytes(raw))
        for clock in case.clocks:
            if clock.stopped is not None and clock.stopped.shown_at >= since_ms:
                yield case, clock


def is_counted(case: Case, clock: StageClock, unit: str) -> bool:
    """True when the clock's verdict is in a rate at a desk of `unit`: a void case is in none (domain.md §5), and of one that was
    reported twice the case it was merged into is (I12)."""
    return case.state not in (State.VOID, State.MERGED) and _may_be_red(clock, unit)


def was_late(case: Case, unit: str) -> bool:
    """True when a desk of `unit` is shown that the case was late: of a void one nobody is."""
    return case.state is not State.VOID and any(
        clock.verdict is Verdict.LATE and _may_be_red(clock, unit) for clock in case.clocks
    )


def _may_be_red(clock: StageClock, unit: str) -> bool:
    """Not what was judged by a due time that is 暂定; and what the district was late with is red at its own desk alone, no town
    answers for it (R39, practice.md §3)."""
    return not clock.provisional and (clock.owner != DISTRICT_CODE or unit == DISTRICT_CODE)


def late_among(connection: Connection, which: ColumnElement[bool], unit: str) -> list[str]:
    """The ids of such cases that were late for a desk of `unit`. `any_late` is the same for everybody: it says where to look."""
    statement = select(_C.document).where(_C.any_late.is_(True), which)
    cases = (decode_case(bytes(raw)) for raw in connection.execute(statement).scalars())
    return [case.id for case in cases if was_late(case, unit)]


def _judged(connection: Connection, query: QueueQuery, unit: str) -> list[str]:
    end_ms = midnight(query.day) + DAY_MS
    wanted = (Verdict(query.verdict),) if query.verdict else JUDGED
    return list(
        dict.fromkeys(
            case.id
            for case, clock in stopped_since(connection, end_ms - query.days * DAY_MS)
            if clock.stage.value == query.promise
            and is_counted(case, clock, unit)
            and as_shown(case, clock).verdict in wanted
            and clock.stopped is not None
            and clock.stopped.shown_at < end_ms
        )
    )
