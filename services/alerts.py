"""预警, first form: computed from this store alone, so it is right offline (本机测算; R57, R58). Every figure can be opened."""

from __future__ import annotations

from models.case import NO_RESULT, Case, StageClock, Verdict
from models.clock import DAY_MS, HOUR_MS, SHANGHAI_MS
from models.evidence import counting_bounds
from models.light import Light, light_at
from models.owed_evidence import as_shown
from models.policy import Stage
from models.row import row_of, running
from models.store.case_lists import first_clocks, open_or_closed_since, turning_between
from models.store.narrowing import is_counted, was_late
from models.store.work import Work
from models.views import ColourChange, DayFigures, MatrixCell

PROMISES = (Stage.DISPATCH, Stage.ARRIVAL, Stage.OPINION)
_WORST = (Light.GREEN, Light.YELLOW, Light.DOUBTFUL, Light.RED)


def matrix(work: Work) -> tuple[MatrixCell, ...]:
    """Open cases by the unit and stage whose clock is due first, with the worst light among them."""
    now = work.present()
    cells: dict[tuple[str, str], tuple[int, Light]] = {}
    for owner, stage, yellow_at, due_at, provisional in first_clocks(work.connection):
        light = light_at(now.lo, now.hi, yellow_at, due_at, provisional)
        count, worst = cells.get((owner, stage), (0, Light.GREEN))
        cells[owner, stage] = (count + 1, max(worst, light, key=_WORST.index))
    units = work.rules.organisations
    return tuple(
        MatrixCell(owner, units[owner].name if owner in units else owner, stage, count, worst)
        for (owner, stage), (count, worst) in sorted(cells.items())
    )


def changes(work: Work, hours: int = 2) -> tuple[ColourChange, ...]:
    """What turns yellow or red within the next hours, soonest first. In a doubtful time they are counted from the earliest
    the present can be, and what may have turned already says so (`possibly`): nothing is claimed that is not sure (D8)."""
    now_ms, latest_ms = counting_bounds(work.present())
    until = now_ms + hours * HOUR_MS
    found = []
    for case in turning_between(work.connection, now_ms, until):
        clocks, row = running(case), row_of(case)
        if row.yellow_at is not None and now_ms <= row.yellow_at <= until:
            clock = next(c for c in clocks if c.yellow_at == row.yellow_at)
            found.append(_change(work, case, clock, row.yellow_at, Light.YELLOW, latest_ms))
        if row.due_at is not None and now_ms <= row.due_at <= until and not row.clock_provisional:
            found.append(_change(work, case, clocks[0], row.due_at, Light.RED, latest_ms))
    return tuple(sorted(found, key=lambda c: c.at))


def _change(work: Work, case: Case, clock: StageClock, at_ms: int, to: Light, latest_ms: int) -> ColourChange:
    unit = work.rules.organisations.get(clock.owner)
    name = unit.short_name if unit else clock.owner
    return ColourChange(case.id, case.title, at_ms, to, name, clock.stage.value, at_ms < latest_ms)


def days(work: Work, count: int = 30) -> tuple[DayFigures, ...]:
    """The last days, oldest first: closed and closed late by day of closing; the three promises by the day their clock
    stopped (met, missed, doubtful, 待补证据; 代录 not ratified, duties taken away and what `is_counted` leaves out count nowhere)."""
    unit = work.read_meta("unit")
    today = (work.present().shown_at + SHANGHAI_MS) // DAY_MS
    first = today - count + 1
    since_ms = first * DAY_MS - SHANGHAI_MS
    figures = {day: _Day() for day in range(first, today + 1)}
    for case in open_or_closed_since(work.connection, since_ms):
        if case.closed_at is not None and case.close_kind not in NO_RESULT:
            day = figures.get(_day(case.closed_at.shown_at))
            if day is not None:
                day.closed += 1
                day.late += was_late(case, unit)
        for clock in case.clocks:
            day = figures.get(_day(clock.stopped.shown_at)) if clock.stopped else None
            verdict = as_shown(case, clock).verdict if is_counted(case, clock, unit) else None
            if day is not None and clock.stage in PROMISES and verdict is not None:
                day.count(clock.stage.value, verdict, case.id)
    return tuple(day.frozen(_text(number)) for number, day in figures.items())


class _Day:
    def __init__(self) -> None:
        self.closed = 0
        self.late = 0
        verdicts = (Verdict.ON_TIME, Verdict.LATE, Verdict.DOUBTFUL, Verdict.EVIDENCE_OWED)
        self.judged: dict[Verdict, dict[str, list[str]]] = {verdict: {} for verdict in verdicts}

    def count(self, stage: str, verdict: Verdict, case_id: str) -> None:
        if verdict in self.judged:
            self.judged[verdict].setdefault(stage, []).append(case_id)

    def frozen(self, day: str) -> DayFigures:
        met, missed, doubtful, owed = (
            {stage: tuple(found) for stage, found in by_stage.items()} for by_stage in self.judged.values()
        )
        return DayFigures(day, self.closed, self.late, met, missed, doubtful, owed)


def _day(at_ms: int) -> int:
    return (at_ms + SHANGHAI_MS) // DAY_MS


def _text(day: int) -> str:
    from datetime import date, timedelta

    return (date(1970, 1, 1) + timedelta(days=day)).isoformat()
