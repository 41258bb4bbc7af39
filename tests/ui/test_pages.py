"""Roster and alerts on a real store: every figure agrees with a plain count over the cases themselves."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from models import commands as c
from models.case import State, Verdict
from models.clock import DAY_MS, MINUTE_MS
from models.light import Light
from models.organisation import DISTRICT_CODE
from models.policy import Stage
from models.reference_files import EDITION
from models.rules import Rules
from models.store.case_table import get_case, put_case
from models.views import CHIPS, SORTS, DayFigures, QueueQuery
from services import alerts, queue, roster
from tests.ui.desks import TOWN, Copy, Desks
from ui.delegates.cells import row_light

STATIONS = ("341002102006", "341002102200", "341002102203")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, rules: Rules) -> tuple[Copy, list[str]]:
    desks = Desks(tmp_path_factory.mktemp("filled"), rules)
    made = []
    for number in range(60):
        desks.clock.now_ms += MINUTE_MS
        station = STATIONS[number % 3]
        code = ("09005", "06010", "06036")[number % 3]
        report = c.Report("", "grid", f"{EDITION}/matter/{code}", f"事项{number}", f"路口{number}", TOWN, station)
        case_id = desks.act(report)
        made.append(case_id)
        if number % 2:
            desks.act(c.File(), case_id)
        if number % 4 == 3:
            desks.act(c.Dispatch(f"{TOWN}-squad"), case_id)
    desks.act(c.LogCall(STATIONS[0], "no_answer"), made[0])
    desks.clock.now_ms += MINUTE_MS
    desks.act(c.LogCall(STATIONS[0], "answered", "x"), made[0])
    return desks.copied(), made


@pytest.fixture
def town(filled: tuple[Copy, list[str]], tmp_path: Path, rules: Rules) -> tuple[Desks, list[str]]:
    desks = Desks(tmp_path, rules)
    desks.take(filled[0])
    return desks, filled[1]


def test_chips_and_pages_agree_with_a_plain_count(town: tuple[Desks, list[str]]) -> None:
    desks, made = town
    every = desks.all_cases(made)
    with desks.work() as work:
        counts = queue.counts(work, desks.desk)
        for chip in CHIPS:
            query = QueueQuery(chip=chip)
            total = counts.chips[chip]
            seen = [r.row.id for o in range(0, total + 7, 7) for r in queue.page(work, desks.desk, query, o, 7).rows]
            assert len(seen) == len(set(seen)) == total == queue.page(work, desks.desk, query, 0, 1).total
        by_state = Counter(case.state for case in every)
        assert counts.chips["to_file"] == by_state[State.REPORTED]
        assert counts.chips["to_dispatch"] == by_state[State.AWAITING_DISPATCH]
        assert counts.chips["unsent"] == len(made) == counts.all_cases
        now = work.present().shown_at
        due = [min(k.due_at for k in case.clocks if k.due_at and k.stopped is None) for case in every if any(
            k.due_at and k.stopped is None for k in case.clocks)]  # fmt: skip
        assert counts.red == sum(d < now for d in due)
        assert counts.red + counts.yellow + counts.green == len(due)


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("descending", [False, True])
def test_every_order_holds_every_case_once_and_finds_its_place(
    town: tuple[Desks, list[str]], sort: str, descending: bool
) -> None:
    desks, made = town
    query = QueueQuery(sort=sort, descending=descending)
    with desks.work() as work:
        rows = queue.page(work, desks.desk, query, 0, 100).rows
        assert {r.row.id for r in rows} == set(made)
        for place in (0, 17, 59):
            assert queue.locate(work, desks.desk, query, rows[place].row.id) == place
    if sort == "due":
        due = [r.row.due_at for r in rows if r.row.due_at is not None]
        assert due == sorted(due, reverse=descending)


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("grouped", [False, True])
@pytest.mark.parametrize("chip", ["open", "closed"])
def test_reading_on_from_a_key_gives_what_counting_off_gives(
    town: tuple[Desks, list[str]], sort: str, descending: bool, grouped: bool, chip: str
) -> None:
    desks, made = town
    for case_id in made[:24:2]:
        desks.act(c.Decline("Not ours"), case_id)
    query = QueueQuery(chip=chip, sort=sort, descending=descending, group_by_unit=grouped)
    with desks.work() as work:
        whole = [r.row.id for r in queue.page(work, desks.desk, query, 0, 100).rows]
        assert len(whole) == (12 if chip == "closed" else 48)
        after: tuple[str | int, ...] = ()
        read: list[str] = []
        for offset in range(0, len(whole), 5):
            found = queue.page(work, desks.desk, query, offset, 5, after)
            assert found.total == len(whole)
            read += [r.row.id for r in found.rows]
            after = found.last_key
    assert read == whole


def test_whom_nobody_has_told_yet_stands_before_what_is_due_later(town: tuple[Desks, list[str]]) -> None:
    """Sent with the line down, known to nobody (D7): the clerk must ring now, though no clock of the unit runs."""
    desks, _made = town
    desks.clock.now_ms += 5 * MINUTE_MS
    station = STATIONS[0]
    report = c.Report("", "grid", f"{EDITION}/matter/09005", "占道", "路口", TOWN, station)
    case_id = desks.act(report)
    desks.act(c.File(), case_id)
    desks.act(c.Dispatch(f"{TOWN}-squad"), case_id)
    with desks.work() as work:
        rows = [r.row for r in queue.page(work, desks.desk, QueueQuery(), 0, 100).rows]
    place = next(n for n, row in enumerate(rows) if row.id == case_id)
    now = desks.clock.now_ms
    assert all(row.due_at is None or row.due_at <= now for row in rows[:place])
    assert any(row.due_at is not None and row.due_at > now for row in rows[place:])


@pytest.mark.parametrize(
    "text, expected", [("路口17", 1), ("lk17", 1), ("事项5", 11), ("事项 路口59", 1), ("没有这个", 0), ("龙山", 20)]
)
def test_search_finds_characters_and_initials(town: tuple[Desks, list[str]], text: str, expected: int) -> None:
    desks, _ = town
    with desks.work() as work:
        assert queue.page(work, desks.desk, QueueQuery(text=text), 0, 100).total == expected


def test_the_roster_says_who_what_and_when(town: tuple[Desks, list[str]]) -> None:
    desks, _ = town
    with desks.work() as work:
        rows = {r.code: r for r in roster.stations(work, desks.desk)}
        assert len(rows) == 11 and all(r.deputy and r.head and r.members for r in rows.values())
        assert [rows[s].open_cases for s in STATIONS] == [20, 20, 20]
        assert rows[STATIONS[0]].last_call_result == "answered"
        assert abs((rows[STATIONS[0]].last_call_at or 0) - desks.clock.now_ms) <= 1
        assert rows[STATIONS[1]].last_call_at is None
        assert [r.code for r in roster.stations(work, desks.desk, "lssq")] == ["341002102006"]


def test_alerts_agree_with_a_plain_count(town: tuple[Desks, list[str]]) -> None:
    desks, made = town
    with desks.work() as work:
        cells = alerts.matrix(work)
        counts = queue.counts(work, desks.desk)
        assert sum(cell.count for cell in cells) == counts.red + counts.yellow + counts.green
        for cell in cells:
            assert queue.page(work, desks.desk, QueueQuery(unit=cell.unit, stage=cell.stage), 0, 1).total == cell.count
        now = work.present().shown_at
        soon = alerts.changes(work)
        assert soon and all(now <= change.at <= now + 120 * MINUTE_MS for change in soon)
        assert [change.at for change in soon] == sorted(change.at for change in soon)
        days = alerts.days(work)
    stopped = [k for case in desks.all_cases(made) for k in case.clocks if k.stopped and k.stage.value == "dispatch"]
    assert len(days) == 30
    assert sum(len(d.met.get("dispatch", ())) for d in days) == sum(k.verdict is Verdict.ON_TIME for k in stopped)
    assert sum(len(d.missed.get("dispatch", ())) for d in days) == sum(k.verdict is Verdict.LATE for k in stopped)


def test_what_is_void_or_late_by_a_due_time_that_may_still_move_is_in_no_rate(
    town: tuple[Desks, list[str]],
) -> None:
    desks, made = town
    desks.clock.now_ms += 20 * MINUTE_MS
    desks.act(c.Dispatch(f"{TOWN}-squad"), made[1])
    (day,) = {day.day for day in _missed(desks, made[1])}
    assert _listed(desks, day, made[1])
    with desks.work() as work:
        case = get_case(work.connection, made[1])
        assert case is not None
        void = replace(case, state=State.VOID, close_kind="void", closed_at=case.reported_at)
        put_case(work.connection, void)
        work.commit()
    assert not _missed(desks, made[1]) and not _listed(desks, day, made[1])
    with desks.work() as work:
        clocks = tuple(replace(k, provisional=True) for k in case.clocks)
        put_case(work.connection, replace(case, clocks=clocks))
        work.commit()
    assert not _missed(desks, made[1]) and not _listed(desks, day, made[1])


@pytest.mark.parametrize("provisional", [False, True])
def test_a_due_time_that_may_still_move_turns_nothing_red(town: tuple[Desks, list[str]], provisional: bool) -> None:
    """practice.md §3: a year without its notice makes no red. It is yellow, 暂定, however long it is over."""
    desks, made = town
    every = [case for case in desks.all_cases(made) if case.is_open]
    with desks.work() as work:
        for case in every:
            clocks = tuple(replace(clock, provisional=provisional) for clock in case.clocks)
            put_case(work.connection, replace(case, clocks=clocks))
        work.commit()
    with desks.work() as work:
        turning = {change.to for change in alerts.changes(work)}
    desks.clock.now_ms += 400 * DAY_MS
    with desks.work() as work:
        counts, worst = queue.counts(work, desks.desk), {cell.worst for cell in alerts.matrix(work)}
        shown = queue.page(work, desks.desk, QueueQuery(chip="open"), 0, 99).rows
        listed = {
            light: queue.page(work, desks.desk, QueueQuery(light=light), 0, 1).total for light in ("red", "yellow")
        }
        overdue = queue.page(work, desks.desk, QueueQuery(chip="overdue"), 0, 1).total
        now = work.present()
    running = [row.row for row in shown if row.row.due_at is not None]
    lights = {row_light(row, now.lo, now.hi) for row in running}
    wanted = (0, len(running)) if provisional else (len(running), 0)
    assert running and (counts.red, counts.yellow) == (listed["red"], listed["yellow"]) == wanted
    assert counts.chips["overdue"] == overdue == wanted[0]
    assert worst == lights == {Light.YELLOW if provisional else Light.RED}
    assert (Light.RED in turning) is not provisional


OWN, THE_DISTRICTS, MAY_MOVE = {"owner": TOWN}, {"owner": DISTRICT_CODE}, {"owner": TOWN, "provisional": True}


@pytest.mark.parametrize(
    ("unit", "clock", "is_late"),
    [
        (TOWN, OWN, True),
        (TOWN, THE_DISTRICTS, False),
        (TOWN, MAY_MOVE, False),
        (DISTRICT_CODE, THE_DISTRICTS, True),
        (DISTRICT_CODE, OWN, True),
    ],
)
def test_what_the_district_was_late_with_is_red_at_its_own_desk_only(
    town: tuple[Desks, list[str]], unit: str, clock: dict[str, Any], is_late: bool
) -> None:
    """What a town is shown is what it answers for (R39); a due time that may still move shows no red."""
    desks, made = town
    desks.desk = replace(desks.desk, unit=unit)
    with desks.work() as work:
        work.write_meta("unit", unit)
        case = get_case(work.connection, made[3])
        assert case is not None
        (dispatch,) = (k for k in case.clocks if k.stage is Stage.DISPATCH)
        clocks = (replace(dispatch, verdict=Verdict.LATE, **clock),)
        put_case(
            work.connection,
            replace(case, state=State.CLOSED, close_kind="confirmed", closed_at=dispatch.stopped, clocks=clocks),
        )
        work.commit()
        (today,) = (day for day in alerts.days(work) if day.closed)
        shown = queue.page(work, desks.desk, QueueQuery(chip="closed"), 0, 9).rows
        in_place, _groups = queue.in_place(work, desks.desk, QueueQuery(chip="closed"), [made[3]])
        query = QueueQuery(chip="closed", day=today.day, light="late")
        listed = queue.page(work, desks.desk, query, 0, 9).rows
    assert today.closed_late == len(listed) == is_late
    assert [row.row.any_late for row in (*shown, *in_place)] == [is_late] * 2
    assert bool(_missed(desks, made[3])) is is_late and _listed(desks, today.day, made[3]) is is_late


def _missed(desks: Desks, case_id: str) -> list[DayFigures]:
    with desks.work() as work:
        return [day for day in alerts.days(work) if case_id in day.missed.get("dispatch", ())]


def _listed(desks: Desks, day: str, case_id: str) -> bool:
    query = QueueQuery(chip="all", promise="dispatch", day=day, verdict="late")
    with desks.work() as work:
        return case_id in {line.row.id for line in queue.page(work, desks.desk, query, 0, 200).rows}
